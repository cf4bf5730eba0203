"""The life of an installation through the front door, on SQLite and on PostgreSQL: the same answers, the same rows."""

import json

import pytest

from connect.lifecycle import InstallationState
from models import inbox, installations
from settings import Settings
from sync import deliveries
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE
from tests.web.conftest import KEY
from tests.web.panels.asking import page_token, panel
from tests.web.signing import signed_headers
from tests.web.test_lifecycle import body
from tests.web.test_webhooks import headers, push

SECRET = "first-secret-0123456789-0123456789-0123456789"


@pytest.fixture
def web_database_url(database_url):
    return database_url


@pytest.fixture
def make_settings(database_url):
    def make(**overrides):
        return Settings(base_url="https://bittern.example.com", secret_keys=KEY, database_url=database_url, **overrides)

    return make


def test_an_installation_lives_through_install_panel_webhook_rotation_and_uninstall(
    client, services, bitbucket, doorbell, clock
):
    bitbucket.answers(f"/2.0/workspaces/{ALICE_WORKSPACE}", {"type": "workspace", "uuid": ALICE_WORKSPACE})
    assert client.post("/connect/installed", json=body(secret=SECRET)).status_code == 204

    shown = client.get(panel(secret=SECRET))
    assert shown.status_code == 200
    assert page_token(shown)

    assert client.post("/connect/webhook", data=push(), headers=headers(secret=SECRET)).status_code == 202
    assert client.post("/connect/webhook", data=push(), headers=headers(secret=SECRET)).status_code == 202
    assert [what for what, _ in doorbell.rung] == ["backfill", "delivery"]
    assert deliveries.apply_next(services, doorbell.rung[1][1])
    with services.readers() as session:
        assert inbox.backlog(session).pending == 0

    rotated = signed_headers("/connect/installed", secret=SECRET)
    assert client.post("/connect/installed", json=body(), headers=rotated).status_code == 204
    assert client.get(panel(secret=SECRET)).status_code == 401

    new_secret = body()["sharedSecret"]
    clock.advance(seconds=5)
    ended = signed_headers("/connect/uninstalled", secret=new_secret, at=clock())
    assert client.post("/connect/uninstalled", json=body("uninstalled"), headers=ended).status_code == 204
    with services.readers() as session:
        assert installations.by_client_key(session, ALICE_KEY).state is InstallationState.UNINSTALLED
    assert client.get(panel(secret=new_secret)).status_code == 401


@pytest.mark.parametrize("name", ["a\x00b", "\ud83d\ude00", "x" * 5000, "\u202e"])
def test_a_strange_name_has_the_same_effect_on_both(client, services, alice, name):
    data = json.loads(push())
    data["data"]["repository"]["name"] = name

    answer = client.post("/connect/webhook", data=json.dumps(data), headers=headers())

    assert answer.status_code == (400 if "\x00" in name else 202)


def test_a_repository_is_known_by_its_uuid_in_every_spelling(client, alice):
    assert client.get(panel(ALICE_REPOSITORY.upper())).status_code == 200


def test_it_is_the_database_of_the_test_that_was_used(services, database_url):
    assert services.settings.database_url == database_url
