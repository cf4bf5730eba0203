"""Catching up: after an absence, ours or Bitbucket's, comparisons begin at once, the busiest repositories first, within the quota."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bitbucket import workspaces
from bitbucket.errors import ServerFault
from models import censuses, presence, reconciles, repositories
from models.errors import LeaseLost
from models.quota import FAILURES_TO_REST, Purpose
from models.reconciles import Reconcile, Stage
from models.repositories import RepositoryFacts
from sync.budget import FAILURES_OF_AN_OUTAGE, LONGEST_REST, client_for
from sync.catching_up import ABSENCE, NOTED_EVERY, SHARE_AT_ONCE, at_once, catch_up, note_presence
from tests.tenants import ALICE_KEY, ALICE_WORKSPACE, CHARLIE_WORKSPACE, NOON, uninstall
from tests.web.fake_bitbucket import answer

NIGHT = NOON + timedelta(hours=14)
PATH = f"/2.0/workspaces/{ALICE_WORKSPACE}"
FOUND = {"type": "workspace", "uuid": ALICE_WORKSPACE, "slug": "alice"}


def hold(services, installation, *, count, workspace=ALICE_WORKSPACE):
    """Repositories with a comparison planned for the night; the first one has changed last."""
    uuids = [f"{{{workspace[1:9]}-0000-4000-9000-{number:012d}}}" for number in range(count)]
    with services.sessions.begin() as session:
        for number, uuid in enumerate(uuids):
            facts = RepositoryFacts(uuid, workspace_uuid=workspace)
            row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON - timedelta(minutes=number))
            reconciles.plan(session, row, at=NIGHT)
        censuses.hasten(session, installation, at=NIGHT)
    return uuids


def due_at(services, installation):
    """When the comparison of each repository is due."""
    with services.readers() as session:
        rows = session.execute(
            select(repositories.Repository.uuid, Reconcile.next_attempt_at)
            .join(Reconcile, Reconcile.repository_id == repositories.Repository.id)
            .where(repositories.Repository.installation_id == installation.id)
        ).all()
    return dict(rows)


def be_away(services, clock, *, since=NOON):
    clock.time = since
    note_presence(services)
    clock.advance(minutes=5)
    note_presence(services)
    return clock.time


def test_whoever_was_here_all_along_has_nothing_to_make_up_for(services, alice, clock):
    uuids = hold(services, alice, count=1)
    for _ in range(20):
        note_presence(services)
        clock.advance(seconds=NOTED_EVERY.total_seconds())
    assert catch_up(services) == 0
    assert due_at(services, alice) == {uuids[0]: NIGHT}


def test_a_note_that_is_fresh_is_not_written_again(services, clock):
    note_presence(services)
    clock.advance(seconds=1)
    statements = []
    event.listen(services.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    note_presence(services)
    assert [one for one in statements if one.startswith(("INSERT", "UPDATE"))] == []


def test_after_an_absence_all_are_compared_at_once_and_counted(services, alice, charlie, clock, log_entries):
    hold(services, alice, count=2)
    hold(services, charlie, count=1, workspace=CHARLIE_WORKSPACE)
    now = be_away(services, clock)
    assert catch_up(services) == 3
    moments = [*due_at(services, alice).values(), *due_at(services, charlie).values()]
    assert all(now <= moment < now + timedelta(seconds=1) for moment in moments)
    with services.readers() as session:
        assert {censuses.of(session, one).next_attempt_at for one in (alice, charlie)} == {now}
    said = {entry["event"]: entry for entry in log_entries}
    assert said["presence.was_away"]["seconds"] == 300
    assert said["catching_up.begun"]["repositories"] == 3


def test_it_is_made_up_for_once(services, alice, clock):
    hold(services, alice, count=1)
    be_away(services, clock)
    assert (catch_up(services), catch_up(services)) == (1, 0)


def test_a_restart_is_no_absence(services, alice, clock):
    hold(services, alice, count=1)
    note_presence(services)
    clock.time += ABSENCE - timedelta(seconds=1)
    note_presence(services)
    assert catch_up(services) == 0


def test_what_changed_last_comes_first_and_the_rest_waits_for_the_next_hours(services, alice, clock):
    several = at_once(services)
    assert several == services.settings.calls_per_hour // SHARE_AT_ONCE
    uuids = hold(services, alice, count=2 * several + 1)
    now = be_away(services, clock)
    catch_up(services)
    due = due_at(services, alice)
    assert [uuid for uuid, _ in sorted(due.items(), key=lambda one: one[1])] == uuids
    hours = [int((moment - now).total_seconds() // 3600) for _, moment in sorted(due.items(), key=lambda one: one[1])]
    assert hours == [0] * several + [1] * several + [2]


def test_a_comparison_under_way_begins_anew(services, alice, clock):
    """What it has listed may be older than what was lost."""
    hold(services, alice, count=1)
    clock.time = NIGHT
    with services.sessions.begin() as session:
        row_id = session.scalar(select(Reconcile.id))
        claimed = reconciles.claim(session, row_id, now=NIGHT, lease=timedelta(seconds=30))
    be_away(services, clock, since=NIGHT)
    catch_up(services)
    with services.sessions.begin() as session:
        assert session.get(Reconcile, row_id).stage is Stage.WAITING
        with pytest.raises(LeaseLost):
            reconciles.hold(session, claimed)


def test_one_that_is_due_sooner_stays_so(services, alice, clock):
    hold(services, alice, count=1)
    with services.sessions.begin() as session:
        session.scalar(select(Reconcile)).next_attempt_at = NOON
    be_away(services, clock)
    catch_up(services)
    assert list(due_at(services, alice).values()) == [NOON]


def test_of_a_workspace_that_has_removed_the_app_nothing_is_compared(services, alice, clock):
    hold(services, alice, count=1)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    be_away(services, clock)
    assert catch_up(services) == 0


def call(services, installation):
    return workspaces.workspace(client_for(services, installation, purpose=Purpose.EVENTS), ALICE_WORKSPACE)


def fail(services, installation, bitbucket, clock, *, times):
    bitbucket.answers(PATH, answer({}, status=503))
    for _ in range(times):
        with pytest.raises(ServerFault):
            call(services, installation)
        clock.time += LONGEST_REST * 1.2


def test_the_first_answer_of_a_bitbucket_that_was_away_for_long_has_that_installation_compared(
    services, alice, charlie, bitbucket, clock
):
    hold(services, alice, count=2)
    hold(services, charlie, count=1, workspace=CHARLIE_WORKSPACE)
    fail(services, alice, bitbucket, clock, times=FAILURES_OF_AN_OUTAGE)
    bitbucket.answers(PATH, FOUND)
    call(services, alice)
    assert max(due_at(services, alice).values()) < clock() + timedelta(seconds=1)
    assert list(due_at(services, charlie).values()) == [NIGHT]


def test_some_failures_in_a_row_are_no_outage(services, alice, bitbucket, clock):
    uuids = hold(services, alice, count=1)
    fail(services, alice, bitbucket, clock, times=FAILURES_TO_REST)
    bitbucket.answers(PATH, FOUND)
    call(services, alice)
    assert due_at(services, alice) == {uuids[0]: NIGHT}


def test_an_outage_is_over_once(services, alice, bitbucket, clock):
    hold(services, alice, count=1)
    fail(services, alice, bitbucket, clock, times=FAILURES_OF_AN_OUTAGE)
    bitbucket.answers(PATH, FOUND)
    call(services, alice)
    first = due_at(services, alice)
    clock.advance(minutes=1)
    call(services, alice)
    assert due_at(services, alice) == first


def test_no_absence_is_known_without_a_note(services):
    with services.readers() as session:
        assert presence.away_since(session) is None
    assert catch_up(services) == 0
