"""Key rotation while the service runs: every secret is sealed anew, and none that is newer is overwritten."""

from __future__ import annotations

import pytest

from models import installations, rotation
from models.encryption import SecretBox
from models.rotation import Rotation, rotate_keys
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    CHARLIE_KEY,
    CHARLIE_SECRET,
    alice_offer,
    charlie_offer,
    install,
    uninstall,
)

OLD, NEW, STRANGE = SecretBox([b"o" * 32]), SecretBox([b"n" * 32]), SecretBox([b"s" * 32])
BOTH_KEYS = SecretBox([b"n" * 32, b"o" * 32])
ROTATED = "rotated-secret-0123456789-0123456789-0123456"


@pytest.fixture
def tenants(sessions):
    """Alice has rotated her secret once; Charlie has uninstalled."""
    with sessions.begin() as session:
        install(session, alice_offer(), box=OLD)
        install(session, alice_offer(ROTATED, issued_at=2_000), box=OLD)
        install(session, charlie_offer(), box=OLD)
        uninstall(session, CHARLIE_KEY)


def known(sessions, client_key, box):
    with sessions() as session:
        return installations.known(installations.by_client_key(session, client_key), box)


@pytest.mark.parametrize("batch_rows", [1, 2, 50])
def test_every_secret_is_sealed_with_the_newest_key_tombstones_included(sessions, tenants, batch_rows):
    assert rotate_keys(sessions, BOTH_KEYS, batch_rows=batch_rows) == Rotation(resealed=3, broken=())
    alice = known(sessions, ALICE_KEY, NEW)
    assert (alice.secret, alice.previous_secret) == (ROTATED, ALICE_SECRET)
    assert known(sessions, CHARLIE_KEY, NEW).secret == CHARLIE_SECRET


def test_a_second_run_finds_nothing_to_do(sessions, tenants):
    rotate_keys(sessions, BOTH_KEYS)
    assert rotate_keys(sessions, BOTH_KEYS) == Rotation(resealed=0, broken=())


def test_without_installations_there_is_nothing_to_do(sessions):
    assert rotate_keys(sessions, BOTH_KEYS) == Rotation(resealed=0, broken=())


def test_a_secret_that_no_key_opens_is_reported_and_the_others_are_done(sessions, tenants):
    with sessions.begin() as session:
        alice = installations.lock(session, ALICE_KEY)
        alice.sealed_secret = broken = STRANGE.seal(ROTATED, context=ALICE_KEY)
    assert rotate_keys(sessions, BOTH_KEYS) == Rotation(resealed=1, broken=(ALICE_KEY,))
    assert known(sessions, CHARLIE_KEY, NEW).secret == CHARLIE_SECRET
    with sessions() as session:
        assert installations.by_client_key(session, ALICE_KEY).sealed_secret == broken


def test_a_secret_that_an_install_brings_meanwhile_is_not_overwritten(sessions, tenants, monkeypatch):
    """The row was read; then an install commits; then the rotation writes. On PostgreSQL that can happen."""
    newest = "newest-secret-0123456789-0123456789-01234567"
    original = rotation._reseal

    def install_in_between(session, row, column, box):
        if row.client_key == ALICE_KEY and column.key == "sealed_secret":
            install_during(session, newest)
        return original(session, row, column, box)

    def install_during(session, secret):
        sealed = NEW.seal(secret, context=ALICE_KEY)
        statement = "UPDATE installations SET sealed_secret = %s WHERE client_key = %s"
        if session.get_bind().dialect.name == "sqlite":
            statement = statement.replace("%s", "?")
        session.connection().exec_driver_sql(statement, (sealed, ALICE_KEY))

    monkeypatch.setattr(rotation, "_reseal", install_in_between)
    assert rotate_keys(sessions, BOTH_KEYS).resealed == 2
    assert known(sessions, ALICE_KEY, NEW).secret == newest
