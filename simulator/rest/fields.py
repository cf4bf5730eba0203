"""Reading what a client sent: each function takes a body and a name, and raises the 400 that Bitbucket would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import bad_request
from simulator.world.errors import Missing
from simulator.world.model import Inline

if TYPE_CHECKING:
    from simulator.rest.json_types import Json, Value
    from simulator.world.model import User
    from simulator.world.world import World

REQUIRED = "required key not provided"


def inner(body: Json, path: str) -> Value:
    """What stands at a dotted path, None where it leads nowhere."""
    value: Value = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(body: Json, path: str) -> str | None:
    """A string, None where there is none; raises ApiError (400) for anything else."""
    value = inner(body, path)
    if value is not None and not isinstance(value, str):
        raise bad_request("Bad request", **{path: "expected a string"})
    return value


def needed_text(body: Json, path: str) -> str:
    """A string that must be there; raises ApiError (400)."""
    value = text(body, path)
    if not value:
        raise bad_request("Bad request", **{path: REQUIRED})
    return value


def flag(body: Json, path: str) -> bool | None:
    """A boolean, None where there is none; raises ApiError (400) for anything else."""
    value = inner(body, path)
    if value is not None and not isinstance(value, bool):
        raise bad_request("Bad request", **{path: "expected a boolean"})
    return value


def number(body: Json, path: str) -> int | None:
    """A whole number, None where there is none; raises ApiError (400) for anything else."""
    value = inner(body, path)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise bad_request("Bad request", **{path: "expected a number"})
    return value


def users(world: World, body: Json, path: str) -> list[User] | None:
    """Users named by uuid or account_id, None where the list is not there; raises ApiError (400)."""
    value = inner(body, path)
    if value is None:
        return None
    if not isinstance(value, list):
        raise bad_request("Bad request", **{path: "expected a list"})
    return [user(world, one, path) for one in value]


def user(world: World, value: Value, path: str) -> User:
    """A user named by uuid or account_id; raises ApiError (400)."""
    key = (value.get("uuid") or value.get("account_id")) if isinstance(value, dict) else value
    try:
        return world.user(str(key))
    except Missing:
        raise bad_request(f"{path}: Malformed reviewers list", **{path: ["Malformed reviewers list"]}) from None


def inline(body: Json) -> Inline | None:
    """Where a comment stands in a file, None for a general one; raises ApiError (400)."""
    if inner(body, "inline") is None:
        return None
    return Inline(needed_text(body, "inline.path"), number(body, "inline.from"), number(body, "inline.to"))
