"""Who is calling: every scheme, right and wrong."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from simulator.world.principal import Principal

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

SHELLS, REEF = "/repositories/tidepool/shells", "/repositories/tidepool/reef"


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def test_nobody_sees_what_is_public(client: Client):
    client.get(REEF, who=None)


def test_what_is_private_does_not_exist_for_nobody(client: Client):
    assert client.get(SHELLS, who=None, expect=404)["error"]["message"] == "Repository tidepool/shells not found"


def test_an_api_token_with_the_e_mail_in_any_case_is_its_user(client: Client):
    assert client.get("/user", who=basic("ALICE@tidepool.example:alice-token"))["nickname"] == "alice"


@pytest.mark.parametrize(
    "header",
    [
        basic("alice@tidepool.example:wrong"),
        basic("alice@tidepool.example:"),
        basic("alice:alice-token"),
        basic("nobody@tidepool.example:alice-token"),
        basic("no colon"),
        "Basic !!!",
        "Basic /w==",
        "Bearer wrong",
        "Bearer",
        "Digest x",
        "jwt x",
        "JWT x",
        "x",
    ],
)
def test_what_does_not_hold_is_a_401_even_for_what_is_public(client: Client, header: str):
    answer = client.call("GET", REEF, who=header)
    assert answer.status_code == 401
    assert answer.get_json()["type"] == "error"


def test_a_stranger_is_told_that_a_private_repository_does_not_exist(client: Client):
    client.get(SHELLS, who=client.pool.charlie, expect=404)
    client.get(f"{SHELLS}/pullrequests", who=client.pool.charlie, expect=404)


def test_a_reader_who_wants_to_write_is_forbidden(client: Client):
    body = {"name": "x", "target": {"hash": "main"}}
    client.send("POST", f"{SHELLS}/refs/branches", body, who=client.pool.erin, expect=403)


def test_nobody_who_wants_to_write_must_say_who_they_are(client: Client):
    body = {"name": "x", "target": {"hash": "main"}}
    client.send("POST", f"{REEF}/refs/branches", body, who=None, expect=401)


def test_a_bearer_token_ends(client: Client):
    token = client.app_token("repository")
    client.get(SHELLS, who=token)
    client.pool.clock.advance(seconds=7200)
    client.get(SHELLS, who=token, expect=401)


def test_a_bearer_token_can_be_made_to_end_sooner(client: Client):
    principal = Principal("oauth2", client.pool.alice)
    token = client.api.tokens.access_token(principal, lifetime=timedelta(seconds=5))
    client.pool.clock.advance(seconds=5)
    client.get("/user", who=f"Bearer {token}", expect=401)


def test_revoked_tokens_are_worth_nothing(client: Client):
    token, other = (
        client.app_token("repository"),
        client.api.tokens.access_token(Principal("oauth2", client.pool.bob, quota_key="bob")),
    )
    client.api.tokens.revoke(quota_key=f"app:{client.pool.kelp.uuid}")
    client.get(SHELLS, who=token, expect=401)
    client.get("/user", who=f"Bearer {other}")


class TestConnect:
    @pytest.fixture
    def calls(self, client: Client) -> list[tuple[str, str, str]]:
        seen: list[tuple[str, str, str]] = []
        principal = Principal.app(
            user=client.pool.kelp, workspace=client.pool.workspace, scopes=frozenset({"repository"})
        )

        def authenticate(token: str, method: str, target: str) -> Principal | None:
            seen.append((token, method, target))
            return principal if token == "good" else None

        client.pool.world.connect_authenticator = authenticate
        return seen

    def test_the_hook_gets_the_token_the_method_and_the_target_as_sent(self, client: Client, calls):
        client.get(
            "/repositories/%7B%7D/" + client.pool.shells.uuid.replace("{", "%7B").replace("}", "%7D"),
            who="JWT good",
            a="b c",
        )
        ((token, method, target),) = calls
        assert (token, method) == ("good", "GET")
        assert target.startswith("/2.0/repositories/%7B%7D/%7B")
        assert target.endswith("?a=b+c")

    def test_an_app_acts_as_its_own_user_within_its_scopes(self, client: Client, calls):
        client.get(SHELLS, who="JWT good")
        client.get("/user", who="JWT good", expect=403)

    def test_a_token_that_the_hook_refuses_is_a_401(self, client: Client, calls):
        client.get(SHELLS, who="JWT bad", expect=401)

    def test_an_app_sees_nothing_private_of_another_workspace(self, client: Client, calls):
        client.get("/repositories/elsewhere/secret", who="JWT good", expect=404)


def test_a_narrowed_token_sees_only_its_repositories(client: Client):
    token = client.app_token("repository", repositories=frozenset({client.pool.reef.uuid}))
    client.get(REEF, who=token)
    client.get(SHELLS, who=token, expect=404)
