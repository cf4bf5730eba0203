"""/permissions-config/groups."""

from __future__ import annotations

import pytest

from simulator.world import groups

ALL = "/repositories/tidepool/shells/permissions-config/groups"
DIVERS = f"{ALL}/the-divers"


@pytest.fixture
def divers(client):
    return groups.create_group(client.pool.workspace, "The Divers")


def test_a_groups_permission_is_given_shown_and_taken_away(client, divers):
    assert client.get(DIVERS)["permission"] == "none"
    assert client.get(ALL)["values"] == []
    given = client.send("PUT", DIVERS, {"permission": "write"})
    assert (given["permission"], given["group"]["full_slug"]) == ("write", "tidepool:the-divers")
    assert client.get(ALL)["values"] == [given]
    assert client.get(DIVERS) == given
    client.send("DELETE", DIVERS, expect=204)
    client.send("DELETE", DIVERS, expect=404)


def test_it_is_what_the_old_resource_tells(client, divers):
    client.send("PUT", DIVERS, {"permission": "admin"})
    told = client.http.get(
        "/1.0/group-privileges/tidepool/shells/", headers=client.headers(client.pool.alice)
    ).get_json()
    assert [(one["group"]["slug"], one["privilege"]) for one in told] == [("the-divers", "admin")]


@pytest.mark.parametrize(("body", "path"), [({"permission": "own"}, DIVERS), ({}, DIVERS)])
def test_only_the_three_permissions_can_be_given(client, divers, body, path):
    client.send("PUT", path, body, expect=400)
    assert client.get(ALL)["values"] == []


def test_a_group_that_is_not_there_is_not_found(client):
    client.get(f"{ALL}/none", expect=404)
    client.send("PUT", f"{ALL}/none", {"permission": "read"}, expect=404)


@pytest.mark.parametrize(("method", "path"), [("GET", ALL), ("GET", DIVERS), ("PUT", DIVERS), ("DELETE", DIVERS)])
def test_administrators_only(client, divers, method, path):
    client.send(method, path, {"permission": "read"} if method == "PUT" else None, who=client.pool.bob, expect=403)
    client.send(method, path, {"permission": "read"} if method == "PUT" else None, who=client.pool.charlie, expect=404)
