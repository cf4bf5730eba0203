"""Random lives of bearer tokens against a plain model: time passes, installations come and go, the endpoint fails."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bitbucket.bearer_tokens import BearerTokens
from bitbucket.errors import ConnectionFailed, GrantRefused
from tests.bitbucket.cast import SITE, Clock
from tests.bitbucket.fake_transport import json_answer

CLIENT_KEYS = st.sampled_from(["connection:1", "connection:2"])
SECRETS = st.sampled_from(["secret-one-that-is-long-enough-to-be", "secret-two-that-is-long-enough-to-be"])
SCOPES = st.sampled_from([None, "repository", "repository pullrequest"])
LIFE_SECONDS = 1000
MOST_TOKENS = 6


def sign(*, client_key, secret, method, url):
    return f"{client_key}|{secret}"


class Endpoint:
    """A token endpoint as a Transport: it may be down, and it forgets installations and secrets when told to."""

    def __init__(self):
        self.is_down = False
        self.issued = {}
        self.refused = set()
        self.swaps = 0

    def send(self, request, *, deadline_seconds, max_bytes=0, sink=None):
        if self.is_down:
            raise ConnectionFailed("down")
        self.swaps += 1
        owner = request.headers["Authorization"].removeprefix("JWT ")
        if owner in self.refused:
            return json_answer({"error": "invalid_grant"}, status=401)
        token = f"token-{self.swaps}"
        self.issued[token] = owner
        return json_answer({"access_token": token, "expires_in": LIFE_SECONDS})


class TokensOverTime(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.endpoint = Endpoint()
        self.tokens = BearerTokens(self.endpoint, sign=sign, site_url=SITE, now=self.clock.now, most_tokens=MOST_TOKENS)
        self.born = {}
        self.forgotten = set()

    def ask(self, client_key, secret, scope):
        swaps_before = self.endpoint.swaps
        token = self.tokens.token(client_key, secret, scope=scope)
        if self.endpoint.swaps > swaps_before:
            self.born[token] = self.clock.passed_seconds
        return token

    @rule(client_key=CLIENT_KEYS, secret=SECRETS, scope=SCOPES)
    def a_token_is_good_and_belongs_to_who_asked(self, client_key, secret, scope):
        try:
            token = self.ask(client_key, secret, scope)
        except (ConnectionFailed, GrantRefused):
            assert self.endpoint.is_down or f"{client_key}|{secret}" in self.endpoint.refused
            return
        age_seconds = self.clock.passed_seconds - self.born[token]
        assert self.endpoint.issued[token] == f"{client_key}|{secret}"
        assert token not in self.forgotten
        assert age_seconds < (LIFE_SECONDS if self.endpoint.is_down else 0.8 * LIFE_SECONDS)

    @rule(client_key=CLIENT_KEYS, secret=SECRETS, scope=SCOPES)
    @precondition(lambda self: not self.endpoint.is_down and not self.endpoint.refused)
    def asking_twice_swaps_once(self, client_key, secret, scope):
        first = self.ask(client_key, secret, scope)
        swaps = self.endpoint.swaps
        assert self.ask(client_key, secret, scope) == first
        assert self.endpoint.swaps == swaps

    @rule(seconds=st.sampled_from([1, 100, 799, 800, 1000]))
    def time_passes(self, seconds):
        self.clock.pass_seconds(seconds)

    @rule(client_key=CLIENT_KEYS)
    def an_installation_is_removed(self, client_key):
        self.tokens.forget(client_key)
        self.forgotten |= {token for token, owner in self.endpoint.issued.items() if owner.startswith(f"{client_key}|")}

    @rule(client_key=CLIENT_KEYS, data=st.data())
    @precondition(lambda self: self.endpoint.issued)
    def one_token_is_refused_by_the_api(self, client_key, data):
        token = data.draw(st.sampled_from(sorted(self.endpoint.issued)))
        self.tokens.discard(client_key, token)
        if self.endpoint.issued[token].startswith(f"{client_key}|"):
            self.forgotten.add(token)

    @rule(is_down=st.booleans())
    def the_endpoint_goes_down_or_comes_back(self, is_down):
        self.endpoint.is_down = is_down

    @rule(client_key=CLIENT_KEYS, secret=SECRETS)
    def a_secret_is_rotated_or_taken_back(self, client_key, secret):
        self.endpoint.refused ^= {f"{client_key}|{secret}"}

    @invariant()
    def no_more_is_kept_than_allowed(self):
        assert len(self.tokens._tokens) <= MOST_TOKENS
        assert not self.tokens._flights


TestTokensOverTime = TokensOverTime.TestCase
