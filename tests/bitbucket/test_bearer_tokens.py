"""Swapping a Connect token for a bearer token: once for everybody, in time, and never shown."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest

from bitbucket.bearer_tokens import BearerTokens
from bitbucket.errors import ConnectionFailed, GrantRefused, RateLimited, ServerFault, TimedOut, UnexpectedShape
from tests.bitbucket.cast import ALICES_REPOSITORY, CLIENT_KEY, SECRET, SITE
from tests.bitbucket.fake_transport import FakeTransport, json_answer

REFUSED = {"error": "invalid_grant", "error_description": "No such installation"}


def token(text="token-1", *, expires_in=7200, **members):
    return json_answer({"access_token": text, "expires_in": expires_in, "scopes": "account repository", **members})


def sign(*, client_key, secret, method, url):
    return f"{client_key}.{secret}.{method}.{url}"


@pytest.fixture
def tokens_over(clock):
    def build(*answers, **options):
        transport = FakeTransport(*answers)
        return BearerTokens(transport, sign=sign, site_url=SITE, now=clock.now, **options), transport

    return build


class TestTheSwap:
    def test_it_is_signed_and_sent_as_a_form(self, tokens_over):
        tokens, transport = tokens_over(token())
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"
        sent = transport.last
        assert (sent.method, sent.url) == ("POST", f"{SITE}/site/oauth2/access_token")
        assert sent.headers["Authorization"] == f"JWT {CLIENT_KEY}.{SECRET}.POST.{SITE}/site/oauth2/access_token"
        assert parse_qs(sent.body.decode()) == {"grant_type": ["urn:bitbucket:oauth2:jwt"]}

    def test_it_can_be_narrowed(self, tokens_over):
        tokens, transport = tokens_over(token())
        repository = ALICES_REPOSITORY.strip("{}").upper()
        tokens.token(CLIENT_KEY, SECRET, scope="repository pullrequest", repository_uuid=repository)
        form = parse_qs(transport.last.body.decode())
        assert form["scope"] == ["pullrequest repository"]
        assert form["bitbucket_repository"] == [ALICES_REPOSITORY]

    def test_it_has_the_time_that_its_caller_has(self, tokens_over):
        tokens, transport = tokens_over(token())
        tokens.token(CLIENT_KEY, SECRET, deadline_seconds=1.5)
        assert transport.deadlines == [1.5]

    def test_a_secret_that_is_no_longer_good_is_a_refused_grant(self, tokens_over):
        tokens, _ = tokens_over(json_answer(REFUSED, status=400))
        with pytest.raises(GrantRefused) as raised:
            tokens.token(CLIENT_KEY, SECRET)
        assert (raised.value.error_code, raised.value.permanent) == ("invalid_grant", True)

    def test_a_failure_is_not_remembered(self, tokens_over):
        tokens, _ = tokens_over(ConnectionFailed("down"), json_answer({}, status=503), token())
        with pytest.raises(ConnectionFailed):
            tokens.token(CLIENT_KEY, SECRET)
        with pytest.raises(ServerFault):
            tokens.token(CLIENT_KEY, SECRET)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"

    def test_what_cannot_be_a_token_is_never_kept(self, tokens_over):
        tokens, _ = tokens_over(token("bad\r\ntoken"), token())
        with pytest.raises(UnexpectedShape):
            tokens.token(CLIENT_KEY, SECRET)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"

    def test_a_failing_signer_fails_its_caller_and_nobody_later(self, clock):
        calls = []

        def failing_once(**named):
            calls.append(named)
            if len(calls) == 1:
                raise RuntimeError("no key")
            return sign(**named)

        tokens = BearerTokens(FakeTransport(token()), sign=failing_once, site_url=SITE, now=clock.now)
        with pytest.raises(RuntimeError, match="no key"):
            tokens.token(CLIENT_KEY, SECRET)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"


class TestKeeping:
    def test_a_token_is_kept(self, tokens_over):
        tokens, transport = tokens_over(token())
        assert [tokens.token(CLIENT_KEY, SECRET) for _ in range(3)] == ["token-1"] * 3
        assert len(transport.requests) == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"client_key": "connection:2002"},
            {"secret": "another-secret-that-is-long-enough-too"},
            {"scope": "repository"},
            {"repository_uuid": ALICES_REPOSITORY},
        ],
    )
    def test_another_installation_secret_scope_or_repository_has_its_own(self, tokens_over, other):
        tokens, _ = tokens_over(token("token-1"), token("token-2"))
        first = {"client_key": CLIENT_KEY, "secret": SECRET}
        assert tokens.token(**first) == "token-1"
        assert tokens.token(**(first | other)) == "token-2"
        assert tokens.token(**first) == "token-1"

    def test_the_order_of_scopes_and_the_spelling_of_a_uuid_do_not_matter(self, tokens_over):
        tokens, transport = tokens_over(token())
        tokens.token(CLIENT_KEY, SECRET, scope="a b", repository_uuid=ALICES_REPOSITORY)
        tokens.token(CLIENT_KEY, SECRET, scope=" b  a", repository_uuid=ALICES_REPOSITORY.strip("{}").upper())
        assert len(transport.requests) == 1

    def test_it_is_swapped_again_after_four_fifths_of_its_life(self, tokens_over, clock):
        tokens, _ = tokens_over(token("token-1", expires_in=1000), token("token-2"))
        tokens.token(CLIENT_KEY, SECRET)
        clock.pass_seconds(799)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"
        clock.pass_seconds(1)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-2"

    @pytest.mark.parametrize(
        "trouble",
        [ConnectionFailed("down"), TimedOut("slow"), json_answer({}, status=503), json_answer({}, status=429)],
    )
    def test_the_old_one_serves_to_its_end_while_the_endpoint_is_in_trouble(self, tokens_over, clock, trouble):
        tokens, _ = tokens_over(token(expires_in=1000), trouble, trouble, token("token-2"))
        tokens.token(CLIENT_KEY, SECRET)
        clock.pass_seconds(999)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-1"
        clock.pass_seconds(1)
        with pytest.raises((ConnectionFailed, TimedOut, ServerFault, RateLimited)):
            tokens.token(CLIENT_KEY, SECRET)

    def test_a_refusal_counts_even_while_the_old_one_is_good(self, tokens_over, clock):
        tokens, _ = tokens_over(token(expires_in=1000), json_answer(REFUSED, status=401))
        tokens.token(CLIENT_KEY, SECRET)
        clock.pass_seconds(900)
        with pytest.raises(GrantRefused):
            tokens.token(CLIENT_KEY, SECRET)

    def test_it_keeps_no_more_than_it_should_and_drops_the_one_unused_for_longest(self, tokens_over):
        tokens, transport = tokens_over(*[token(f"token-{number}") for number in range(1, 6)], most_tokens=2)
        tokens.token("a", SECRET)
        tokens.token("b", SECRET)
        tokens.token("a", SECRET)
        tokens.token("c", SECRET)
        assert tokens.token("a", SECRET) == "token-1"
        assert tokens.token("b", SECRET) == "token-4"
        assert len(transport.requests) == 4

    def test_it_tells_the_scopes_that_were_granted(self, tokens_over):
        tokens, _ = tokens_over(token())
        assert tokens.granted_scopes(CLIENT_KEY, SECRET) == frozenset()
        tokens.token(CLIENT_KEY, SECRET)
        assert tokens.granted_scopes(CLIENT_KEY, SECRET) == {"account", "repository"}


class TestForgetting:
    def test_an_uninstalled_installation_has_no_tokens_left(self, tokens_over):
        tokens, _ = tokens_over(token("token-1"), token("narrow"), token("theirs"), token("token-2"))
        tokens.token(CLIENT_KEY, SECRET)
        tokens.token(CLIENT_KEY, SECRET, scope="repository")
        tokens.token("connection:2002", SECRET)
        tokens.forget(CLIENT_KEY)
        assert tokens.token(CLIENT_KEY, SECRET) == "token-2"
        assert tokens.token("connection:2002", SECRET) == "theirs"

    def test_a_token_that_comes_after_it_was_forgotten_is_not_kept(self, tokens_over):
        def uninstalled_meanwhile(request):
            tokens.forget(CLIENT_KEY)
            return token("late")

        tokens, _ = tokens_over(uninstalled_meanwhile, token("token-2"))
        assert tokens.token(CLIENT_KEY, SECRET) == "late"
        assert tokens.token(CLIENT_KEY, SECRET) == "token-2"

    def test_one_refused_token_is_dropped_and_its_neighbours_stay(self, tokens_over):
        tokens, _ = tokens_over(token("wide"), token("narrow"), token("wide-2"))
        tokens.token(CLIENT_KEY, SECRET)
        tokens.token(CLIENT_KEY, SECRET, scope="repository")
        assert tokens.discard(CLIENT_KEY, "wide")
        assert tokens.token(CLIENT_KEY, SECRET) == "wide-2"
        assert tokens.token(CLIENT_KEY, SECRET, scope="repository") == "narrow"

    def test_a_token_that_was_replaced_already_does_not_cost_the_new_one(self, tokens_over):
        tokens, transport = tokens_over(token("token-2"))
        tokens.token(CLIENT_KEY, SECRET)
        assert tokens.discard(CLIENT_KEY, "token-1")
        assert tokens.token(CLIENT_KEY, SECRET) == "token-2"
        assert len(transport.requests) == 1


class TestManyAtOnce:
    """Several threads want the same token; the fake endpoint answers once all of them have asked."""

    @pytest.fixture
    def endpoint(self):
        return Endpoint()

    def test_they_cause_one_swap(self, tokens_over, endpoint):
        tokens, transport = tokens_over(endpoint.answer_with(token()))
        assert endpoint.ask(tokens, 8) == ["token-1"] * 8
        assert len(transport.requests) == 1

    def test_they_share_its_failure(self, tokens_over, endpoint):
        tokens, transport = tokens_over(endpoint.answer_with(json_answer(REFUSED, status=400)))
        outcomes = endpoint.ask(tokens, 8)
        assert {type(outcome) for outcome in outcomes} == {GrantRefused}
        assert len(transport.requests) == 1

    def test_none_waits_longer_than_it_has_time(self, tokens_over, endpoint):
        tokens, _ = tokens_over(endpoint.answer_with(token()))
        with ThreadPoolExecutor(1) as pool:
            leader = pool.submit(tokens.token, CLIENT_KEY, SECRET)
            assert endpoint.asked.wait(timeout=10)
            with pytest.raises(TimedOut):
                tokens.token(CLIENT_KEY, SECRET, deadline_seconds=0.01)
            endpoint.may_answer.set()
            assert leader.result(timeout=10) == "token-1"

    def test_nobody_waits_for_a_refresh_while_the_old_token_is_good(self, tokens_over, endpoint, clock):
        tokens, _ = tokens_over(token("old", expires_in=1000), endpoint.answer_with(token("new")))
        tokens.token(CLIENT_KEY, SECRET)
        clock.pass_seconds(900)
        with ThreadPoolExecutor(1) as pool:
            leader = pool.submit(tokens.token, CLIENT_KEY, SECRET)
            assert endpoint.asked.wait(timeout=10)
            assert tokens.token(CLIENT_KEY, SECRET) == "old"
            endpoint.may_answer.set()
            assert leader.result(timeout=10) == "new"

    def test_other_installations_do_not_wait(self, tokens_over, endpoint):
        tokens, _ = tokens_over(endpoint.answer_with(token("slow")), token("quick"))
        with ThreadPoolExecutor(1) as pool:
            leader = pool.submit(tokens.token, CLIENT_KEY, SECRET)
            assert endpoint.asked.wait(timeout=10)
            assert tokens.token("connection:2002", SECRET) == "quick"
            endpoint.may_answer.set()
            assert leader.result(timeout=10) == "slow"


class Endpoint:
    """A token endpoint that holds its answer back."""

    def __init__(self):
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def answer_with(self, answer):
        def respond(request):
            self.asked.set()
            assert self.may_answer.wait(timeout=10)
            return answer

        return respond

    def ask(self, tokens, count):
        """The outcomes of `count` threads that all ask before the answer comes."""

        def ask_once():
            try:
                return tokens.token(CLIENT_KEY, SECRET)
            except GrantRefused as error:
                return error

        with ThreadPoolExecutor(count) as pool:
            asking = [pool.submit(ask_once) for _ in range(count)]
            assert self.asked.wait(timeout=10)
            self.may_answer.set()
            return [outcome.result(timeout=10) for outcome in asking]


def test_no_repr_shows_a_token_or_a_secret(tokens_over):
    tokens, _ = tokens_over(token("t0ken"))
    tokens.token(CLIENT_KEY, SECRET)
    shown = repr(tokens) + repr(tokens._tokens) + repr(vars(tokens))
    assert "t0ken" not in shown
    assert SECRET not in shown
