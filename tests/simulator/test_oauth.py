"""Tokens and the two OAuth endpoints, grant by grant."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.oauth import Consumer
from simulator.world.principal import Principal
from tests.simulator.tidepool_fixtures import client, pool, shells_template

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

__all__ = ["client", "pool", "shells_template"]

TOKEN = "/site/oauth2/access_token"
AUTHORIZE = "/site/oauth2/authorize"
JWT = "urn:bitbucket:oauth2:jwt"


@pytest.fixture
def consumer(client: Client) -> Consumer:
    made = Consumer(
        "key",
        "secret",
        client.pool.workspace,
        client.pool.alice,
        "https://app.example/callback",
        frozenset({"account", "repository"}),
    )
    return client.api.tokens.add_consumer(made)


@pytest.fixture
def installed(client: Client) -> Client:
    """An app is installed in tidepool; its JWT is the word good."""
    principal = Principal.app(
        user=client.pool.kelp,
        workspace=client.pool.workspace,
        scopes=frozenset({"account", "repository", "pullrequest"}),
        app_key="bittern",
    )
    client.pool.world.connect_authenticator = lambda token, *_: principal if token == "good" else None
    return client


def ask(client: Client, grant_type: str, *, authorization: str | None = None, **form: str):
    headers = {"Authorization": authorization} if authorization else {}
    return client.http.post(TOKEN, data={"grant_type": grant_type} | form, headers=headers)


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


class TestJwtGrant:
    def test_a_jwt_is_swapped_for_a_bearer_token_of_two_hours(self, installed: Client):
        answer = ask(installed, JWT, authorization="JWT good")
        body = answer.get_json()
        assert answer.status_code == 200
        assert (body["expires_in"], body["token_type"], body["scopes"]) == (
            7200,
            "bearer",
            "account pullrequest repository",
        )
        assert "refresh_token" not in body
        who = f"Bearer {body['access_token']}"
        assert installed.get("/user", who=who)["type"] == "app_user"

    def test_scope_narrows(self, installed: Client):
        body = ask(installed, JWT, authorization="JWT good", scope="repository").get_json()
        assert body["scopes"] == "repository"
        installed.get("/user", who=f"Bearer {body['access_token']}", expect=403)

    def test_scope_never_widens(self, installed: Client):
        answer = ask(installed, JWT, authorization="JWT good", scope="repository webhook")
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")

    @pytest.mark.parametrize("braces", [True, False])
    def test_a_repository_narrows_too(self, installed: Client, braces: bool):
        uuid = installed.pool.reef.uuid if braces else installed.pool.reef.uuid.strip("{}")
        body = ask(installed, JWT, authorization="JWT good", bitbucket_repository=uuid).get_json()
        who = f"Bearer {body['access_token']}"
        installed.get("/repositories/tidepool/reef", who=who)
        installed.get("/repositories/tidepool/shells", who=who, expect=404)

    @pytest.mark.parametrize("authorization", [None, "JWT bad", "Bearer good", "jwt good"])
    def test_without_a_good_token_it_is_a_401(self, installed: Client, authorization: str | None):
        answer = ask(installed, JWT, authorization=authorization)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "unauthorized_client")

    def test_a_json_body_names_no_grant(self, installed: Client):
        answer = installed.http.post(TOKEN, json={"grant_type": JWT}, headers={"Authorization": "JWT good"})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")

    def test_the_hook_sees_the_endpoint_and_the_method(self, client: Client):
        seen = []
        client.pool.world.connect_authenticator = lambda *call: seen.append(call)
        ask(client, JWT, authorization="JWT x")
        assert seen == [("x", "POST", TOKEN)]


class TestClientCredentials:
    def test_the_consumer_acts_for_its_owner_in_its_own_workspace(self, client: Client, consumer: Consumer):
        body = ask(client, "client_credentials", authorization=basic("key:secret")).get_json()
        who = f"Bearer {body['access_token']}"
        assert client.get("/user", who=who)["nickname"] == "alice"
        client.get("/repositories/tidepool/shells", who=who)
        client.get("/repositories/tidepool/shells/pullrequests", who=who, expect=403)

    def test_key_and_secret_may_be_in_the_form(self, client: Client, consumer: Consumer):
        assert ask(client, "client_credentials", client_id="key", client_secret="secret").status_code == 200

    @pytest.mark.parametrize("authorization", [None, basic("key:wrong"), basic("nobody:secret"), "Basic !", "Bearer x"])
    def test_a_wrong_secret_is_refused(self, client: Client, consumer: Consumer, authorization: str | None):
        answer = ask(client, "client_credentials", authorization=authorization)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client")


class TestAuthorizationCode:
    def code(self, client: Client, **more: str) -> dict[str, list[str]]:
        query = {"client_id": "key", "response_type": "code", "user": client.pool.bob.uuid, "state": "s&1"} | more
        answer = client.http.get(AUTHORIZE, query_string=query)
        assert answer.status_code == 302
        parts = urlsplit(answer.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://app.example/callback"
        return parse_qs(parts.query)

    def exchange(self, client: Client, code: str):
        return ask(client, "authorization_code", authorization=basic("key:secret"), code=code)

    def test_a_code_becomes_a_token_of_the_user_who_consented(self, client: Client, consumer: Consumer):
        answer = self.code(client)
        assert answer["state"] == ["s&1"]
        body = self.exchange(client, answer["code"][0]).get_json()
        assert client.get("/user", who=f"Bearer {body['access_token']}")["nickname"] == "bob"
        assert body["refresh_token"]

    def test_a_code_is_good_once(self, client: Client, consumer: Consumer):
        code = self.code(client)["code"][0]
        assert self.exchange(client, code).status_code == 200
        assert self.exchange(client, code).get_json()["error"] == "invalid_grant"

    def test_a_code_ends(self, client: Client, consumer: Consumer):
        code = self.code(client)["code"][0]
        client.pool.clock.advance(minutes=10)
        assert self.exchange(client, code).get_json()["error"] == "invalid_grant"

    def test_a_code_of_another_consumer_is_worth_nothing(self, client: Client, consumer: Consumer):
        other = Consumer("other", "secret", client.pool.workspace, client.pool.alice, "https://o.example/", frozenset())
        client.api.tokens.add_consumer(other)
        code = self.code(client)["code"][0]
        answer = ask(client, "authorization_code", authorization=basic("other:secret"), code=code)
        assert answer.get_json()["error"] == "invalid_grant"

    def test_a_path_below_the_callback_will_do_and_no_other(self, client: Client, consumer: Consumer):
        query = {"client_id": "key", "response_type": "code", "user": client.pool.bob.uuid}
        below = client.http.get(AUTHORIZE, query_string=query | {"redirect_uri": "https://app.example/callback/x?y=1"})
        assert below.headers["Location"].startswith("https://app.example/callback/x?y=1&code=")
        for bad in (
            "https://evil.example/callback",
            "https://app.example/",
            "https://app.example/callback2",
            "http://app.example/callback",
        ):
            assert client.http.get(AUTHORIZE, query_string=query | {"redirect_uri": bad}).status_code == 400, bad

    def test_an_unknown_client_is_never_redirected(self, client: Client):
        answer = client.http.get(AUTHORIZE, query_string={"client_id": "x", "redirect_uri": "https://evil.example"})
        assert (answer.status_code, "Location" in answer.headers) == (400, False)

    def test_the_implicit_grant_is_gone(self, client: Client, consumer: Consumer):
        assert self.code(client, response_type="token")["error"] == ["unsupported_response_type"]

    def test_without_a_user_a_page_asks_who_and_lists_the_scopes(self, client: Client, consumer: Consumer):
        query = {"client_id": "key", "response_type": "code", "user": "nobody"}
        page = client.http.get(AUTHORIZE, query_string=query).get_data(as_text=True)
        assert "<li>repository</li>" in page
        assert "Bob Example" in page
        assert "Kelp" not in page

    def test_the_page_grants_and_denies(self, client: Client, consumer: Consumer):
        address = f"{AUTHORIZE}?client_id=key&response_type=code&state=7"
        granted = client.http.post(address, data={"user": client.pool.bob.uuid, "consent": "grant"})
        assert "code=" in granted.headers["Location"]
        denied = client.http.post(address, data={"user": client.pool.bob.uuid, "consent": "deny"})
        assert denied.headers["Location"] == "https://app.example/callback?error=access_denied&state=7"


class TestRefreshing:
    def refresh(self, client: Client, token: str):
        return ask(client, "refresh_token", authorization=basic("key:secret"), refresh_token=token)

    def first(self, client: Client) -> str:
        return ask(client, "client_credentials", authorization=basic("key:secret")).get_json()["refresh_token"]

    def test_a_refresh_token_rotates(self, client: Client, consumer: Consumer):
        old = self.first(client)
        body = self.refresh(client, old).get_json()
        assert body["refresh_token"] != old
        assert client.get("/user", who=f"Bearer {body['access_token']}")["nickname"] == "alice"
        assert self.refresh(client, old).get_json()["error"] == "invalid_grant"
        assert self.refresh(client, body["refresh_token"]).status_code == 200

    def test_it_dies_after_three_months_unused(self, client: Client, consumer: Consumer):
        token = self.first(client)
        client.pool.clock.advance(days=90)
        assert self.refresh(client, token).get_json()["error"] == "invalid_grant"

    def test_the_new_one_lives_on(self, client: Client, consumer: Consumer):
        token = self.first(client)
        for _ in range(3):
            client.pool.clock.advance(days=60)
            token = self.refresh(client, token).get_json()["refresh_token"]


def test_other_grants_are_unknown(client: Client):
    for grant in ("password", "", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        assert ask(client, grant).get_json()["error"] == "unsupported_grant_type"


def test_answers_are_not_to_be_kept(installed: Client):
    assert ask(installed, JWT, authorization="JWT good").headers["Cache-Control"] == "no-store"
