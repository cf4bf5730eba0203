"""Webhooks made through REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

PLACES = ("/repositories/tidepool/shells/hooks", "/workspaces/tidepool/hooks")
WISH = {
    "url": "https://ci.example/hook",
    "description": "CI",
    "active": True,
    "events": ["repo:push", "pullrequest:created"],
    "secret": "s3cret",
}


@pytest.mark.parametrize("place", PLACES)
def test_one_is_made_found_changed_and_removed(client: Client, place: str):
    answer = client.call("POST", place, WISH)
    made = answer.get_json()
    assert (answer.status_code, made["type"], made["active"], made["secret_set"]) == (
        201,
        "webhook_subscription",
        True,
        True,
    )
    assert "s3cret" not in answer.get_data(as_text=True)
    one = answer.headers["Location"]
    assert client.get(one) == made
    assert client.get(place)["values"] == [made]
    changed = client.send(
        "PUT",
        one.partition("/2.0")[2],
        {"url": "https://other.example/", "active": False, "secret": None, "events": ["repo:fork"]},
    )
    assert (changed["url"], changed["active"], changed["secret_set"], changed["events"]) == (
        "https://other.example/",
        False,
        False,
        ["repo:fork"],
    )
    client.send("DELETE", one.partition("/2.0")[2], expect=204)
    client.get(one, expect=404)


def test_it_says_what_it_belongs_to(client: Client):
    subjects = [client.send("POST", place, WISH, expect=201) for place in PLACES]
    assert [(one["subject_type"], one["subject"]["type"]) for one in subjects] == [
        ("repository", "repository"),
        ("workspace", "workspace"),
    ]


def test_without_a_secret_in_a_change_the_secret_stays(client: Client):
    made = client.send("POST", PLACES[0], WISH, expect=201)
    assert client.send("PUT", f"{PLACES[0]}/{made['uuid']}", {"description": "x"})["secret_set"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"url": "nope"}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["repo:sneeze"]}, "events"),
        ({"events": None}, "events"),
    ],
)
def test_a_bad_address_and_unknown_events_are_refused(client: Client, change: dict, field: str):
    assert field in client.send("POST", PLACES[0], WISH | change, expect=400)["error"]["fields"]


@pytest.mark.parametrize("place", PLACES)
def test_only_administrators_with_the_scope_may(client: Client, place: str):
    client.get(place, who=client.pool.bob, expect=403)
    client.get(place, who=client.app_token("repository:admin", "account"), expect=403)
    client.get(place, who=client.app_token("webhook"))


def test_the_catalogue_of_events(client: Client):
    assert set(client.get("/hook_events", who=None)) == {"repository", "workspace"}
    values = client.everything("/hook_events/repository", pagelen=10)
    assert {"event": "repo:push", "category": "Repo", "label": "Push", "description": "repo push"} in values
    client.get("/hook_events/planet", expect=404)
