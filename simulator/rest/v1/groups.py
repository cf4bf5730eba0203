"""/1.0/groups: the groups of a workspace and their members.

A new group comes as a form, its changes as JSON; putting somebody in needs a JSON body too, be it an empty object
(without one the answer is 415).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import ApiError, bad_request, not_found
from simulator.rest.routes import Answer, Routes
from simulator.rest.v1.access import administered, permission_in
from simulator.rest.v1.accounts import account, group_details
from simulator.world import groups as world_groups

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json

routes = Routes()

_GROUP = "/groups/<workspace>/<slug>"


@routes.get("/groups", scope="account")
def matching(call: Call) -> Answer:
    """The groups that are named, `?group=workspace/slug`, each as often as it is."""
    found = []
    for name in call.every.get("group", ()):
        key, _, slug = name.partition("/")
        workspace = administered(call, key)
        found.append(group_details(call.world, workspace, world_groups.group_of(workspace, slug)))
    return Answer(found)


@routes.get("/groups/<workspace>", scope="account")
def all_groups(call: Call, workspace: str) -> Answer:
    """All of them; nothing is paged."""
    home = administered(call, workspace)
    return Answer([group_details(call.world, home, one) for one in home.groups.values()])


@routes.post("/groups/<workspace>", scope="account:write")
def create(call: Call, workspace: str) -> Json:
    """A new group, from a form with its name."""
    home = administered(call, workspace)
    name = next(iter(call.form.get("name", ())), "").strip()
    if not name:
        raise bad_request("name: this field is required")
    return group_details(call.world, home, world_groups.create_group(home, name))


@routes.get(_GROUP, scope="account")
def one_group(call: Call, workspace: str, slug: str) -> Json:
    """One of them."""
    home = administered(call, workspace)
    return group_details(call.world, home, world_groups.group_of(home, slug))


@routes.put(_GROUP, scope="account:write")
def update(call: Call, workspace: str, slug: str) -> Json:
    """Another name or other defaults, from JSON; a name moves the slug."""
    home = administered(call, workspace)
    group = world_groups.group_of(home, slug)
    body = _json(call)
    if "permission" in body:
        told = fields.text(body, "permission")
        group.permission = None if told is None else permission_in(told)
    if (auto_add := fields.flag(body, "auto_add")) is not None:
        group.auto_add = auto_add
    if (name := fields.text(body, "name")) and name != group.name:
        world_groups.rename_group(home, group, name)
    return group_details(call.world, home, group)


@routes.delete(_GROUP, scope="account:write")
def delete(call: Call, workspace: str, slug: str) -> Answer:
    """Away with it."""
    home = administered(call, workspace)
    world_groups.delete_group(home, world_groups.group_of(home, slug))
    return Answer(status=204)


@routes.get(f"{_GROUP}/members", scope="account")
def members(call: Call, workspace: str, slug: str) -> Answer:
    """Who is in it."""
    group = world_groups.group_of(administered(call, workspace), slug)
    return Answer([account(call.world, one) for one in group.members])


@routes.put(f"{_GROUP}/members/<member>", scope="account:write")
def add_member(call: Call, workspace: str, slug: str, member: str) -> Json:
    """Somebody joins; who is in it already stays."""
    home = administered(call, workspace)
    group = world_groups.group_of(home, slug)
    _json(call)
    user = call.world.user(member)
    world_groups.join(home, group, user)
    return account(call.world, user)


@routes.delete(f"{_GROUP}/members/<member>", scope="account:write")
def remove_member(call: Call, workspace: str, slug: str, member: str) -> Answer:
    """Somebody leaves."""
    group = world_groups.group_of(administered(call, workspace), slug)
    user = call.world.user(member)
    if user not in group.members:
        raise not_found(f"{member} is not a member of {slug}")
    group.members.remove(user)
    return Answer(status=204)


def _json(call: Call) -> Json:
    if call.content_type != "application/json":
        raise ApiError(415, "Unsupported Media Type")
    return call.json()
