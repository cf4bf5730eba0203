"""What scopes imply, and that REST asks for them."""

import json
from pathlib import Path

import pytest

from simulator.rest.scopes import ALL, closure
from tests.simulator.tidepool import Client

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


@pytest.mark.parametrize(
    ("scope", "implied"),
    [
        ("repository", set()),
        ("repository:write", {"repository"}),
        ("repository:admin", set()),
        ("pullrequest", {"repository"}),
        ("pullrequest:write", {"pullrequest", "repository", "repository:write"}),
        ("project", {"repository"}),
        ("project:admin", set()),
        ("issue:write", {"issue"}),
        ("account:write", {"account", "email"}),
        ("webhook", set()),
    ],
)
def test_a_scope_brings_what_the_description_says_and_nothing_else(scope, implied):
    assert closure([scope]) == {scope} | implied


def test_the_closure_of_a_closure_is_itself():
    assert closure(closure(ALL)) == closure(ALL) == ALL


def test_a_token_without_the_scope_is_told_which_it_needs_and_has(client: Client):
    token = client.app_token("repository", "account")
    body = client.get("/repositories/tidepool/shells/pullrequests", who=token, expect=403)
    assert body == {
        "type": "error",
        "error": {
            "message": "Your credentials lack one or more required privilege scopes.",
            "detail": {"required": ["pullrequest"], "granted": ["account", "repository"]},
        },
    }


def test_an_implied_scope_is_enough(client: Client):
    client.get("/repositories/tidepool/shells", who=client.app_token("pullrequest:write"))


def test_all_of_several_are_needed(client: Client):
    path = "/user/workspaces/tidepool/permissions/repositories"
    assert client.get(path, who=client.app_token("account"), expect=403)["error"]["detail"]["required"] == [
        "account",
        "repository",
    ]
    client.get(path, who=client.app_token("account", "repository"))


@pytest.mark.shared
def test_the_refusal_has_the_recorded_shape(client: Client):
    if not SHARED.is_dir():
        pytest.skip("the recorded data is not at hand")
    recorded = json.loads((SHARED / "bitbucket/rest/error-privileges.gildas.json").read_text())
    body = client.get("/user", who=client.app_token("webhook"), expect=403)
    assert body["error"]["message"] == recorded["error"]["message"]
    assert list(body["error"]["detail"]) == list(recorded["error"]["detail"])
