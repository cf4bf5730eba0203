"""A clock that is put back by an hour: what waits for a moment, or is leased for one, does not wait for the hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import backfills, censuses, clock_steps, inbox, proofs, quota, reconciles, repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.installations import Installation
from models.quota import Denied, Purpose
from models.repositories import RepositoryFacts
from sync.clock_steps import SMALLEST_STEP, ClockWatch, make_up_for_steps
from sync.deliveries import LEASE
from sync.sweep import sweep
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, receive

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LIMIT = 10

pytestmark = pytest.mark.fault("C1")


class Passing:
    """A clock that nobody puts back."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def passing():
    return Passing()


@pytest.fixture
def watch(services, passing):
    """One that has noted this moment."""
    made = ClockWatch(services.now, monotonic=passing)
    make_up_for_steps(services, made)
    return made


@pytest.fixture
def put_back(services, clock, passing, watch):
    """A second later the clock shows an hour earlier."""

    def put_back(step=HOUR):
        passing.seconds += 1
        clock.time += timedelta(seconds=1) - step
        make_up_for_steps(services, watch)

    return put_back


@pytest.fixture
def heron(services, alice):
    with services.sessions.begin() as session:
        facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE)
        row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    return row


@pytest.fixture
def write(services):
    """Runs a function in a transaction that is committed."""

    def write(change, *about, **named):
        with services.sessions.begin() as session:
            return change(session, *about, **named)

    return write


def be_away(*_, **__):
    raise ConnectionError("the database is away")


def is_due(services, list_due):
    with services.readers() as session:
        return bool(list_due(session, now=services.now(), at_most=9))


class TestTheWatch:
    def test_time_that_passes_is_no_step(self, clock, passing, watch):
        clock.advance(hours=5)
        passing.seconds += 5 * 3600
        assert watch.step() is None

    def test_a_clock_that_is_put_forward_has_not_been_put_back(self, clock, watch):
        clock.advance(hours=1)
        assert watch.step() is None

    def test_a_step_back_is_seen_and_measured(self, clock, passing, watch):
        passing.seconds += 3
        clock.time -= HOUR
        assert watch.step() == HOUR + timedelta(seconds=3)

    def test_it_is_seen_once(self, services, put_back, watch):
        put_back()
        assert watch.step() is None

    def test_a_leap_second_that_is_smeared_over_a_day_is_no_step(self, services, clock, passing, watch):
        """Not even where it adds up over years."""
        for _ in range(24 * 30):
            clock.advance(seconds=3600 - 1 / 24)
            passing.seconds += 3600
            assert watch.step() is None
            watch.note()

    def test_where_the_database_was_away_it_is_made_up_for_later(self, services, clock, watch, monkeypatch):
        clock.time -= HOUR
        with monkeypatch.context() as patched:
            patched.setattr(clock_steps, "make_due", be_away)
            with pytest.raises(ConnectionError):
                make_up_for_steps(services, watch)
        assert watch.step() == HOUR


