"""Webhook deliveries, in the envelope of Connect and in the bare one, and the table of who handles which event.

The token of a delivery proves its sender and not its body, so everything read here is fresh data without authority:
`repository_uuid` and `workspace_uuid` are what the body says, for the caller to bind to the installation.
"""

# https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
# https://developer.atlassian.com/cloud/bitbucket/modules/webhook/

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from connect.errors import HandlersIncomplete, IdentifierInvalid, PayloadInvalid, Reason
from connect.identifiers import canonical_uuid
from connect.strict_json import read_object

KNOWN_EVENTS: Final = frozenset(
    {
        "issue:comment_created",
        "issue:created",
        "issue:updated",
        "pipeline:span_created",
        "project:updated",
        "pullrequest:approved",
        "pullrequest:changes_request_created",
        "pullrequest:changes_request_removed",
        "pullrequest:comment_created",
        "pullrequest:comment_deleted",
        "pullrequest:comment_reopened",
        "pullrequest:comment_resolved",
        "pullrequest:comment_updated",
        "pullrequest:created",
        "pullrequest:fulfilled",
        "pullrequest:push",
        "pullrequest:rejected",
        "pullrequest:superseded",
        "pullrequest:unapproved",
        "pullrequest:updated",
        "repo:branch_created",
        "repo:branch_deleted",
        "repo:commit_comment_created",
        "repo:commit_status_created",
        "repo:commit_status_updated",
        "repo:created",
        "repo:deleted",
        "repo:fork",
        "repo:imported",
        "repo:push",
        "repo:transfer",
        "repo:updated",
    }
)
"""Every event key that Bitbucket documents: the list of the webhook module and the enumeration of its REST API."""

MAX_EVENT_KEY_LENGTH: Final = 64
"""Longest event key, in characters, as documented for the webhook module."""

WEBHOOK_HEADERS: Final = ("x-event-key", "x-request-uuid", "x-hook-uuid", "x-attempt-number", "x-event-time")
"""What `WebhookDelivery.from_http` looks at, in lower case."""

_EVENT_KEY = re.compile(rf"[A-Za-z0-9_.:-]{{1,{MAX_EVENT_KEY_LENGTH}}}", re.ASCII)
_MAX_HEADER_LENGTH = 128
_ATTEMPT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Headers(Protocol):
    """What is needed of a mapping of HTTP headers."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names, in any case, and values."""


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One delivery, as it is put into the inbox.

    `delivery_uuid` (plain, lower case) is the same for every attempt as far as is known. `payload` is the bare body, whichever envelope it came in. `repository_uuid` and
    `workspace_uuid` are canonical, and None where the event is about no repository.
    """

    event_key: str
    delivery_uuid: str
    hook_uuid: str | None
    attempt_number: int
    event_time: datetime | None
    payload: dict[str, Any] = field(repr=False)
    repository_uuid: str | None
    workspace_uuid: str | None
    body_sha256: str

    @classmethod
    def from_http(cls, headers: Headers, body: bytes) -> Self:
        """The delivery in a request's headers and raw body.

        Raises `PayloadInvalid` (input.*, webhook.malformed, webhook.event_mismatch, webhook.no_uuid), and nothing else.
        """
        # A value that is cut here was no key, UUID or date before either.
        sent = {name.lower(): value[:_MAX_HEADER_LENGTH] for name, value in headers.items()}
        event, payload = _open_envelope(read_object(body))
        repository = _object(payload, "repository")
        return cls(
            event_key=_event_key(sent.get("x-event-key"), event),
            delivery_uuid=_delivery_uuid(sent.get("x-request-uuid")),
            hook_uuid=_plain_uuid(sent.get("x-hook-uuid")),
            attempt_number=_attempt_number(sent.get("x-attempt-number")),
            event_time=_event_time(sent.get("x-event-time")),
            payload=payload,
            repository_uuid=_uuid(repository),
            workspace_uuid=_workspace_uuid(repository or _object(payload, "project")),
            body_sha256=sha256(body).hexdigest(),
        )


Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Route(Generic[Handler]):
    """Where an event goes. Without a handler, `reason` says whether that was declared or the event is unknown."""

    handler: Handler | None
    reason: str | None


class EventRouter(Generic[Handler]):
    """Which handler takes which event.

    Every event of `KNOWN_EVENTS` is declared, with a handler or with None for "ignored on purpose"; a key that no
    event has is a spelling mistake. Both raise `HandlersIncomplete` when the router is built, not when an event comes.
    """

    def __init__(self, handlers: Mapping[str, Handler | None]) -> None:
        undeclared, unheard_of = KNOWN_EVENTS - handlers.keys(), handlers.keys() - KNOWN_EVENTS
        if undeclared or unheard_of:
            raise HandlersIncomplete(undeclared=tuple(sorted(undeclared)), unheard_of=tuple(sorted(unheard_of)))
        self._handlers = dict(handlers)

    def route(self, event_key: str) -> Route[Handler]:
        """Where `event_key` goes. An unknown key is no error: Bitbucket adds events, and a 4xx would help nobody."""
        if event_key not in self._handlers:
            return Route(None, Reason.WEBHOOK_UNKNOWN_EVENT)
        handler = self._handlers[event_key]
        return Route(handler, Reason.WEBHOOK_IGNORED_EVENT if handler is None else None)


def _malformed(message: str) -> PayloadInvalid:
    return PayloadInvalid(Reason.WEBHOOK_MALFORMED, message)


def _open_envelope(document: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The envelope's event, if there is an envelope, and the bare body.

    Connect wraps as `{"event": …, "data": …}`; ordinary hooks do not, and production code has met both.
    """
    payload, event = document, None
    if "event" in document and isinstance(document.get("data"), dict):
        payload, event = document["data"], document["event"]
        if not isinstance(event, str):
            raise _malformed("event must be a string")
    if not payload:
        raise PayloadInvalid(Reason.INPUT_JSON, "the body says nothing")
    return event, payload


