"""What an answer that is not the one we asked for means: from a status and a body to an exception.

Bitbucket's errors come in several shapes, some of them not JSON at all; every shape that was seen recorded is read here, and
none can make this module raise anything but a BitbucketError.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import msgspec

from bitbucket.errors import (
    Answered,
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    GrantRefused,
    NotFound,
    NotJson,
    NotYetReady,
    RateLimited,
    ServerFault,
    TimedOutThere,
    Unauthorized,
    UnexpectedRedirect,
    UnexpectedShape,
)
from bitbucket.messages import Response

_T = TypeVar("_T")

SHORTEST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
WAIT_AFTER_RATE_LIMIT: Final = timedelta(minutes=5)
WAIT_AFTER_FAULT: Final = timedelta(seconds=30)
WAIT_WHILE_WORKING: Final = timedelta(seconds=2)
LONGEST_MESSAGE: Final = 500

_BY_STATUS: Final[Mapping[int, type[Answered]]] = {
    202: NotYetReady,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    429: RateLimited,
    555: TimedOutThere,
}
_WAITS: Final[Mapping[type[Answered], timedelta]] = {
    RateLimited: WAIT_AFTER_RATE_LIMIT,
    ServerFault: WAIT_AFTER_FAULT,
    TimedOutThere: WAIT_AFTER_FAULT,
    NotYetReady: WAIT_WHILE_WORKING,
}


def error_from(response: Response, *, now: datetime) -> Answered:
    """The exception for an answer, whatever its body is. `now` (aware UTC) is what `retry_at` counts from."""
    kind = _kind_of(response.status)
    error = _from_body(kind, response)
    wait = _WAITS.get(kind)
    if wait is not None:
        error.retry_at = retry_at(response.headers.get("Retry-After"), now=now, otherwise=wait)
    if isinstance(error, NotYetReady):
        error.location = response.headers.get("Location")
    return error


def grant_error_from(response: Response, *, now: datetime) -> Answered:
    """The exception for an answer of the OAuth endpoint, whose "no" is RFC 6749's: `{"error", "error_description"}`.

    A 400 or 401 is GrantRefused; anything else is what `error_from` makes of it.
    """
    if response.status not in {400, 401}:
        return error_from(response, now=now)
    body = _object(response.body)
    code = body.get("error")
    description = body.get("error_description")
    message = description if isinstance(description, str) else "The token endpoint refused."
    return GrantRefused(_shown(message), status=response.status, error_code=code if isinstance(code, str) else "")


def retry_at(retry_after: str | None, *, now: datetime, otherwise: timedelta) -> datetime:
    """When to try again, never sooner than 1 s and never later than 15 min from `now`.

    `retry_after` is the header, in seconds or as a date; where it says nothing that can be read, `otherwise` holds.
    """
    wait = _wait_from(retry_after or "", now=now)
    return now + min(max(otherwise if wait is None else wait, SHORTEST_WAIT), LONGEST_WAIT)


def decode(body: bytes, kind: type[_T]) -> _T:
    """A JSON body as `kind`, a struct or any type that msgspec knows.

    Raises NotJson for what is not JSON, UnexpectedShape (with the path to the member) for what is not `kind`.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise UnexpectedShape(_shown(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson("The answer is not JSON.") from error


def _wait_from(text: str, *, now: datetime) -> timedelta | None:
    text = text.strip()
    try:
        if text.lstrip("-").isdecimal() and text.isascii():
            return timedelta(seconds=max(min(int(text[:12]), LONGEST_WAIT.total_seconds()), 0))
        moment = parsedate_to_datetime(text)
        return moment - now if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _kind_of(status: int) -> type[Answered]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return UnexpectedRedirect
    return BadRequest if 400 <= status < 500 else ServerFault if status >= 500 else Answered


def _from_body(kind: type[Answered], response: Response) -> Answered:
    body = _object(response.body)
    member = body.get("error")
    error = member if isinstance(member, dict) else body
    message = error.get("message") or (member if isinstance(member, str) else None)
    data = error.get("data") or body.get("data")
    answered = kind(
        _shown(message) if isinstance(message, str) else _plain_text(response),
        status=response.status,
        detail=_shown(error["detail"]) if isinstance(error.get("detail"), str) else "",
        fields=_fields(error.get("fields")),
        data=data if isinstance(data, dict) else None,
    )
    if isinstance(answered, Forbidden) and isinstance(error.get("detail"), dict):
        answered.required = _strings(error["detail"].get("required"))
        answered.granted = _strings(error["detail"].get("granted"))
    return answered


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _fields(value: object) -> dict[str, tuple[str, ...]]:
    """What is wrong with which field: values were seen as a list of strings and as a bare string."""
    if not isinstance(value, dict):
        return {}
    return {str(name): _strings(wrong) for name, wrong in value.items()}


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_shown(value),)
    return tuple(_shown(str(one)) for one in value) if isinstance(value, list) else ()


def _plain_text(response: Response) -> str:
    """The body of an error that is not JSON, unless it is a page for people."""
    text = response.body[: LONGEST_MESSAGE * 4].decode("utf-8", "replace").strip()
    if not text or text.startswith(("<", "{", "[")):
        return "No message."
    return _shown(text)


def _shown(text: str) -> str:
    """A message of theirs, fit for a log line: one line, printable, and not endless."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:LONGEST_MESSAGE]
