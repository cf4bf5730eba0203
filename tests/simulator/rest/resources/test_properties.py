"""App properties: the app's own, on four kinds of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client


@pytest.fixture(params=["repository", "commit", "pullrequest", "user"])
def place(request, client: Client) -> str:
    base = "/repositories/tidepool/shells"
    places = {
        "repository": base,
        "commit": f"{base}/commit/main",
        "pullrequest": f"{base}/pullrequests/{client.pool.open().id}",
        "user": f"/users/{client.pool.bob.uuid}",
    }
    return f"{places[request.param]}/properties/bittern/colour"


def app(client: Client, app_key: str = "bittern") -> str:
    return client.app_token("repository", app_key=app_key)


def test_an_app_keeps_finds_and_forgets_a_value(client: Client, place: str):
    client.send("PUT", place, {"value": {"deep": [1]}}, who=app(client), expect=204)
    assert client.get(place, who=app(client)) == {"value": {"deep": [1]}}
    client.send("DELETE", place, who=app(client), expect=204)
    client.get(place, who=app(client), expect=404)


def test_others_neither_see_nor_change_it(client: Client, place: str):
    client.send("PUT", place, {"value": 1}, who=app(client), expect=204)
    for who in (client.pool.alice, app(client, "other")):
        client.get(place, who=who, expect=404)
        client.send("PUT", place, {"value": 2}, who=who, expect=403)
        client.send("DELETE", place, who=who, expect=403)


def test_a_public_one_is_seen_by_others(client: Client, place: str):
    client.send("PUT", place, {"value": 1, "_attributes": ["public"]}, who=app(client), expect=204)
    assert client.get(place)["value"] == 1


@pytest.mark.parametrize("value", [{"a b": 1}, {"ü": 1}, {"_attributes": ["secret"]}, {"_attributes": "public"}])
def test_keys_and_attributes_that_bitbucket_refuses_are_refused(client: Client, value: dict):
    path = "/repositories/tidepool/shells/properties/bittern/colour"
    client.send("PUT", path, value, who=app(client), expect=400)
