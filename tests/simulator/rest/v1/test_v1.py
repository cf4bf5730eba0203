"""What is left of REST 1.0, what ended, and that its answers have the shape of the recorded ones."""

from __future__ import annotations

import json

import msgspec
import pytest

from bitbucket.groups import Account, Group, GroupPrivilege
from bitbucket.invitations import GroupInvitation, RepositoryInvitation
from simulator.rest.v1 import ROUTES
from tests.house_figures import ROOT

RECORDED = ROOT.parent / "shared/bitbucket/rest"
# Ended with Atlassian's privacy changes of 2019; ids took their place.
NAMES_OF_OLD = {"username", "first_name", "last_name"}


@pytest.mark.parametrize(
    "path", ["", "/user", "/users/tidepool", "/repositories/tidepool/shells", "/privileges/tidepool"]
)
def test_everything_else_ended(old, path):
    body = old.call("GET", path, expect=410)
    assert body["error"]["message"] == "Resource removed"
    assert "deprecation-notice-v1-apis" in body["error"]["detail"]


def test_a_method_that_a_resource_does_not_have_is_refused(old):
    assert old.call("POST", "/group-privileges/tidepool/shells/", expect=405) == "Method not allowed: POST"


def test_a_put_says_how_long_its_body_is(old, divers):
    answer = old.client.http.put("/1.0/groups/tidepool/the-divers/", headers=old.client.headers(old.pool.alice))
    assert answer.status_code == 411


def test_every_resource_has_each_of_its_methods():
    served = {(route.address.split("/")[1], route.method) for route in ROUTES}
    for resource in ("groups", "group-privileges", "invitations", "users"):
        assert {method for name, method in served if name == resource} >= {"GET", "PUT", "DELETE"}
    assert {name for name, method in served if method == "POST"} == {"groups", "invitations", "users"}


@pytest.fixture
def answers(old, divers):
    """One answer for each recorded body."""
    grant = "/group-privileges/tidepool/shells/tidepool/the-divers/"
    divers_path = "/groups/tidepool/the-divers/"
    account = "/users/tidepool/invitations"
    return {
        "v1-groups": old.call("GET", "/groups/tidepool/"),
        "v1-groups-members": old.call("GET", f"{divers_path}members"),
        "v1-groups-created": old.call("POST", "/groups/tidepool/", data={"name": "X"}),
        "v1-groups-updated": old.call("PUT", divers_path, json={"auto_add": True}),
        "v1-groups-member-added": old.call("PUT", f"{divers_path}members/bob/", json={}),
        "v1-group-privileges-account": old.call("GET", "/group-privileges/tidepool/"),
        "v1-group-privileges-repository": old.call("GET", "/group-privileges/tidepool/shells/"),
        "v1-group-privileges-repositories-of-group": old.call("GET", "/group-privileges/tidepool/tidepool/the-divers/"),
        "v1-group-privileges-repository-group": old.call("GET", grant),
        "v1-group-privileges-repository-group-updated": old.call("PUT", grant, data=b"write"),
        "v1-invitations-sent": old.call(
            "POST", "/invitations/tidepool/shells/a@example.com", data={"permission": "read"}
        ),
        "v1-users-invitations-email": old.call("PUT", f"{account}/a@example.com/tidepool/the-divers"),
        "v1-users-invitations": old.call("GET", account),
    }


def test_every_answer_has_all_that_the_recorded_one_has(answers):
    if not RECORDED.is_dir():
        pytest.skip("the recorded bodies are not in ../shared")
    for name, answer in answers.items():
        recorded = json.loads((RECORDED / f"{name}.spring-social.json").read_bytes())
        assert type(answer) is type(recorded), name
        assert members_of(recorded) - members_of(answer) == set(), name


def members_of(value, prefix=""):
    """The dotted names of everything in a body; lists are looked through."""
    if isinstance(value, list):
        return {name for one in value for name in members_of(one, prefix)}
    if not isinstance(value, dict):
        return set()
    found = {f"{prefix}{name}" for name in value.keys() - NAMES_OF_OLD}
    return found.union(*(members_of(inner, f"{prefix}{name}.") for name, inner in value.items()))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v1-groups", tuple[Group, ...]),
        ("v1-groups-members", tuple[Account, ...]),
        ("v1-groups-created", Group),
        ("v1-group-privileges-repository", tuple[GroupPrivilege, ...]),
        ("v1-invitations-sent", RepositoryInvitation),
        ("v1-users-invitations", tuple[GroupInvitation, ...]),
    ],
)
def test_the_client_reads_it(answers, name, kind):
    assert msgspec.convert(answers[name], kind)
