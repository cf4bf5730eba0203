"""Bitbucket and an attacker take turns with one client key: whatever the order, the right one ends up trusted.

The store below does what the service's storage does with a decision. Bitbucket knows the secrets that it handed out;
the attacker knows only secrets of his own, may send anything unsigned or signed with those, and may replay what he saw.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connect.lifecycle import (
    Accept,
    InstallationState,
    KnownInstallation,
    Quarantine,
    Refuse,
    Unchanged,
    decide_installed,
    decide_uninstalled,
)
from tests.connect.cast import ALICE_WORKSPACE, APP_SECRET, CHARLIE_WORKSPACE, NOW, NUMBERED_KEY
from tests.connect.lifecycle_bodies import call, installed, signed, uninstalled, workspace

INSTALLED = "/connect/installed"
UNINSTALLED = "/connect/uninstalled"
STOLEN_NOWHERE = ["attacker-attacker-attacker-attacker-1", "attacker-attacker-attacker-attacker-2"]


class Store:
    """One row, written as the service writes it."""

    def __init__(self):
        self.row: KnownInstallation | None = None

    def apply(self, event, decision):
        if isinstance(decision, Accept) and decision.reason == "lifecycle.uninstalled":
            self.put(InstallationState.UNINSTALLED, decision.secret, event, decision.issued_at)
        elif isinstance(decision, Accept):
            self.put(InstallationState.ACTIVE, decision.secret, event, decision.issued_at)
        elif isinstance(decision, Quarantine):
            self.put(InstallationState.PENDING, event.shared_secret, event, None)

    def put(self, state, secret, event, lifecycle_at):
        previous = self.row.secret if self.row and self.row.secret != secret else None
        self.row = KnownInstallation(NUMBERED_KEY, state, secret, previous, event.principal.uuid, lifecycle_at)


class Turns(RuleBasedStateMachine):
    """An unregistered app, whose first install is unsigned: the hard case."""

    app_secret: str | None = None

    @initialize()
    def begin(self):
        self.store, self.now = Store(), NOW
        self.secrets: list[str] = []  # those of Bitbucket's, oldest first
        self.in_use = False
        self.seen: list[tuple] = []

    def send(self, event, how, *, uninstall=False):
        decide = decide_uninstalled if uninstall else decide_installed
        decision = decide(event, call=how, known=self.store.row, app_secret=self.app_secret, now=self.now)
        self.store.apply(event, decision)
        return decision

    def signing(self, path):
        secret = self.secrets[-1] if self.secrets else self.app_secret
        return signed(path, secret, client_key=NUMBERED_KEY, at=self.now) if secret else call(path, None)

    @rule(seconds=st.integers(1, 400))
    def time_passes(self, seconds):
        self.now += seconds

    @precondition(lambda self: self.store.row is None or self.store.row.state is not InstallationState.PENDING)
    @rule()
    def bitbucket_installs(self):
        self.now += 1
        new = f"bitbucket-bitbucket-bitbucket-{len(self.secrets):03}"
        event, how = installed(clientKey=NUMBERED_KEY, sharedSecret=new), self.signing(INSTALLED)
        decision = self.send(event, how)
        assert isinstance(decision, Accept | Quarantine), decision
        self.secrets.append(new)
        self.seen.append((event, how, False))
        self.in_use = True
        self.worker_proves()

    @precondition(lambda self: self.store.row is not None and self.store.row.state is InstallationState.PENDING)
    @rule()
    def bitbucket_s_first_install_meets_a_squatter(self):
        assert not self.secrets
        event = installed(clientKey=NUMBERED_KEY, sharedSecret="bitbucket-bitbucket-bitbucket-000")
        assert self.send(event, call(INSTALLED, None)) == Quarantine("lifecycle.unproven_replaced")
        self.secrets.append(event.shared_secret)
        self.in_use = True
        self.worker_proves()

    def worker_proves(self):
        """The call to the API host succeeds for a secret of Bitbucket's, and for no other."""
        row = self.store.row
        if row.state is InstallationState.PENDING and row.secret == self.secrets[-1]:
            self.store.row = KnownInstallation(
                NUMBERED_KEY, InstallationState.ACTIVE, row.secret, None, row.principal_uuid, None
            )

    @precondition(lambda self: self.in_use)
    @rule()
    def bitbucket_uninstalls(self):
        self.now += 1
        event, how = uninstalled(clientKey=NUMBERED_KEY), self.signing(UNINSTALLED)
        assert isinstance(self.send(event, how, uninstall=True), Accept)
        self.seen.append((event, how, True))
        self.in_use = False

    @rule(secret=st.sampled_from(STOLEN_NOWHERE), moved=st.booleans(), is_signed=st.booleans())
    def attacker_installs(self, secret, moved, is_signed):
        principal = workspace(CHARLIE_WORKSPACE if moved else ALICE_WORKSPACE)
        event = installed(clientKey=NUMBERED_KEY, sharedSecret=secret, principal=principal)
        how = signed(INSTALLED, secret, client_key=NUMBERED_KEY, at=self.now) if is_signed else call(INSTALLED, None)
        decision = self.send(event, how)
        assert isinstance(decision, Refuse if self.secrets or self.app_secret else Quarantine), decision

    @rule(secret=st.sampled_from(STOLEN_NOWHERE))
    def attacker_uninstalls(self, secret):
        how = signed(UNINSTALLED, secret, client_key=NUMBERED_KEY, at=self.now)
        decision = self.send(uninstalled(clientKey=NUMBERED_KEY), how, uninstall=True)
        assert isinstance(decision, Refuse | Unchanged), decision

    @precondition(lambda self: self.seen)
    @rule(choice=st.randoms(use_true_random=False))
    def attacker_replays(self, choice):
        event, how, was_uninstall = choice.choice(self.seen)
        before = self.store.row
        self.send(event, how, uninstall=was_uninstall)
        assert self.store.row == before

    @invariant()
    def only_bitbucket_s_newest_secret_is_trusted(self):
        row = self.store.row
        if row is not None and row.state is not InstallationState.PENDING:
            assert row.secret == self.secrets[-1]
            assert row.principal_uuid == ALICE_WORKSPACE

    @invariant()
    def what_bitbucket_installed_is_what_is_served(self):
        active = self.store.row is not None and self.store.row.state is InstallationState.ACTIVE
        assert active == self.in_use


class RegisteredTurns(Turns):
    """A registered app: everything is signed, the first install with the app-wide secret."""

    app_secret = APP_SECRET


TestUnregisteredApp = Turns.TestCase
TestRegisteredApp = RegisteredTurns.TestCase
