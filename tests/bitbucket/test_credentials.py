"""Who is calling: what each credential puts on a request, and what it does about a 401."""

from __future__ import annotations

import base64

import pytest

from bitbucket.bearer_tokens import BearerTokens
from bitbucket.credentials import Anonymous, Basic, Bearer, ConnectJwt, SwappedBearer
from bitbucket.errors import AppPasswordsEnded
from bitbucket.messages import Request
from tests.bitbucket.cast import ALICES_REPOSITORY, API, CLIENT_KEY, SECRET, SITE
from tests.bitbucket.fake_transport import FakeTransport, json_answer

REQUEST = Request("GET", f"{API}/2.0/user?a=1")


def authorization(credential, request=REQUEST):
    return credential.authorize(request, deadline_seconds=5).headers.get("Authorization")


def sign(*, client_key, secret, method, url):
    return f"signed-{len(secret)}-{client_key}-{method}-{url}"


def test_nobody_sends_nothing():
    assert Anonymous().authorize(REQUEST, deadline_seconds=5) == REQUEST


def test_a_token_is_sent_as_bearer():
    assert authorization(Bearer("t0ken")) == "Bearer t0ken"


class TestBasic:
    def test_a_person_is_an_email_address_and_an_api_token(self):
        sent = authorization(Basic("alice@example.com", "ATATT3x:ü"))
        assert sent == "Basic " + base64.b64encode("alice@example.com:ATATT3x:ü".encode()).decode()

    @pytest.mark.parametrize(
        ("name", "secret"), [("alice", "ATATT3x"), ("alice@example.com", "ATBBx"), ("alice", "ATBBx")]
    )
    def test_an_app_password_is_told_that_they_have_ended(self, name, secret):
        with pytest.raises(AppPasswordsEnded, match="2026-07-28") as raised:
            Basic(name, secret)
        assert secret not in str(raised.value)

    def test_an_address_that_would_end_too_early_is_refused(self):
        with pytest.raises(ValueError, match="colon"):
            Basic("alice:x@example.com", "ATATT3x")


def test_an_installation_signs_method_and_url_of_each_request():
    credential = ConnectJwt(CLIENT_KEY, SECRET, sign=sign)
    assert authorization(credential) == f"JWT signed-{len(SECRET)}-{CLIENT_KEY}-GET-{API}/2.0/user?a=1"
    other = Request("PUT", f"{API}/2.0/addon")
    assert authorization(credential, other) == f"JWT signed-{len(SECRET)}-{CLIENT_KEY}-PUT-{API}/2.0/addon"


@pytest.mark.parametrize(
    "credential", [Anonymous(), Basic("a@example.com", "x"), Bearer("t0ken"), ConnectJwt(CLIENT_KEY, SECRET, sign=sign)]
)
def test_most_credentials_have_nothing_to_renew(credential):
    assert not credential.renew(REQUEST)


class TestTheSwappedBearer:
    @pytest.fixture
    def transport(self):
        return FakeTransport(*[json_answer({"access_token": f"token-{number}"}) for number in (1, 2, 3)])

    @pytest.fixture
    def tokens(self, transport, clock):
        return BearerTokens(transport, sign=sign, site_url=SITE, now=clock.now)

    def test_it_sends_the_swapped_token(self, tokens, transport):
        credential = SwappedBearer(tokens, CLIENT_KEY, SECRET)
        assert authorization(credential) == authorization(credential) == "Bearer token-1"
        assert transport.deadlines == [5]

    def test_it_passes_its_narrowing_on(self, tokens, transport):
        authorization(SwappedBearer(tokens, CLIENT_KEY, SECRET, scope="issue", repository_uuid=ALICES_REPOSITORY))
        body = transport.last.body
        assert b"scope=issue" in body
        assert b"bitbucket_repository=%7B" in body

    def test_it_renews_the_token_that_was_refused(self, tokens):
        credential = SwappedBearer(tokens, CLIENT_KEY, SECRET)
        refused = credential.authorize(REQUEST, deadline_seconds=5)
        assert credential.renew(refused)
        assert authorization(credential) == "Bearer token-2"

    def test_it_does_not_renew_twice_for_two_refusals_of_one_token(self, tokens, transport):
        credential = SwappedBearer(tokens, CLIENT_KEY, SECRET)
        refused = credential.authorize(REQUEST, deadline_seconds=5)
        assert credential.renew(refused)
        authorization(credential)
        assert credential.renew(refused)
        assert authorization(credential) == "Bearer token-2"
        assert len(transport.requests) == 2

    def test_a_request_that_it_did_not_sign_is_not_its_business(self, tokens):
        credential = SwappedBearer(tokens, CLIENT_KEY, SECRET)
        assert not credential.renew(REQUEST)
        assert not credential.renew(REQUEST.with_header("Authorization", "JWT x"))


def test_no_repr_shows_a_secret(clock):
    tokens = BearerTokens(FakeTransport(), sign=sign, site_url=SITE, now=clock.now)
    shown = repr(
        [Bearer("t0ken"), ConnectJwt(CLIENT_KEY, SECRET, sign=sign), SwappedBearer(tokens, CLIENT_KEY, SECRET)]
    )
    assert "t0ken" not in shown
    assert SECRET not in shown
    assert CLIENT_KEY in shown
