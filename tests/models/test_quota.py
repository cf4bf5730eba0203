"""The quota: calls counted by the rolling hour, and what keeps more of them back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import quota
from models.quota import FAILURES_TO_REST, TRIAL, Charged, Denied, Hindrance, Purpose, allowance
from tests.tenants import NOON

LIMIT = 100


def charge(session, installation, *, purpose=Purpose.RECONCILE, now=NOON, times=1):
    """What the last of some calls is told."""
    told = None
    for _ in range(times):
        told = quota.charge(session, installation.id, purpose=purpose, limit=LIMIT, now=now)
    return told


def usage(session, installation, *, now=NOON):
    return quota.usage(session, installation, limit=LIMIT, now=now)


def fail(session, installation, *, times=1, now=NOON):
    for _ in range(times):
        quota.note_failure(session, installation.id, now=now, rest_of=lambda times: timedelta(minutes=times))


def test_a_call_is_counted_before_it_is_made(session, alice):
    assert charge(session, alice, purpose=Purpose.EVENTS) == Charged(is_troubled=False)
    told = usage(session, alice)
    assert (told.used, told.left, told.by_purpose[Purpose.EVENTS]) == (1, LIMIT - 1, 1)


def test_what_was_never_asked_for_has_used_nothing(session, alice):
    told = usage(session, alice)
    assert (told.used, told.left, told.blocked_until, told.rests_until) == (0, LIMIT, None, None)


def test_the_hour_is_full_at_the_limit(session, alice):
    assert isinstance(charge(session, alice, times=LIMIT), Charged)
    assert charge(session, alice) == Denied(NOON + timedelta(minutes=61), Hindrance.BUDGET)


def test_a_refused_call_is_not_counted(session, alice):
    charge(session, alice, times=LIMIT + 5)
    assert usage(session, alice).used == LIMIT


def test_backfill_gives_way_first_then_events_and_reconcile_last(session, alice):
    for purpose, calls in ((Purpose.BACKFILL, 75), (Purpose.EVENTS, 20), (Purpose.RECONCILE, 5)):
        assert isinstance(charge(session, alice, purpose=purpose, times=calls), Charged)
        assert isinstance(charge(session, alice, purpose=purpose), Denied)
    assert usage(session, alice).left == 0


def test_what_others_have_used_counts_against_the_backfill(session, alice):
    charge(session, alice, purpose=Purpose.EVENTS, times=75)
    assert isinstance(charge(session, alice, purpose=Purpose.BACKFILL), Denied)
    assert isinstance(charge(session, alice, purpose=Purpose.EVENTS), Charged)
    assert (usage(session, alice).left_for(Purpose.BACKFILL), usage(session, alice).left_for(Purpose.EVENTS)) == (0, 19)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_smallest_limit_still_lets_one_call_through(purpose):
    assert allowance(1, purpose) == 1


def test_no_hour_ever_holds_more_calls_than_the_limit(session, alice):
    """Minute by minute for three hours, as many calls as are let through; then every window of an hour is counted."""
    made = []
    for minute in range(180):
        now = NOON + timedelta(minutes=minute, seconds=minute % 60)
        for _ in range(4):
            if isinstance(charge(session, alice, now=now), Charged):
                made.append(now)
    assert len(made) > 2 * LIMIT
    hours = [sum(start <= moment < start + timedelta(hours=1) for moment in made) for start in made]
    assert max(hours) <= LIMIT


def test_a_refusal_names_the_moment_at_which_there_is_room_again(session, alice):
    charge(session, alice, times=40)
    charge(session, alice, now=NOON + timedelta(minutes=10), times=60)
    now = NOON + timedelta(minutes=20)
    denied = charge(session, alice, now=now)
    assert denied.retry_at == NOON + timedelta(minutes=61)
    assert isinstance(charge(session, alice, now=denied.retry_at - timedelta(seconds=1)), Denied)
    assert isinstance(charge(session, alice, now=denied.retry_at, times=40), Charged)
    assert charge(session, alice, now=denied.retry_at).retry_at == NOON + timedelta(minutes=71)


def test_a_purpose_with_less_room_waits_until_more_minutes_are_over(session, alice):
    charge(session, alice, times=10)
    charge(session, alice, now=NOON + timedelta(minutes=10), times=90)
    now = NOON + timedelta(minutes=20)
    assert charge(session, alice, now=now).retry_at == NOON + timedelta(minutes=61)
    assert charge(session, alice, purpose=Purpose.BACKFILL, now=now).retry_at == NOON + timedelta(minutes=71)


def test_one_installation_does_not_use_the_hour_of_another(session, alice, charlie):
    charge(session, alice, times=LIMIT + 1)
    assert isinstance(charge(session, charlie), Charged)
    assert usage(session, charlie).used == 1


def test_a_429_keeps_every_call_back_until_its_time(session, alice):
    until = NOON + timedelta(minutes=2)
    assert quota.note_rate_limit(session, alice.id, now=NOON, until_of=lambda _: until) == until
    for purpose in Purpose:
        assert charge(session, alice, purpose=purpose) == Denied(until, Hindrance.RATE_LIMIT)
    assert usage(session, alice).blocked_until == until
    assert isinstance(charge(session, alice, now=until), Charged)
    assert usage(session, alice, now=until).blocked_until is None


def test_the_pause_after_a_429_grows_until_a_call_succeeds(session, alice):
    now, pauses = NOON, []
    for _ in range(3):
        until = quota.note_rate_limit(
            session, alice.id, now=now, until_of=lambda times, now=now: now + timedelta(minutes=times)
        )
        pauses.append(until - now)
        now = until
    assert pauses == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=3)]
    assert charge(session, alice, now=now) == Charged(is_troubled=True)
    quota.note_success(session, alice.id, now=now)
    assert charge(session, alice, now=now) == Charged(is_troubled=False)
    again = quota.note_rate_limit(session, alice.id, now=now, until_of=lambda times: now + timedelta(minutes=times))
    assert again - now == timedelta(minutes=1)


def test_calls_that_were_under_way_together_count_as_one_429(session, alice):
    untils = [
        quota.note_rate_limit(session, alice.id, now=NOON, until_of=lambda times: NOON + timedelta(minutes=times))
        for _ in range(3)
    ]
    assert set(untils) == {NOON + timedelta(minutes=1)}


def test_a_few_failures_in_a_row_hold_nothing_up(session, alice):
    fail(session, alice, times=FAILURES_TO_REST - 1)
    assert charge(session, alice) == Charged(is_troubled=True)


def test_after_several_failures_in_a_row_the_work_rests(session, alice, charlie):
    fail(session, alice, times=FAILURES_TO_REST)
    assert charge(session, alice) == Denied(NOON + timedelta(minutes=1), Hindrance.FAILURES)
    assert usage(session, alice).rests_until == NOON + timedelta(minutes=1)
    assert isinstance(charge(session, charlie), Charged)


def test_after_the_rest_one_call_is_let_through_and_decides(session, alice):
    fail(session, alice, times=FAILURES_TO_REST)
    now = NOON + timedelta(minutes=1)
    assert charge(session, alice, now=now) == Charged(is_troubled=True)
    assert charge(session, alice, now=now) == Denied(now + TRIAL, Hindrance.FAILURES)
    fail(session, alice, now=now)
    assert charge(session, alice, now=now + TRIAL) == Denied(now + timedelta(minutes=2), Hindrance.FAILURES)
    later = now + timedelta(minutes=2)
    charge(session, alice, now=later)
    quota.note_success(session, alice.id, now=later)
    assert charge(session, alice, now=later) == Charged(is_troubled=False)


def test_a_trial_that_never_says_how_it_went_is_followed_by_another(session, alice):
    fail(session, alice, times=FAILURES_TO_REST)
    now = NOON + timedelta(minutes=1)
    charge(session, alice, now=now)
    assert isinstance(charge(session, alice, now=now + TRIAL), Charged)


def test_counts_that_no_hour_holds_any_more_are_forgotten(session, alice):
    charge(session, alice, times=3)
    charge(session, alice, now=NOON + timedelta(minutes=1))
    now = NOON + timedelta(minutes=61)
    assert usage(session, alice, now=now - timedelta(seconds=1)).used == 4
    assert usage(session, alice, now=now).used == 1
    old = quota.obsolete(session, now=now, at_most=10)
    assert quota.forget(session, old) == 1
    assert usage(session, alice, now=now).used == 1
    assert quota.obsolete(session, now=now, at_most=10) == []
