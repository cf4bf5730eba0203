"""The audit trail of the lifecycle."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from models import audit
from models.audit import Entry
from models.installations import Installation
from tests.tenants import ALICE_KEY, BOB, CHARLIE_KEY, NOON


def entries(session, client_key=ALICE_KEY, **how):
    return [(row.action, row.reason, row.at) for row in audit.newest(session, client_key, **how)]


def test_what_happened_is_told_newest_first_and_by_client_key(session, alice):
    audit.add(session, Entry(ALICE_KEY, "installed", "lifecycle.installed", alice.id, BOB, "r1"), now=NOON)
    audit.add(session, Entry(CHARLIE_KEY, "refused", "lifecycle.takeover"), now=NOON)
    audit.add(session, Entry(ALICE_KEY, "refused", "lifecycle.takeover"), now=NOON)
    audit.add(session, Entry(ALICE_KEY, "uninstalled", "lifecycle.uninstalled"), now=NOON + timedelta(hours=1))
    session.flush()
    assert entries(session) == [
        ("uninstalled", "lifecycle.uninstalled", NOON + timedelta(hours=1)),
        ("refused", "lifecycle.takeover", NOON),
        ("installed", "lifecycle.installed", NOON),
    ]
    assert entries(session, limit=1) == entries(session)[:1]


def test_an_entry_says_who_and_in_which_request(session, alice):
    audit.add(session, Entry(ALICE_KEY, "installed", "lifecycle.installed", alice.id, BOB, "r1"), now=NOON)
    session.flush()
    (row,) = audit.newest(session, ALICE_KEY)
    assert (row.installation_id, row.actor_uuid, row.request_id) == (alice.id, BOB, "r1")


def test_a_refusal_of_a_stranger_is_kept_whatever_it_calls_itself(session):
    """Nothing that a stranger sends may make the trail itself fail."""
    audit.add(session, Entry("x" * 300 + "\x00", "refused", "auth.unknown_tenant", request_id="r" * 100), now=NOON)
    session.flush()
    (row,) = audit.newest(session, "x" * 255)
    session.refresh(row)
    assert (len(row.client_key), len(row.request_id)) == (255, 64)


def test_the_trail_outlives_its_installation(session, alice):
    audit.add(session, Entry(ALICE_KEY, "installed", "lifecycle.installed", alice.id), now=NOON)
    session.flush()
    session.execute(delete(Installation).where(Installation.id == alice.id))
    session.expire_all()
    (row,) = audit.newest(session, ALICE_KEY)
    assert row.installation_id is None
