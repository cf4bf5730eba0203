"""The trail of the set-up: what administrators have done, newest first, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

from models import setup_audit
from models.setup_audit import Change, Entry, SetupAction
from tests.tenants import ALICE_REPOSITORY, BOB, NOON

CHANGES = (Change("time_zone", "UTC", "Europe/Zurich"), Change("bots", "—", BOB))


def test_an_entry_is_read_back_whole(session, alice):
    entry = Entry(
        action=SetupAction.SETTINGS_CHANGED,
        actor_uuid=BOB,
        repository_uuid=ALICE_REPOSITORY,
        changes=CHANGES,
        request_id="abc",
    )
    setup_audit.add(session, alice, entry, now=NOON)
    session.flush()

    (row,) = setup_audit.newest(session, alice)

    assert (row.at, row.actor_uuid, row.action, row.repository_uuid, row.request_id) == (
        NOON,
        BOB,
        SetupAction.SETTINGS_CHANGED,
        ALICE_REPOSITORY,
        "abc",
    )
    assert row.changed_settings() == list(CHANGES)


def test_the_newest_come_first_and_old_ones_are_left_out(session, alice):
    actions = [SetupAction.EXPORTED, SetupAction.DELETION_ASKED, SetupAction.COLLECTING_RESUMED]
    for minutes, action in enumerate(actions):
        setup_audit.add(session, alice, Entry(action=action, actor_uuid=BOB), now=NOON + timedelta(minutes=minutes))
    session.flush()

    newest = setup_audit.newest(session, alice, at_most=2)

    assert [row.action for row in newest] == [SetupAction.COLLECTING_RESUMED, SetupAction.DELETION_ASKED]


def test_two_of_one_moment_stand_in_the_order_in_which_they_were_done(session, alice):
    for action in (SetupAction.EXPORTED, SetupAction.DELIVERY_REPLAYED):
        setup_audit.add(session, alice, Entry(action=action, actor_uuid=BOB), now=NOON)
        session.flush()

    assert [row.action for row in setup_audit.newest(session, alice)] == [
        SetupAction.DELIVERY_REPLAYED,
        SetupAction.EXPORTED,
    ]


def test_nobody_elses_entries_are_seen(session, alice, charlie):
    setup_audit.add(session, alice, Entry(action=SetupAction.EXPORTED, actor_uuid=BOB), now=NOON)
    session.flush()

    assert setup_audit.newest(session, charlie) == []