def _event_key(header: str | None, event: str | None) -> str:
    key = header if header is not None else event
    if key is None or _EVENT_KEY.fullmatch(key) is None:
        raise _malformed("X-Event-Key must name an event, such as repo:push")
    if event is not None and event != key:
        raise PayloadInvalid(Reason.WEBHOOK_EVENT_MISMATCH, "X-Event-Key and the event of the body differ")
    return key


def _delivery_uuid(header: str | None) -> str:
    """The name of the delivery. Bitbucket names every one; without it, a repeated one could not be told from a new one."""
    uuid = _plain_uuid(header)
    if uuid is None:
        raise PayloadInvalid(Reason.WEBHOOK_NO_UUID, "X-Request-UUID must be a UUID")
    return uuid


def _plain_uuid(header: str | None) -> str | None:
    """The UUID in a header, without braces; None for anything else, since these headers are not authority either."""
    try:
        return canonical_uuid(header).strip("{}")
    except IdentifierInvalid:
        return None


def _attempt_number(header: str | None) -> int:
    return int(header) if header is not None and _ATTEMPT.fullmatch(header) else 1


def _event_time(header: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _object(parent: Mapping[str, Any] | None, member: str) -> dict[str, Any] | None:
    """A member that is an object, or absent; anything else is malformed."""
    value = None if parent is None else parent.get(member)
    if value is not None and not isinstance(value, dict):
        raise _malformed(f"{member} must be an object")
    return value


def _uuid(thing: Mapping[str, Any] | None) -> str | None:
    """The object's UUID; None where there is none. One that cannot be read is refused: it could not be bound."""
    value = None if thing is None else thing.get("uuid")
    try:
        return None if value is None else canonical_uuid(value)
    except IdentifierInvalid as error:
        raise _malformed("uuid must be a UUID") from error


def _workspace_uuid(thing: Mapping[str, Any] | None) -> str | None:
    """The workspace of a repository or project. Older payloads name it as the owner only."""
    return _uuid(_object(thing, "workspace")) or _uuid(_object(thing, "owner"))
