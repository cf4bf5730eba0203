"""`/2.0/addon`: an app updates and removes itself."""

from __future__ import annotations

import jwt
import pytest

from simulator.connect.installations import RegisteredApp
from simulator.connect.signing import query_string_hash


def token(live, client_key, method, *, secret=None):
    claims = {"iss": "stand-in", "sub": client_key, "iat": 0, "exp": 9_999_999_999}
    claims["qsh"] = query_string_hash(method, "/2.0/addon")
    return jwt.encode(claims, secret or live.secret(client_key), algorithm="HS256")


def call(live, client_key, method, body=None, **more):
    headers = {"Authorization": f"JWT {token(live, client_key, method, **more)}"}
    return live.call(method, "/2.0/addon", body, headers=headers)


def name_of(live, client_key):
    return live.simulator.installations.find(client_key).descriptor.name


@pytest.fixture
def client_key(live):
    found = live.client_key()
    live.app.changes["name"] = "Renamed"
    return found


@pytest.mark.parametrize("body", [{}, None])
def test_an_empty_body_reads_the_known_address_again(live, client_key, body):
    assert call(live, client_key, "PUT", body) == (204, b"")
    assert name_of(live, client_key) == "Renamed"


def test_the_update_calls_the_app(live, client_key):
    call(live, client_key, "PUT", {})
    second = live.app.calls("/installed")[1]
    assert second.json["actor"]["account_id"] == live.cast.alice.account_id
    assert second.headers["Authorization"].startswith("JWT ")


def test_a_descriptor_can_come_in_the_body(live, client_key):
    document = {**live.app.descriptor(), "name": "From the body"}
    assert call(live, client_key, "PUT", {"descriptor": document})[0] == 204
    assert name_of(live, client_key) == "From the body"


def test_the_known_address_can_be_named(live, client_key):
    assert call(live, client_key, "PUT", {"descriptor_url": live.app.descriptor_url})[0] == 204
    assert name_of(live, client_key) == "Renamed"


def test_a_registered_address_takes_the_place_of_the_one_installed_from(live, client_key):
    url = f"{live.app.descriptor_url}?v=2"
    live.simulator.installations.register(RegisteredApp(key="stand-in", secret="s" * 40, descriptor_url=url))
    status, answer = call(live, client_key, "PUT", {"descriptor_url": live.app.descriptor_url})
    assert (status, "does not match the registration" in answer["error"]["message"]) == (400, True)
    assert call(live, client_key, "PUT", {"descriptor_url": url})[0] == 204


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/other.json", 7, None])
def test_another_address_is_refused(live, client_key, url):
    status, answer = call(live, client_key, "PUT", {"descriptor_url": url})
    assert status == 400
    assert answer["error"]["message"] == "The descriptor_url does not match the registration of the app."
    assert name_of(live, client_key) == "Stand-in"


@pytest.mark.parametrize(
    ("scopes", "words"),
    [(["account", "repository", "pullrequest", "webhook"], "cannot be increased"), ([], "cannot be reduced to none")],
)
def test_scopes_cannot_become_more_nor_none(live, client_key, scopes, words):
    live.app.changes["scopes"] = scopes
    status, answer = call(live, client_key, "PUT", {})
    assert (status, words in answer["error"]["message"]) == (400, True)


def test_a_bad_descriptor_is_refused_with_every_sentence(live, client_key):
    status, answer = call(live, client_key, "PUT", {"descriptor": {"key": "stand-in"}})
    assert status == 400
    assert "baseUrl is missing." in answer["error"]["fields"]["descriptor"]


def test_a_body_that_is_no_object_is_refused(live, client_key):
    assert call(live, client_key, "PUT", [1])[0] == 400


def test_an_update_that_the_app_refuses_changes_nothing(live, client_key):
    live.app.statuses = [500]
    status, answer = call(live, client_key, "PUT", {})
    assert (status, "500 Server Error" in answer["error"]["message"]) == (400, True)
    assert name_of(live, client_key) == "Stand-in"


def test_an_app_can_remove_itself(live, client_key):
    assert call(live, client_key, "DELETE") == (204, b"")
    assert live.simulator.installations.active() == []
    assert len(live.app.calls("/uninstalled")) == 1


def test_nobody_is_asked_to_sign_in(live, client_key):
    assert live.call("DELETE", "/2.0/addon")[0] == 401
    assert live.simulator.installations.active()


@pytest.mark.parametrize("authorization", ["Bearer {}", "Basic YTpi", "JWT nonsense"])
def test_any_other_credential_is_forbidden(live, client_key, authorization):
    headers = {"Authorization": authorization.format(token(live, client_key, "DELETE"))}
    assert live.call("DELETE", "/2.0/addon", headers=headers)[0] == 403
    assert live.simulator.installations.active()


def test_another_secret_is_forbidden(live, client_key):
    assert call(live, client_key, "DELETE", secret="not the secret of this installation")[0] == 403


def test_an_update_of_a_fixture_is_signed_by_the_apps_own_user(live):
    wish = {"client_key": "connection:1", "shared_secret": "s" * 40, "app_key": "stand-in"}
    wish |= {"workspace_uuid": live.cast.acme.uuid, "descriptor_url": live.app.descriptor_url}
    live.control("POST", "/installations", wish)
    assert call(live, "connection:1", "PUT", {})[0] == 204
    (received,) = live.app.calls("/installed")
    actor = received.json["actor"]["uuid"]
    assert live.cast.world.users["{" + actor + "}"].kind == "app_user"
