"""App properties: what an app keeps on a repository, a commit, a pull request or a user (rest-api.md 10).

PUT and DELETE are the app's alone; `_attributes` may open reading (`public`) to others, and `read_only` closes changes
by others, of which the simulator knows none.
"""

# ruff: noqa: PLR0913 - keyword-only, and each is a fact of its own

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulator.rest.errors import bad_request, forbidden, not_found
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Answer, Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from simulator.rest.call import Call
    from simulator.rest.json_types import Json

routes = Routes()

_KEY = re.compile(r"[-_a-zA-Z0-9]+")
_ATTRIBUTES = {"public", "read_only"}
_REPOSITORY = "/repositories/<workspace>/<slug>"

Place = tuple["dict[Hashable, Json]", "tuple[str, ...]"]
"""where the value is kept, and under what"""


def _on_repository(call: Call, *, workspace: str, slug: str, app_key: str, name: str) -> Place:
    return call.repository(workspace, slug).properties, (app_key, name)  # type: ignore[return-value]


def _on_commit(call: Call, *, workspace: str, slug: str, commit: str, app_key: str, name: str) -> Place:
    repository = call.repository(workspace, slug)
    key = (commit_of(repository, commit).hash, app_key, name)
    return repository.commit_properties, key  # type: ignore[return-value]


def _on_pull_request(call: Call, *, workspace: str, slug: str, number: str, app_key: str, name: str) -> Place:
    return call.pull_request(workspace, slug, number).properties, (app_key, name)  # type: ignore[return-value]


def _on_user(call: Call, *, selected: str, app_key: str, name: str) -> Place:
    return call.world.user_properties, (call.world.user(selected).uuid, app_key, name)  # type: ignore[return-value]


def _get(call: Call, place: Place, app_key: str) -> Json:
    held, key = place
    value = held.get(key)
    is_public = value is not None and "public" in value.get("_attributes", [])
    # What is not public looks to others as if it were not there.
    if value is None or not (is_public or call.principal.app_key == app_key):
        raise not_found(f"Property {key[-1]} not found")
    return value


def _require_app(call: Call, app_key: str) -> None:
    if call.principal.app_key != app_key:
        raise forbidden("Only the app itself may change its properties.")


def _put(call: Call, place: Place, app_key: str) -> Answer:
    _require_app(call, app_key)
    value = call.json()
    for name in value:
        if not _KEY.fullmatch(name):
            raise bad_request("Bad request", **{name: "keys must match ^[-_a-zA-Z0-9]+$"})
    attributes = value.get("_attributes", [])
    if not isinstance(attributes, list) or not _ATTRIBUTES.issuperset(attributes):
        raise bad_request("Bad request", _attributes="expected a list of public and read_only")
    held, key = place
    held[key] = value
    return Answer(status=204)


def _delete(call: Call, place: Place, app_key: str) -> Answer:
    _require_app(call, app_key)
    held, key = place
    held.pop(key, None)
    return Answer(status=204)


def _serve(address: str, place_of: Callable[..., Place]) -> None:
    """The three operations on one kind of object."""
    whole = f"{address}/properties/<app_key>/<name>"

    @routes.get(whole, scope=None)
    def get(call: Call, **parts: str) -> Json:
        return _get(call, place_of(call, **parts), parts["app_key"])

    @routes.put(whole, scope=None)
    def put(call: Call, **parts: str) -> Answer:
        return _put(call, place_of(call, **parts), parts["app_key"])

    @routes.delete(whole, scope=None)
    def delete(call: Call, **parts: str) -> Answer:
        return _delete(call, place_of(call, **parts), parts["app_key"])


_serve(_REPOSITORY, _on_repository)
_serve(f"{_REPOSITORY}/commit/<commit>", _on_commit)
_serve(f"{_REPOSITORY}/pullrequests/<number>", _on_pull_request)
_serve("/users/<selected>", _on_user)
