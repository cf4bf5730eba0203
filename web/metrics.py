"""What is counted, and where the counts are read: `/metrics` with a token, or a port of its own on this machine.

Labels are constants of the code (routes, reasons, states), never a tenant's or a repository's name.
"""

import hmac
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

from settings import Settings
from web import services
from web.depth import InboxDepth

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EXTENSION: Final = "bittern.metrics_token"
DEPTH: Final = "bittern.inbox_depth"
MULTIPROCESS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
SCRAPE_HOST: Final = "127.0.0.1"


def _known_process() -> Callable[[], int]:
    """Return what says the number of this process without asking the kernel, which is told to it after a fork."""
    known = [os.getpid()]

    def look() -> None:
        known[0] = os.getpid()

    os.register_at_fork(after_in_child=look)
    return lambda: known[0]


if os.environ.get(MULTIPROCESS_FOLDER):
    # Of its own accord the library asks for it at each count, three times a request.
    values.ValueClass = values.MultiProcessValue(_known_process())  # type: ignore[no-untyped-call]

REQUESTS: Final = Counter("bittern_http_requests_total", "Requests answered.", ["route", "method", "status"])
SECONDS: Final = Histogram(
    "bittern_http_request_seconds",
    "Time from the first byte read to the answer handed over.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0),
)
REFUSALS: Final = Counter("bittern_refusals_total", "Requests refused, by the reason in the security log.", ["reason"])
LIFECYCLE: Final = Counter("bittern_lifecycle_total", "Lifecycle calls, by what was decided.", ["action", "decision"])
DELIVERIES: Final = Counter("bittern_webhook_deliveries_total", "Webhook deliveries taken in.", ["event", "outcome"])
PANELS: Final = Counter(
    "bittern_panel_views_total", "Panels and pages shown, by the state they were in.", ["panel", "state"]
)

blueprint = Blueprint("metrics", __name__)


@lru_cache(maxsize=1024)
def of_request(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts the answers of this kind, and what measures the time that they take."""
    return REQUESTS.labels(route=route, method=method, status=str(status)), SECONDS.labels(route=route)


@lru_cache(maxsize=256)
def of_delivery(event: str, outcome: str) -> Counter:
    """Return what counts the deliveries of this kind."""
    return DELIVERIES.labels(event=event, outcome=outcome)


@lru_cache(maxsize=256)
def of_panel(panel: str, state: str) -> Counter:
    """Return what counts the views of this panel in this state."""
    return PANELS.labels(panel=panel, state=state)


def registry() -> CollectorRegistry:
    """Return what is to be read: the counts of all processes where there are several, else of this one."""
    if not os.environ.get(MULTIPROCESS_FOLDER):
        return REGISTRY
    collected = CollectorRegistry()
    multiprocess.MultiProcessCollector(collected)  # type: ignore[no-untyped-call]
    return collected


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the counts to whoever holds the token. Without a token in the settings there is no such page."""
    token: str | None = current_app.extensions[EXTENSION]
    if token is None:
        abort(404)
    scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not hmac.compare_digest(offered.encode(), token.encode()):
        abort(401)
    return Response(written(current_app.extensions[DEPTH]), content_type=CONTENT_TYPE_LATEST)


def written(depth: InboxDepth) -> bytes:
    """Return all that is to be read: the counts of the processes, and what waits."""
    waiting = CollectorRegistry()
    waiting.register(depth)
    return generate_latest(registry()) + generate_latest(waiting)


def install(app: Flask, settings: Settings) -> None:
    """Tell the page which token to ask for. The services are there already."""
    token = settings.metrics_token
    app.extensions[DEPTH] = InboxDepth(app.extensions[services.EXTENSION])
    app.extensions[EXTENSION] = token.get_secret_value() if token else None


def serve_on_own_port(port: int, depth: InboxDepth) -> threading.Thread:
    """Serve them on a port of this machine, from a thread that ends with the process.

    Every gunicorn worker does this: they share the port, and whichever answers reads the counts of all.
    """

    def application(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
        return [written(depth)]

    server = make_server(SCRAPE_HOST, port, application, server_class=_SharedPortServer, handler_class=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    return thread


class _SharedPortServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_port = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: a scrape every few seconds is no event."""
