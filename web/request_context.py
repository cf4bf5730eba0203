"""What surrounds every request: its id, its entry in the log, its place in the counts."""

import re
import secrets
from time import perf_counter
from typing import Final

import structlog
from flask import Flask, Response, g, request

from web import metrics

log = structlog.get_logger()

REQUEST_ID_HEADER: Final = "X-Request-Id"

# A proxy's id is taken over only where it cannot be anything but an id.
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_OFFERED_ID: Final = "HTTP_X_REQUEST_ID"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Asked for every few seconds by machines; they are counted, and not worth a line each.
_QUIET_ENDPOINTS: Final = frozenset({"health.healthz", "health.readyz", "metrics.metrics", "assets.static_file"})


def install(app: Flask) -> None:
    """Surround every request of the application."""
    app.before_request(_begin)
    app.after_request(_finish)


def request_id() -> str:
    """Return the id of the request at hand."""
    known: str = g.request_id
    return known


def _begin() -> None:
    offered = request.environ.get(_OFFERED_ID, "")
    known = offered if _SANE_ID.fullmatch(offered) else secrets.token_hex(12)
    g.request_id, g.began_at = known, perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=known)


def _finish(response: Response) -> Response:
    seconds = perf_counter() - g.began_at
    rule, method = request.url_rule, request.method
    method = method if method in _METHODS else "other"
    answered, took = metrics.of_request(rule.rule if rule else "(no route)", method, response.status_code)
    answered.inc()
    took.observe(seconds)
    response.headers[REQUEST_ID_HEADER] = g.request_id
    if rule is None or rule.endpoint not in _QUIET_ENDPOINTS:
        log.info(
            "request.finished",
            method=method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
    return response
