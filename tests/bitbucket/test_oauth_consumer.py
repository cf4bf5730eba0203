"""Signing in: the state, the grants, and refresh tokens that are replaced when they are used."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest

from bitbucket.errors import ConnectionFailed, GrantRefused, StateMismatch, TimedOut
from bitbucket.messages import Request
from bitbucket.oauth_consumer import ActingAsConsumer, ActingFor, OAuthConsumer, OAuthGrants, check_state, new_state
from tests.bitbucket.cast import API, NOW, SITE
from tests.bitbucket.fake_transport import FakeTransport, json_answer

REQUEST = Request("GET", f"{API}/2.0/user")
CONSUMER = OAuthConsumer("client-id", "client:s3cr3t/ü", site_url=SITE)


def tokens_json(number, **members):
    return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 1000, **members}


def token_answer(number, **members):
    return json_answer(tokens_json(number, scopes="account issue:write", **members))


@pytest.fixture
def grants_over(clock):
    return lambda transport: OAuthGrants(transport, CONSUMER, now=clock.now)


def form_of(request):
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def bearer(credential, deadline_seconds=5):
    return credential.authorize(REQUEST, deadline_seconds=deadline_seconds).headers["Authorization"]


class TestTheState:
    def test_each_sign_in_has_its_own(self):
        states = {new_state() for _ in range(100)}
        assert len(states) == 100
        assert min(map(len, states)) >= 43

    def test_the_one_that_was_sent_is_taken(self):
        state = new_state()
        check_state(sent=state, received=state)

    @pytest.mark.parametrize(
        ("sent", "received"),
        [("a", "b"), ("a", None), (None, "a"), (None, None), ("", ""), ("a", ""), ("a", "ä\ud800")],
    )
    def test_any_other_is_refused(self, sent, received):
        with pytest.raises(StateMismatch):
            check_state(sent=sent, received=received)

    def test_it_travels_to_the_consent_page(self):
        url = urlsplit(CONSUMER.authorize_url(state="a b&c"))
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{SITE}/site/oauth2/authorize"
        query = {"client_id": ["client-id"], "response_type": ["code"], "state": ["a b&c"]}
        assert parse_qs(url.query) == query


class TestGrants:
    def test_a_code_is_exchanged_for_tokens(self, grants_over):
        transport = FakeTransport(token_answer(1))
        tokens = grants_over(transport).by_code("c0de", deadline_seconds=3)
        assert form_of(transport.last) == {"grant_type": "authorization_code", "code": "c0de"}
        assert (tokens.access_token, tokens.refresh_token) == ("access-1", "refresh-1")
        assert tokens.scopes == {"account", "issue:write"}
        assert tokens.expires_at == NOW + timedelta(seconds=1000)
        assert tokens.refresh_at == NOW + timedelta(seconds=800)
        assert transport.deadlines == [3]

    def test_the_consumer_says_who_it_is_in_the_header(self, grants_over):
        transport = FakeTransport(token_answer(1))
        grants_over(transport).by_code("c0de")
        scheme, _, encoded = transport.last.headers["Authorization"].partition(" ")
        assert (scheme, base64.b64decode(encoded)) == ("Basic", b"client-id:client%3As3cr3t%2F%C3%BC")
        assert b"s3cr3t" not in transport.last.body

    def test_a_refresh_replaces_both_tokens(self, grants_over):
        transport = FakeTransport(token_answer(1), token_answer(2))
        grants = grants_over(transport)
        tokens = grants.by_refresh(grants.by_code("c0de"))
        assert form_of(transport.last) == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
        assert (tokens.access_token, tokens.refresh_token) == ("access-2", "refresh-2")

    def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(self, grants_over):
        transport = FakeTransport(token_answer(1), json_answer({"access_token": "access-2"}))
        grants = grants_over(transport)
        assert grants.by_refresh(grants.by_code("c0de")).refresh_token == "refresh-1"

    def test_the_consumer_can_speak_for_itself(self, grants_over):
        transport = FakeTransport(json_answer({"access_token": "own"}))
        assert grants_over(transport).as_consumer().access_token == "own"
        assert form_of(transport.last) == {"grant_type": "client_credentials"}

    def test_a_spent_code_is_a_refused_grant(self, grants_over):
        answer = json_answer({"error": "invalid_grant", "error_description": "The code has expired"}, status=400)
        with pytest.raises(GrantRefused, match="The code has expired"):
            grants_over(FakeTransport(answer)).by_code("c0de")


class TestActingForSomebody:
    @pytest.fixture
    def signed_in(self, grants_over):
        """Somebody who signed in, the transport for what comes next, and what was kept of their tokens."""

        def sign_in(*answers):
            transport = FakeTransport(token_answer(1), *answers)
            grants = grants_over(transport)
            kept = []
            return ActingFor(grants, grants.by_code("c0de"), on_rotation=kept.append), transport, kept

        return sign_in

    def test_their_token_is_used_while_it_is_good(self, signed_in, clock):
        credential, transport, kept = signed_in()
        clock.pass_seconds(799)
        assert bearer(credential) == "Bearer access-1"
        assert (len(transport.requests), kept) == (1, [])

    def test_it_is_refreshed_in_time_and_the_new_ones_are_kept(self, signed_in, clock):
        credential, transport, kept = signed_in(token_answer(2))
        clock.pass_seconds(800)
        assert bearer(credential) == bearer(credential) == "Bearer access-2"
        assert [tokens.refresh_token for tokens in kept] == ["refresh-2"]
        assert len(transport.requests) == 2

    def test_each_refresh_uses_the_refresh_token_of_the_one_before(self, signed_in, clock):
        credential, transport, kept = signed_in(token_answer(2), token_answer(3))
        for _ in range(2):
            clock.pass_seconds(800)
            bearer(credential)
        sent = [form_of(request)["refresh_token"] for request in transport.requests[1:]]
        assert sent == ["refresh-1", "refresh-2"]
        assert len(kept) == 2

    def test_new_tokens_are_kept_before_they_are_used(self, signed_in, clock):
        credential, _, kept = signed_in(token_answer(2))

        def fail(tokens):
            kept.append(tokens)
            raise OSError("database is gone")

        credential._on_rotation = fail
        clock.pass_seconds(800)
        with pytest.raises(OSError, match="database"):
            bearer(credential)
        # The old refresh token is spent, so this process goes on with the new one rather than lose the user.
        assert bearer(credential) == "Bearer access-2"

    def test_a_refused_token_is_renewed(self, signed_in):
        credential, _, _ = signed_in(token_answer(2))
        refused = credential.authorize(REQUEST, deadline_seconds=5)
        assert credential.renew(refused)
        assert bearer(credential) == "Bearer access-2"

    def test_a_token_that_was_replaced_already_is_not_renewed_twice(self, signed_in):
        credential, transport, _ = signed_in(token_answer(2))
        refused = credential.authorize(REQUEST, deadline_seconds=5)
        for _ in range(3):
            credential.renew(refused)
            assert bearer(credential) == "Bearer access-2"
        assert len(transport.requests) == 2

    def test_a_request_of_somebody_else_is_not_its_business(self, signed_in):
        credential, transport, _ = signed_in()
        assert not credential.renew(REQUEST)
        assert bearer(credential) == "Bearer access-1"
        assert len(transport.requests) == 1

    def test_without_a_refresh_token_they_have_to_sign_in_again(self, grants_over, clock):
        grants = grants_over(FakeTransport(json_answer({"access_token": "access-1", "expires_in": 10})))
        credential = ActingFor(grants, grants.by_code("c0de"), on_rotation=lambda tokens: None)
        clock.pass_seconds(10)
        with pytest.raises(GrantRefused, match="sign in again"):
            bearer(credential)

    def test_a_failed_refresh_can_be_tried_again(self, signed_in, clock):
        credential, _, _ = signed_in(ConnectionFailed("down"), token_answer(2))
        clock.pass_seconds(800)
        with pytest.raises(ConnectionFailed):
            bearer(credential)
        assert bearer(credential) == "Bearer access-2"

    def test_many_at_once_refresh_once(self, signed_in, clock):
        asked, may_answer = Event(), Event()

        def held_back(request):
            asked.set()
            assert may_answer.wait(timeout=10)
            return token_answer(2)

        credential, transport, kept = signed_in(held_back)
        clock.pass_seconds(800)
        with ThreadPoolExecutor(6) as pool:
            outcomes = [pool.submit(bearer, credential) for _ in range(6)]
            assert asked.wait(timeout=10)
            with pytest.raises(TimedOut):
                bearer(credential, deadline_seconds=0.01)
            may_answer.set()
            assert {outcome.result(timeout=10) for outcome in outcomes} == {"Bearer access-2"}
        assert (len(transport.requests), len(kept)) == (2, 1)


class TestActingAsTheConsumer:
    def test_it_asks_when_it_is_first_needed_and_again_in_time(self, grants_over, clock):
        transport = FakeTransport(token_answer(1), token_answer(2))
        credential = ActingAsConsumer(grants_over(transport))
        assert transport.requests == []
        assert bearer(credential) == bearer(credential) == "Bearer access-1"
        clock.pass_seconds(800)
        assert bearer(credential) == "Bearer access-2"
        assert {form_of(request)["grant_type"] for request in transport.requests} == {"client_credentials"}


def test_no_repr_shows_a_secret(grants_over):
    tokens = grants_over(FakeTransport(token_answer(1))).by_code("c0de")
    shown = repr(tokens) + repr(CONSUMER)
    assert not any(secret in shown for secret in ("access-1", "refresh-1", "s3cr3t"))
