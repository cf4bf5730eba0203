"""What holds for an installation whatever happens in whatever order: installs, failures, updates, uninstalls."""

from __future__ import annotations

import json

import jwt
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simulator.connect.descriptor import Descriptor
from simulator.connect.errors import CallbackFailed, InstallRefused, TokenRefused, Unanswered
from simulator.connect.installations import Installations, RegisteredApp
from simulator.connect.lifecycle import Lifecycle, Order
from simulator.connect.outgoing import Answer
from simulator.connect.settings import ConnectSettings
from simulator.connect.signing import query_string_hash
from simulator.world import World
from tests.simulator.small_world import user, workspace
from tests.simulator.stand_in import descriptor

NOW = 1_795_000_000
APP_SECRET = "an app-wide secret of the tests, long enough"
TARGET = "/2.0/user"


class App:
    """Receives the calls; `outcome` is the status of the next answer, None for none at all."""

    def __init__(self, installations):
        self.installations = installations
        self.calls = []
        self.outcome = 200
        self.offered_worked = []

    def send(self, _method, url, *, headers, body, timeout_seconds):
        payload = json.loads(body)
        self.calls.append((url.rpartition("/")[2], headers.get("Authorization"), payload))
        if "sharedSecret" in payload:
            self.offered_worked.append(is_good(self.installations, payload["clientKey"], payload["sharedSecret"]))
        if self.outcome is None:
            raise Unanswered(f"nothing within {timeout_seconds}", timed_out=True)
        return Answer(self.outcome, "", b"", 0.0)


def is_good(installations, client_key, secret):
    """Whether the API would accept a token under this secret now."""
    claims = {"iss": "bittern", "sub": client_key, "exp": NOW + 60, "qsh": query_string_hash("GET", TARGET)}
    token = jwt.encode(claims, secret, algorithm="HS256")
    try:
        installations.authenticate(token, method="GET", target=TARGET, now=NOW, checks_qsh=True)
    except TokenRefused:
        return False
    return True


def signer(authorization, candidates):
    """Which of the secrets signed a call; None for an unsigned one."""
    if authorization is None:
        return None
    token = authorization.removeprefix("JWT ")
    for secret in candidates:
        try:
            jwt.decode(token, secret, algorithms=["HS256"], options={"verify_aud": False, "verify_exp": False})
        except jwt.InvalidSignatureError:
            continue
        return secret
    raise AssertionError("signed with a secret that nobody knows")


OUTCOMES = st.sampled_from([200, 200, 200, 204, 404, 500, None])


class InstallationLife(RuleBasedStateMachine):
    """`secrets` are all that were ever offered and accepted, oldest first; the last one is the current."""

    @initialize(is_registered=st.booleans(), shares_one=st.booleans(), rotates=st.booleans(), calls=st.booleans())
    def begin(self, is_registered, shares_one, rotates, calls):
        world = World()
        self.person = user(world, "Alice")
        self.workspace = workspace(world, "acme", self.person)
        self.installations = Installations()
        self.app = App(self.installations)
        self.registered = RegisteredApp(key="bittern", secret=APP_SECRET) if is_registered else None
        self.settings = ConnectSettings(
            registered_apps_share_one_secret=shares_one, update_rotates_secret=rotates, update_calls_installed=calls
        )
        self.lifecycle = Lifecycle(
            world, self.installations, self.app, settings=self.settings, clock=lambda: NOW, revoke_tokens=self.revoke
        )
        self.descriptor = Descriptor.from_document(descriptor("bittern", "https://app.example"))
        self.secrets = []
        self.client_key = None
        self.is_installed = False
        self.revoked = 0

    def revoke(self, _installation):
        self.revoked += 1

    def current(self):
        return self.secrets[-1] if self.secrets else None

    def expected_signer(self):
        return APP_SECRET if self.registered else self.current()

    def check_call(self, event):
        name, authorization, payload = self.app.calls[-1]
        assert name == event
        assert signer(authorization, [*self.secrets, APP_SECRET]) == self.expected_signer()
        if self.client_key:
            assert payload["clientKey"] == self.client_key
        return payload

    @rule(outcome=OUTCOMES)
    def install(self, outcome):
        self.app.outcome = outcome
        order = Order(descriptor=self.descriptor, descriptor_url=None, principal=self.workspace, actor=self.person)
        if outcome not in {200, 204}:
            revoked = self.revoked
            with pytest.raises(CallbackFailed) as failed:
                self.lifecycle.install(order, registered=self.registered)
            assert (failed.value.status, self.revoked) == (outcome, revoked + 1)
            self.check_call("installed")
            return
        made = self.lifecycle.install(order, registered=self.registered)
        assert self.check_call("installed")["sharedSecret"] == made.secret
        self.client_key = made.client_key
        self.secrets.append(made.secret)
        self.is_installed = True

    @precondition(lambda self: self.is_installed)
    @rule(outcome=OUTCOMES)
    def update(self, outcome):
        self.app.outcome = outcome
        before = len(self.app.calls)
        try:
            made = self.lifecycle.update(self.installations.find(self.client_key), self.descriptor)
        except CallbackFailed:
            assert outcome not in {200, 204}
            return
        assert len(self.app.calls) - before == (1 if self.settings.update_calls_installed else 0)
        if len(self.app.calls) > before:
            self.check_call("installed")
        if not self.settings.update_rotates_secret:
            assert made.secret == self.current()
        self.secrets.append(made.secret)

    @precondition(lambda self: self.is_installed)
    @rule(outcome=OUTCOMES)
    def uninstall(self, outcome):
        self.app.outcome = outcome
        self.lifecycle.uninstall(self.client_key)
        assert "sharedSecret" not in self.check_call("uninstalled")
        self.is_installed = False

    @precondition(lambda self: not self.is_installed and self.client_key)
    @rule()
    def uninstall_what_is_gone(self):
        calls = len(self.app.calls)
        with pytest.raises(InstallRefused):
            self.lifecycle.uninstall(self.client_key)
        assert len(self.app.calls) == calls

    @invariant()
    def only_the_current_secret_is_good_and_only_while_it_is_installed(self):
        if not self.client_key:
            assert self.installations.all() == []
            return
        for secret in set(self.secrets):
            expected = self.is_installed and secret == self.current()
            assert is_good(self.installations, self.client_key, secret) is expected

    @invariant()
    def every_secret_worked_while_it_was_offered(self):
        assert all(self.app.offered_worked)

    @invariant()
    def there_is_one_installation_at_most(self):
        assert len(self.installations.all()) <= 1


TestInstallationLife = InstallationLife.TestCase
TestInstallationLife.settings = settings(
    max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