class TestWhatWaits:
    @pytest.fixture
    def row_id(self, write, alice):
        return write(receive, alice)

    def test_a_delivery_that_waits_for_another_try_is_tried(self, services, clock, write, row_id, put_back):
        claimed = write(inbox.claim, row_id, now=clock(), lease=LEASE)
        write(inbox.fail, claimed, error="no", now=clock(), retry_at=clock() + MINUTE)
        put_back()
        assert is_due(services, inbox.due)

    def test_a_delivery_of_a_worker_that_was_killed_is_taken_up(self, services, clock, write, row_id, put_back):
        write(inbox.claim, row_id, now=clock(), lease=LEASE)
        put_back()
        clock.time += LEASE
        assert write(inbox.claim_next, now=clock(), lease=LEASE) is not None

    def test_one_that_came_in_before_the_step_is_applied(self, services, row_id, put_back):
        put_back()
        assert is_due(services, inbox.due)

    def test_a_proof_is_tried(self, services, clock, write, pending, put_back):
        claimed = write(proofs.claim, pending.id, now=clock(), lease=LEASE)
        write(proofs.fail, claimed, error="no", retry_at=clock() + MINUTE)
        put_back()
        assert is_due(services, proofs.due)

    def test_a_question_is_asked(self, services, clock, write, heron, put_back):
        write(follow_ups.mark, heron, FollowUpKind.TASKS, ["1"], now=clock(), delay=MINUTE)
        put_back()
        assert is_due(services, follow_ups.due)

    def test_a_question_whose_asker_was_killed_is_asked(self, services, clock, write, heron, put_back):
        write(follow_ups.mark, heron, FollowUpKind.TASKS, ["1"], now=clock(), delay=timedelta())
        with services.readers() as session:
            (row_id,) = follow_ups.due(session, now=clock(), at_most=1)
        assert write(follow_ups.claim, row_id, now=clock(), lease=LEASE)
        put_back()
        assert write(follow_ups.claim, row_id, now=clock(), lease=LEASE)

    def test_a_comparison_and_a_census_go_on(self, services, clock, write, alice, heron, put_back):
        write(reconciles.plan, heron, at=clock())
        write(censuses.hasten, alice, at=clock() + MINUTE)
        with services.readers() as session:
            row_id = reconciles.of(session, heron).id
        write(reconciles.claim, row_id, now=clock(), lease=LEASE)
        put_back()
        assert is_due(services, reconciles.due)
        assert is_due(services, censuses.due)

    def test_a_page_of_a_backfill_is_read(self, services, clock, write, alice, heron, put_back):
        write(backfills.begin, alice, now=clock())
        write(backfills.claim_next, now=clock(), lease=LEASE)
        put_back()
        assert is_due(services, backfills.due)

    def test_a_comparison_planned_for_the_night_stays_planned_for_it(self, services, clock, write, heron, put_back):
        night = clock() + timedelta(hours=14)
        write(reconciles.plan, heron, at=night)
        put_back()
        with services.readers() as session:
            assert reconciles.of(session, heron).next_attempt_at == night

    def test_who_had_it_does_not_store_what_another_may_have_done_since(self, services, clock, write, row_id, put_back):
        old = write(inbox.claim, row_id, now=clock(), lease=LEASE)
        put_back()
        assert write(inbox.claim, row_id, now=clock(), lease=LEASE).owner != old.owner

    def test_what_was_there_before_is_swept_as_ever(self, services, row_id, put_back, doorbell):
        put_back()
        sweep(services)
        assert ("delivery", row_id) in doorbell.rung


class TestTheQuota:
    def charge(self, services, installation):
        with services.sessions.begin() as session:
            return quota.charge(session, installation.id, purpose=Purpose.RECONCILE, limit=LIMIT, now=services.now())

    def test_pauses_end(self, services, clock, write, alice, put_back):
        write(quota.note_rate_limit, alice.id, now=clock(), until_of=lambda _: clock() + MINUTE)
        assert isinstance(self.charge(services, alice), Denied)
        put_back()
        assert not isinstance(self.charge(services, alice), Denied)

    def test_what_was_used_of_the_hour_stays_used_for_an_hour_and_no_longer(self, services, clock, alice, put_back):
        for _ in range(LIMIT):
            assert not isinstance(self.charge(services, alice), Denied)
        put_back()
        denied = self.charge(services, alice)
        assert isinstance(denied, Denied)
        assert denied.retry_at - clock() <= HOUR + 2 * MINUTE
        clock.time = denied.retry_at
        assert not isinstance(self.charge(services, alice), Denied)


def test_turns_go_round_as_before(services, clock, write, alice, charlie, put_back):
    """Whoever was served last before the step would come last for an hour, were it not for this."""
    write(receive, alice)
    write(inbox.claim_next, now=clock(), lease=LEASE)
    put_back()
    with services.readers() as session:
        assert session.scalars(select(Installation.served_at)).all() == [clock(), clock()]


class TestAWorkerThatStartsAfterwards:
    """Nobody saw the step; what cannot be is seen all the same."""

    @pytest.fixture
    def start(self, services, clock):
        def start(step=2 * HOUR):
            clock.time -= step
            make_up_for_steps(services, ClockWatch(services.now))

        return start

    def test_a_delivery_that_came_in_before_the_step_is_applied(self, services, write, alice, start):
        write(receive, alice)
        start()
        assert is_due(services, inbox.due)

    def test_no_lease_outlasts_the_longest_that_there_is(self, services, clock, write, charlie, start):
        row_id = write(receive, charlie)
        write(inbox.claim, row_id, now=clock(), lease=LEASE)
        start()
        assert write(inbox.claim, row_id, now=clock(), lease=LEASE) is not None

    def test_where_nothing_is_wrong_nothing_is_said(self, services, write, alice, start, log_entries):
        write(receive, alice)
        start(step=timedelta())
        assert log_entries == []


def test_a_step_is_said_with_what_was_made_due(write, alice, put_back, log_entries):
    write(receive, alice)
    put_back()
    (entry,) = [entry for entry in log_entries if entry["event"] == "clock.put_back"]
    assert (entry["seconds"], entry["made_due"]) == (3600, 1)


def test_a_moment_is_waited_out(clock, watch):
    clock.time -= SMALLEST_STEP / 2
    assert watch.step() is None
