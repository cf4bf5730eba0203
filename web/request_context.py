"""What surrounds every request, whoever answers it: its id, its entry in the log, its place in the counts, its security headers.

WSGI middleware, and not a hook of Flask's: some answers are there before Flask unpacks the request (``web.quick_pages``).
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from random import getrandbits
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import has_request_context, request

import logs
from web import at_hand, metrics
from web.at_hand import AtHand
from web.routes import NO_ROUTE, Route
from web.security_headers import SecurityHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

REQUEST_ID_HEADER: Final = "X-Request-Id"

# A proxy's id is taken over only where it cannot be anything but an id.
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_OFFERED_ID: Final = "HTTP_X_REQUEST_ID"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Asked for every few seconds by machines; they are counted, and not worth a line each.
_QUIET_ENDPOINTS: Final = frozenset({"health.healthz", "health.readyz", "metrics.metrics", "assets.static_file"})


def request_id() -> str:
    """Return the id of the request at hand."""
    return at_hand.current().request_id


class RequestContext:
    """Surrounds every request of an application."""

    def __init__(
        self, application: "WSGIApplication", *, extensions: dict[str, Any], security_headers: SecurityHeaders
    ) -> None:
        self._application = application
        self._extensions = extensions
        self._security_headers = security_headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        known = _id_of(environ)
        one = AtHand(environ, self._extensions, request_id=known)
        logs.begin_context(request_id=known)
        token = at_hand.take(one)
        try:
            return self._application(environ, partial(self._start, one, start_response))
        finally:
            at_hand.lay_down(token)

    def _start(
        self,
        one: AtHand,
        start_response: "StartResponse",
        status: str,
        headers: list[tuple[str, str]],
        *error: Any,  # noqa: ANN401 - WSGI's own
    ) -> Callable[[bytes], object]:
        route = one.route or _route_of_flask()
        headers = self._security_headers.added_to(headers, route=route, status=int(status[:3]))
        headers.append((REQUEST_ID_HEADER, one.request_id))
        _note(one, route, int(status[:3]))
        return start_response(status, headers, *error)


def _id_of(environ: "WSGIEnvironment") -> str:
    offered: str | None = environ.get(_OFFERED_ID)
    if offered is not None and _SANE_ID.fullmatch(offered):
        return offered
    # To be told apart from others, and no secret: the kernel is not asked for it, which would let another thread in here.
    return f"{getrandbits(96):024x}"


def _route_of_flask() -> Route:
    """Return the route that Flask has found. Its context is there until the answer has been handed over."""
    rule = request.url_rule if has_request_context() else None
    return NO_ROUTE if rule is None else Route(rule.rule, rule.endpoint)


def _note(one: AtHand, route: Route, status: int) -> None:
    seconds = perf_counter() - one.began_at
    method = one.environ["REQUEST_METHOD"]
    method = method if method in _METHODS else "other"
    answered, took = metrics.of_request(route.rule, method, status)
    answered.inc()
    took.observe(seconds)
    if route.endpoint not in _QUIET_ENDPOINTS and logs.is_said(logging.INFO):
        log.info(
            "request.finished",
            method=method,
            path=_path_of(one.environ),
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


def _path_of(environ: "WSGIEnvironment") -> str:
    # As WSGI has it, each character stands for a byte.
    path: str = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return path
