"""From what went wrong to what is answered: the one place where exceptions become HTTP.

Outside, an error is a status, a constant sentence and a request id. A 401 and a 404 have not even the id in their body:
every refusal of a token looks the same, byte for byte, as does everything that is not there or not for these eyes. The
reason goes to the security log alone.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from connect.errors import PayloadInvalid, Reason, TokenRefused
from web import at_hand, metrics
from web.language import _
from web.patience import RETRY_AFTER_SECONDS
from web.security_headers import FRAMED_BLUEPRINT

log = structlog.get_logger()

# These answers are the same, byte for byte, whatever they hide: what a token lacks, and whether something is there at all.
CONSTANT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
HTML_PREFIXES: Final = ("/panels/", "/pages/", "/connect/welcome")
JSON_PREFIXES: Final = ("/connect/", "/atlassian-connect.json", "/healthz", "/readyz", "/metrics", "/static/")


class RequestRefused(Exception):  # noqa: N818 - named for what happened
    """A request that is understood and not granted. `reason` is for the security log; the status is all that shows."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Unavailable(Exception):  # noqa: N818 - named for the state
    """A request that cannot be served now and can be in a moment. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """How one status is worded. `code` is for programs; the message is what a page adds to the title for people."""

    code: str
    title: str
    message: str


def kinds() -> dict[int, ErrorKind]:
    """Return the wording of every status that this service answers with."""
    return {
        400: ErrorKind(
            "bad_request", _("That request cannot be understood"), _("Something in it is missing or malformed.")
        ),
        401: ErrorKind(
            "unauthorized",
            _("This could not be verified"),
            _("Bitbucket signs every page of Bittern, and a signature lasts an hour. Reload the page in Bitbucket."),
        ),
        403: ErrorKind(
            "forbidden", _("This is not open to you"), _("It needs a permission that your account does not have here.")
        ),
        404: ErrorKind("not_found", _("There is nothing here"), _("It does not exist, or it is not shown to you.")),
        405: ErrorKind(
            "method_not_allowed", _("That is not how this address works"), _("It answers another kind of request.")
        ),
        409: ErrorKind("conflict", _("That does not fit"), _("It contradicts what is known already.")),
        413: ErrorKind("payload_too_large", _("That is too large"), _("A request may hold one mebibyte at most.")),
        414: ErrorKind("uri_too_long", _("That address is too long"), _("It cannot be read.")),
        415: ErrorKind(
            "unsupported_media_type", _("That cannot be read here"), _("Send application/json, not compressed.")
        ),
        429: ErrorKind("rate_limited", _("That was too often"), _("Try again in a moment.")),
        500: ErrorKind(
            "internal", _("Something went wrong here"), _("It is not your doing. The request id finds it in the log.")
        ),
        503: ErrorKind("unavailable", _("Bittern is busy"), _("Try again in a moment.")),
    }


def install(app: Flask) -> None:
    """Teach the application what to answer when something is raised."""
    app.register_error_handler(TokenRefused, _token_refused)
    app.register_error_handler(RequestRefused, _request_refused)
    app.register_error_handler(PayloadInvalid, _payload_invalid)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(OperationalError, _database_unavailable)
    app.register_error_handler(PoolTimeout, _database_unavailable)
    app.register_error_handler(MemoryError, _out_of_memory)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _unexpected)


def log_refusal(reason: str, **details: object) -> None:
    """Say in the security log why a request was refused."""
    metrics.REFUSALS.labels(reason=reason).inc()
    log.warning("security.refused", reason=str(reason), path=request.path, method=request.method, **details)


def error_response(status: int, *, message: str | None = None) -> Response:
    """Return the answer for a status: a page for people, one JSON shape for programs."""
    wording = kinds().get(status) or _plain(status)
    request_id = None if status in CONSTANT else (at_hand.current().request_id or None)
    if _wants_page():
        return make_response(_page(wording, message=message, request_id=request_id), status)
    error = {"code": wording.code, "message": message or wording.title + "."}
    return make_response(jsonify(error=error | ({"request_id": request_id} if request_id else {})), status)


def _token_refused(error: TokenRefused) -> Response:
    log_refusal(error.reason)
    return error_response(401)


def _request_refused(error: RequestRefused) -> Response:
    log_refusal(error.reason)
    return error_response(error.status)


def _payload_invalid(error: PayloadInvalid) -> Response:
    log_refusal(error.reason)
    return error_response(400, message=error.message)


def _unavailable(error: Unavailable) -> Response:
    log.warning("request.unavailable", reason=error.reason)
    return _later(error_response(503))


def _database_unavailable(error: Exception) -> Response:
    # The statement is not logged: its parameters are a tenant's.
    log.error("database.unavailable", error=type(error).__name__)
    return _later(error_response(503))


def _out_of_memory(_error: Exception) -> Response:
    log.warning("request.unavailable", reason="memory")
    return _later(error_response(503))


def _http_exception(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return make_response(error.get_response())
    if reason := _reason_for(error.code):
        log_refusal(reason)
    answer = error_response(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return error_response(500)


_INPUT_REASONS: Final = {
    401: Reason.AUTH_MISSING,
    404: "input.path",
    405: "input.method",
    413: "input.too_large",
    414: "input.url",
    415: "input.encoding",
}
# What a debugger of the framework, or a forgotten test switch, would answer to. There is none: whoever asks is looking for one.
_DEBUG_PATHS: Final = ("/console", "/debug", "/_debug", "/__debug__", "/test", "/.env", "/.git")
_DEBUG_REASON: Final = "deploy.debug"
# What changes something is never done by following an address.
_GET_WRITE_REASON: Final = "web.get_write"


def _reason_for(status: int) -> str | None:
    """Return what the security log says of a request that no view has refused."""
    if status == HTTPStatus.NOT_FOUND and (request.path.startswith(_DEBUG_PATHS) or "__debugger__" in request.args):
        return _DEBUG_REASON
    if status == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
        return _GET_WRITE_REASON
    return _INPUT_REASONS.get(status)


def _later(response: Response) -> Response:
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(wording: ErrorKind, *, message: str | None, request_id: str | None) -> str:
    # In Bitbucket's iframe the page needs the bridge, or the host waits for it; outside it needs nothing.
    return render_template(
        "error.html",
        layout="frame.html" if request.blueprint == FRAMED_BLUEPRINT else "page.html",
        kind=wording,
        message=message or wording.message,
        request_id=request_id,
    )


def _wants_page() -> bool:
    """Whether a person will read it: by the address where it is ours, else by what the client says it accepts."""
    if "HX-Request" in request.headers:
        return False
    if request.path.startswith(HTML_PREFIXES):
        return True
    return not request.path.startswith(JSON_PREFIXES) and request.accept_mimetypes.accept_html


def _plain(status: int) -> ErrorKind:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    return ErrorKind(phrase.lower().replace(" ", "_"), phrase, phrase)
