"""As whom a call is made."""

import base64
import json
from datetime import UTC, datetime

import pytest

from bitbucket.messages import Headers, Request, Response
from cli.api.callers import Wish, installation_credential, kind_of, own_credential
from cli.api.errors import UnclearCaller
from tests.bitbucket.fake_transport import FakeTransport

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUEST = Request("GET", "https://api.bitbucket.org/2.0/user")


def credential(kind, *, files=None, transport=None, **wish):
    return own_credential(
        Wish(**wish),
        kind,
        read_file=(files or {}).__getitem__,
        transport=transport or FakeTransport(),
        site_url="https://bitbucket.org",
        now=lambda: NOON,
    )


def authorization(of):
    return of.authorize(REQUEST, deadline_seconds=5).headers.get("Authorization")


ONE_OF_EACH = {
    "--as": {"installation": "acme"},
    "--user": {"user": "ann@example.com", "token": "t"},
    "--access-token": {"access_token": "t"},
    "--oauth-client": {"oauth_client": "k", "oauth_secret": "s"},
    "--anonymous": {"anonymous": True},
}


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_one_caller_may_be_named_on_the_line_or_in_the_environment(kind):
    assert kind_of(Wish(**ONE_OF_EACH[kind]), typed=()) == kind
    assert kind_of(Wish(**ONE_OF_EACH[kind]), typed=set(ONE_OF_EACH[kind])) == kind


def test_nobody_is_not_taken_for_anonymous():
    with pytest.raises(UnclearCaller, match="Say who calls"):
        kind_of(Wish(), typed=())
    with pytest.raises(UnclearCaller, match="Say who calls"):
        kind_of(Wish(token="t"), typed={"token"})


def test_two_callers_are_one_too_many():
    both = Wish(installation="acme", access_token="t")
    with pytest.raises(UnclearCaller, match="--as or --access-token"):
        kind_of(both, typed=())
    with pytest.raises(UnclearCaller, match="Only one"):
        kind_of(both, typed={"installation", "access_token"})


def test_what_was_typed_goes_before_the_environment():
    everything = Wish(**{name: value for wish in ONE_OF_EACH.values() for name, value in wish.items()})
    assert kind_of(everything, typed={"anonymous"}) == "--anonymous"
    assert kind_of(everything, typed={"user", "token"}) == "--user"
    assert kind_of(everything, typed={"user"}) == "--user"


def test_a_secret_of_another_kind_is_a_mistake():
    with pytest.raises(UnclearCaller, match="--token does not go with --as"):
        kind_of(Wish(installation="acme", token="t"), typed={"installation", "token"})
    with pytest.raises(UnclearCaller, match="--oauth-secret does not go with --user"):
        kind_of(Wish(user="a@b", token="t", oauth_secret="s"), typed={"user", "oauth_secret"})


def test_each_kind_signs_in_its_own_way():
    assert authorization(credential("--anonymous", anonymous=True)) is None
    assert authorization(credential("--access-token", access_token="ATCTT")) == "Bearer ATCTT"
    basic = authorization(credential("--user", user="ann@example.com", token="ATATT"))
    assert base64.b64decode(basic.removeprefix("Basic ")) == b"ann@example.com:ATATT"
    own = installation_credential(
        "connection:1", "secret", sign=lambda **call: f"{call['client_key']}-{call['method']}"
    )
    assert authorization(own) == "JWT connection:1-GET"


@pytest.mark.parametrize(
    "wish",
    [{"oauth_client": "key", "oauth_secret": "secret"}, {"oauth_client": "key:secret"}, {"oauth_client": "key:@s"}],
)
def test_a_consumer_gets_its_token_first(wish):
    answer = Response(200, Headers({}), b'{"access_token": "abc", "expires_in": 7200}')
    transport = FakeTransport(answer)
    found = credential("--oauth-client", transport=transport, files={"s": b"secret\n"}, **wish)
    assert authorization(found) == "Bearer abc"
    [asked] = transport.requests
    assert asked.url == "https://bitbucket.org/site/oauth2/access_token"
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"key:secret"
    assert b"client_credentials" in asked.body


def test_a_secret_may_stand_in_a_file_or_on_standard_input():
    files = {"token.txt": b"  from-a-file\n", "-": b"from-stdin\n"}
    assert authorization(credential("--access-token", access_token="@token.txt", files=files)) == "Bearer from-a-file"
    assert authorization(credential("--access-token", access_token="@-", files=files)) == "Bearer from-stdin"


@pytest.mark.parametrize(
    ("kind", "wish", "complaint"),
    [
        ("--user", {"user": "ann@example.com"}, "BITTERN_API_TOKEN"),
        ("--oauth-client", {"oauth_client": "key"}, "BITTERN_API_OAUTH_SECRET"),
        ("--user", {"user": "ann", "token": "t"}, "App passwords"),
        ("--user", {"user": "ann@example.com", "token": "ATBBabc"}, "App passwords"),
        ("--user", {"user": "ann@example.com:x", "token": "t"}, "colon"),
        ("--access-token", {"access_token": "two\nlines"}, "printable"),
        ("--access-token", {"access_token": "@binary"}, "not text"),
        ("--access-token", {"access_token": "@empty"}, "is needed"),
    ],
)
def test_a_secret_that_cannot_be_one_is_said(kind, wish, complaint):
    with pytest.raises(UnclearCaller, match=complaint):
        credential(kind, files={"binary": b"\xff\xfe", "empty": b"\n"}, **wish)


def test_secrets_do_not_show():
    wish = Wish(user="ann@example.com", token="s-1", access_token="s-2", oauth_client="k", oauth_secret="s-3")
    assert not any(secret in repr(wish) for secret in ("s-1", "s-2", "s-3"))


class TestAgainstBitbucket:
    """The two callers that need something made in Bitbucket first."""

    def test_an_access_token_calls(self, bitbucket, call):
        made = bitbucket.control("POST", "/access-tokens", {"repository": "acme/paint", "scopes": ["repository"]})
        ran = call("repositories/acme/paint", "--access-token", made["token"], "--fields", "slug")
        assert (ran.exit_code, json.loads(ran.stdout)) == (0, {"slug": "paint"})
        refused = call("repositories/acme/paint/issues", "--access-token", made["token"], "-f", "title=It drips")
        assert refused.exit_code == 1
        assert "Scopes needed: issue:write. Granted: repository." in refused.stderr
        assert made["token"] not in refused.output

    def test_a_consumer_calls_as_its_owner(self, bitbucket, call):
        made = {"workspace": "acme", "user": "bob", "key": "brush", "secret": "brush-secret", "scopes": ["account"]}
        bitbucket.control("POST", "/consumers", {**made, "callback_url": "https://brush.example/"})
        ran = call("user", "--oauth-client", "brush", "--oauth-secret", "brush-secret", "--fields", "nickname")
        assert (ran.exit_code, json.loads(ran.stdout)) == (0, {"nickname": "bob"})
        refused = call("user", "--oauth-client", "brush", "--oauth-secret", "guessed")
        assert refused.exit_code == 1
        assert "guessed" not in refused.output
