"""The request at hand, whether Flask has unpacked it or not: what the server says of it, and what belongs to the application.

Flask's own proxies look through a stack of contexts at each access. What every request asks for many times is kept here, and may
be asked for before there is a context.
"""

from contextvars import ContextVar, Token
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed.wsgi import WSGIEnvironment

    from web.routes import Route

_KEY: Final = "bittern.at_hand"


class AtHand:
    """One request. `extensions` are the application's; `route` is known to Flask, unless it stands here.

    `target`, `query` and `parameters` are read when first asked for.
    `failure` is what came of a request that was tried without Flask, and must not be tried again.
    """

    __slots__ = (
        "began_at",
        "environ",
        "extensions",
        "failure",
        "parameters",
        "query",
        "request_id",
        "route",
        "target",
    )

    def __init__(self, environ: "WSGIEnvironment", extensions: dict[str, Any], *, request_id: str = "") -> None:
        self.environ = environ
        self.extensions = extensions
        self.request_id = request_id
        self.began_at = perf_counter()
        self.target: str | None = None
        self.query: tuple[tuple[str, str], ...] | None = None
        self.parameters: Mapping[str, str] | None = None
        self.route: Route | None = None
        self.failure: Exception | None = None


_at_hand: ContextVar[AtHand | None] = ContextVar("at_hand", default=None)


def take(at_hand: AtHand) -> "Token[AtHand | None]":
    """Make this the request at hand, until `lay_down`."""
    at_hand.environ[_KEY] = at_hand
    return _at_hand.set(at_hand)


def lay_down(token: "Token[AtHand | None]") -> None:
    """Have the request at hand be what it was before."""
    _at_hand.reset(token)


def current() -> AtHand:
    """Return the request at hand. An answer that is still being sent is at hand by Flask's context alone."""
    found = _at_hand.get()
    return _by_flask() if found is None else found


def extensions() -> dict[str, Any]:
    """Return the application's extensions, also for a command, which has an application and no request."""
    found = _at_hand.get()
    return current_app.extensions if found is None else found.extensions


def _by_flask() -> AtHand:
    environ = request.environ
    found: AtHand | None = environ.get(_KEY)
    if found is None:
        environ[_KEY] = found = AtHand(environ, current_app.extensions)
    return found
