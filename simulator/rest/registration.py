"""Puts REST on a Flask app: authentication, quota, scope, the resource, and the answer's shape, in this order.

Sources: headers and their absence from rest-api.md 6 (an ETag on every answer, no conditional requests but where the
description says so), 411 from rest-api.md 5, plain-text 429 from rest-api.md 4.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from simulator.oauth import Tokens, register_oauth
from simulator.rest import partial_response, quotas, v1
from simulator.rest.call import Call
from simulator.rest.condensed import expander
from simulator.rest.credentials import principal_of
from simulator.rest.errors import ApiError, from_world, no_such_address
from simulator.rest.paging import Cursors
from simulator.rest.resources import ROUTES
from simulator.rest.routes import Answer, Route
from simulator.rest.target import raw_target
from simulator.world.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.rest.json_types import Value
    from simulator.world.principal import Principal
    from simulator.world.world import World

EXTENSION = "simulator.rest"
_METHODS = ("GET", "POST", "PUT", "DELETE")
# Of an answer without a body. No recorded one has its headers; npm's `bitbucket` reads the type of every answer, 204s too,
# and stumbles where there is none, so Bitbucket sends one: this is what Django gives an answer that names none.
_NOTHING = "text/html; charset=utf-8"


class _Root:
    """A version of REST: where it begins, what it serves, and how it says no."""

    def __init__(
        self,
        prefix: str,
        routes: Sequence[Route],
        *,
        unknown: Callable[[], ApiError],
        refusal: Callable[[ApiError], Response],
    ) -> None:
        self.prefix = prefix
        self.refusal = refusal
        self._routes = routes
        self._unknown = unknown
        self._addresses = Map(
            [Rule(route.address, endpoint=number, methods=[route.method]) for number, route in enumerate(routes)],
            strict_slashes=False,
            merge_slashes=False,
        )

    def found(self) -> tuple[Route, dict[str, str]]:
        """The route of the present request; raises ApiError (405, or what says that there is none)."""
        adapter = self._addresses.bind("api.bitbucket.org")
        try:
            endpoint, parts = adapter.match(request.path.removeprefix(self.prefix), method=request.method)
        except NotFound:
            raise self._unknown() from None
        except MethodNotAllowed:
            raise ApiError(405, f"Method not allowed: {request.method}") from None
        return self._routes[endpoint], dict(parts)


@dataclass(slots=True)
class Api:
    """What REST keeps beside the world."""

    world: World
    tokens: Tokens
    cursors: Cursors = field(default_factory=Cursors)
    quotas: quotas.Quotas = field(default_factory=quotas.Quotas)


def register_rest(app: Flask, world: World) -> Api:
    """Serve /2.0, /1.0 and the OAuth endpoints of `world` on `app`; also in `app.extensions[EXTENSION]`."""
    api = Api(world, Tokens(world))
    app.extensions[EXTENSION] = api
    for root in _ROOTS:
        _serve(app, api, root)
    register_oauth(app, world, api.tokens)
    return api


def _serve(app: Flask, api: Api, root: _Root) -> None:
    def serve(**_: str) -> Response:
        try:
            route, parts = root.found()
            with api.world.lock:
                return _answered(api, route, parts)
        except ApiError as error:
            return _stamped(root.refusal(error))
        except WorldError as error:
            return _stamped(root.refusal(from_world(error)))

    for number, address in enumerate((root.prefix, f"{root.prefix}/<path:rest>")):
        endpoint = f"rest-{root.prefix.strip('/')}-{number}".replace(".", "-")
        app.add_url_rule(address, endpoint, serve, methods=list(_METHODS), strict_slashes=False)


def _answered(api: Api, route: Route, parts: dict[str, str]) -> Response:
    if (
        request.method in {"POST", "PUT"}
        and request.content_length is None
        and not request.environ.get("wsgi.input_terminated")
    ):
        return _plain("Length Required", 411)
    principal = principal_of(
        api.world,
        api.tokens,
        authorization=request.headers.get("Authorization"),
        method=request.method,
        target=raw_target(),
    )
    if not _admitted(api, principal):
        return _plain(quotas.MESSAGE, 429)
    call = _call(api, principal)
    if route.scope is not None:
        call.require_scope(*([route.scope] if isinstance(route.scope, str) else route.scope))
    made = route.handler(call, **parts)
    return _response(api, made if isinstance(made, Answer) else Answer(made))


def _admitted(api: Api, principal: Principal) -> bool:
    key = principal.quota_key or f"address:{request.remote_addr}"
    return api.quotas.admit(key, now=api.world.now(), is_anonymous=principal.is_anonymous)


def _call(api: Api, principal: Principal) -> Call:
    is_form = request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}
    body = b"" if is_form else request.get_data()
    uploads = request.files.lists() if is_form else []
    return Call(
        world=api.world,
        principal=principal,
        cursors=api.cursors,
        method=request.method,
        url=api.world.api_url + request.full_path.removesuffix("?"),
        arguments=request.args.to_dict(),
        every=dict(request.args.lists()),
        body=body,
        content_type=request.mimetype,
        form=dict(request.form.lists()) if is_form else {},
        files={name: [(one.filename or name, one.read()) for one in held] for name, held in uploads},
    )


def _response(api: Api, answer: Answer) -> Response:
    body = answer.body
    if isinstance(body, dict):
        fields = request.args.get("fields")
        body = partial_response.apply(body, fields, hidden=answer.hidden, expand=expander(api.world))
    content_type = _NOTHING if body is None else answer.content_type
    response = Response(_bytes(body), answer.status, content_type=content_type)
    for name, value in answer.headers.items():
        response.headers[name] = value
    return _stamped(response)


def _bytes(body: Value) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body, separators=(", ", ": ")).encode()


def _stamped(response: Response) -> Response:
    digest = hashlib.md5(response.get_data(), usedforsecurity=False).hexdigest()
    response.headers.setdefault("ETag", f'"{digest}"')
    response.headers.setdefault("Cache-Control", "must-revalidate, max-age=0")
    response.headers.setdefault("Vary", "Authorization, Accept-Language, Origin, Accept-Encoding")
    return response


def _error(error: ApiError) -> Response:
    response = Response(_bytes(error.body()), error.status, content_type="application/json; charset=utf-8")
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


# Compiled once for all the apps of a process.
_ROOTS = (
    _Root("/2.0", ROUTES, unknown=no_such_address, refusal=_error),
    _Root("/1.0", v1.ROUTES, unknown=v1.ended, refusal=v1.refusal),
)

__all__ = ["EXTENSION", "Api", "raw_target", "register_rest"]
