"""What is asked for most, answered before Flask unpacks the request: pages that are there already, and webhooks.

Whoever asks is seen by the same functions as in Flask's views. Only what is plain is answered here: for a refusal, an error, or a
page that has to be worded first, the request goes on to Flask as it came, and what is said, logged and counted then is said there.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Flask

from web import at_hand
from web.routes import Route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXTENSION: Final = "bittern.quick_pages"
HTML: Final = ("Content-Type", "text/html; charset=utf-8")


class QuickPage(NamedTuple):
    """An answer, whole."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = (HTML,)
    status: str = "200 OK"


Find = Callable[[], QuickPage | None]
"""Returns the answer to the request at hand, or None where it is Flask's to answer. Whatever it raises means that too."""


def install(app: Flask) -> None:
    """Have room for them. The routes that they are added for need not be there yet."""
    app.extensions[EXTENSION] = {}


def add(app: Flask, endpoint: str, find: Find, *, method: str = "GET") -> None:
    """Have such requests for the address of this endpoint, which has no places in it, looked for here first."""
    [rule] = app.url_map.iter_rules(endpoint)
    app.extensions[EXTENSION][method, rule.rule] = Route(rule.rule, endpoint), find


class QuickPages:
    """WSGI middleware in front of Flask."""

    def __init__(self, application: "WSGIApplication", app: Flask) -> None:
        self._application = application
        self._finders: dict[tuple[str, str], tuple[Route, Find]] = app.extensions[EXTENSION]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        route, find = self._finders.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")), _NONE)
        page = _found(find) if route else None
        if page is None:
            return self._application(environ, start_response)
        at_hand.current().route = route
        headers = list(page.headers)
        if page.body:
            headers.append(("Content-Length", str(len(page.body))))
        start_response(page.status, headers)
        return [page.body]


def _nothing() -> None:
    return None


_NONE: Final[tuple[Route | None, Find]] = (None, _nothing)


def _found(find: Find) -> QuickPage | None:
    try:
        return find()
    except Exception:  # noqa: BLE001 -- Flask comes upon the same, and has words for it
        return None
