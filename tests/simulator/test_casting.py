"""Who and what there is, and making more of it."""

from __future__ import annotations

import json

import pytest

from simulator import casting
from simulator.world import World
from simulator.world.errors import Invalid, Missing


def test_an_owner_looks_where_nobody_is_named(cast):
    assert casting.default_viewer(cast.world, cast.acme) is cast.alice
    assert casting.default_viewer(cast.world, cast.world.workspace("dana")) is cast.dana


def test_a_member_looks_where_there_is_no_owner(cast):
    cast.acme.members = {cast.bob.uuid: "member"}
    assert casting.default_viewer(cast.world, cast.acme) is cast.bob


def test_anybody_looks_where_there_is_no_member(cast):
    cast.acme.members = {}
    assert casting.default_viewer(cast.world, cast.acme).kind == "user"


def test_nobody_looks_at_an_empty_world():
    with pytest.raises(Missing, match="no workspace"):
        casting.default_actor(World(), None)


def test_an_owner_acts_where_nobody_is_named(cast):
    assert casting.default_actor(cast.world, cast.secret) is cast.charlie
    assert casting.default_actor(cast.world, None) is cast.alice


def test_people_are_listed_owners_first_and_apps_not_at_all(cast):
    cast.acme.members = {cast.bob.uuid: "member", cast.alice.uuid: "owner", "{gone}": "member"}
    assert casting.people_of(cast.world, cast.acme) == [cast.alice, cast.bob]
    assert casting.people_of(cast.world, cast.world.workspace("dana")) == [cast.dana]
    cast.bob.kind = "app_user"
    assert casting.people_of(cast.world, cast.acme) == [cast.alice]


@pytest.mark.parametrize("name", ["acme/paint", "uuid"])
def test_a_repository_is_found_by_its_name_or_uuid(cast, name):
    assert casting.find_repository(cast.world, cast.paint.uuid if name == "uuid" else name) is cast.paint


def test_a_repository_that_is_not_there_is_missing(cast):
    with pytest.raises(Missing):
        casting.find_repository(cast.world, "acme/nothing")


def test_a_workspace_is_made_with_a_project_to_put_repositories_in(cast):
    made = casting.put_workspace(cast.world, {"name": "New House"})
    workspace = cast.world.workspace("new-house")
    assert made == {"ok": True, "uuid": workspace.uuid, "slug": "new-house"}
    assert list(workspace.projects) == ["PROJ"]


def test_a_workspace_that_is_there_is_changed(cast):
    casting.put_workspace(cast.world, {"uuid": cast.acme.uuid, "slug": "renamed", "is_private": False})
    assert (cast.acme.slug, cast.acme.name, cast.acme.is_private) == ("renamed", "Acme", False)


def test_a_repository_is_made_empty(cast):
    made = casting.put_repository(cast.world, {"workspace": "acme", "name": "New Room", "description": "Bright"})
    repository = cast.world.repository("acme", made["slug"])
    assert (made["full_name"], repository.description, repository.is_private) == ("acme/new-room", "Bright", True)
    assert repository.git.branches() == {}


def test_a_repository_needs_a_name_and_a_workspace(cast):
    with pytest.raises(Invalid, match="slug is missing"):
        casting.put_repository(cast.world, {"workspace": "acme"})
    with pytest.raises(Missing):
        casting.put_repository(cast.world, {"slug": "x"})


def test_a_user_is_made_once_and_then_only_given_more(cast):
    first = casting.put_user(cast.world, {"nickname": "eve", "account_id": "eve-1", "email": "eve@example.com"})
    casting.put_user(cast.world, {"uuid": first["uuid"], "workspace": "acme"})
    user = cast.world.users[first["uuid"]]
    assert (user.nickname, user.account_id, user.email) == ("eve", "eve-1", "eve@example.com")
    assert cast.acme.members[user.uuid] == "member"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"uuid": "not one"}, "not one is not a uuid"),
        ({"workspace": "acme", "permission": "king"}, "'king' is none of owner, collaborator, member"),
        ({"repository": "acme/paint", "repository_permission": "all"}, "'all' is none of read, write, admin"),
    ],
)
def test_values_that_make_no_sense_are_refused(cast, wish, words):
    with pytest.raises(Invalid, match=words):
        casting.put_user(cast.world, wish)


def test_nobody_can_be_found_where_there_are_only_apps(cast):
    for user in cast.world.users.values():
        user.kind = "app_user"
    cast.acme.members = {}
    with pytest.raises(Missing, match="There is nobody"):
        casting.default_viewer(cast.world, cast.acme)


def test_the_summary_is_json_alone(cast):
    found = casting.summary(cast.world)
    assert json.loads(json.dumps(found)) == found
    assert {one["slug"]: len(one["repositories"]) for one in found["workspaces"]} == {"acme": 1, "other": 1, "dana": 0}
