"""Outages: ours of a minute up to a day, and Bitbucket's of a day. A quarter of an hour afterwards nothing is stale.

What happened meanwhile no webhook has told: Bitbucket sends three times at once and then no more. The comparison of the night
would find it; here it must be found at once, within the calls of an hour, and without waiting for the night.
"""

from __future__ import annotations

import contextlib
import random
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models.presence import Presence
from simulator.faults import Fault
from sync.catching_up import NOTED_EVERY, note_presence
from tests.equality.household import LEASED, Household
from tests.equality.lives import Life
from tests.equality.truth import copy_of, differences, truth_of
from tests.sync.history.stories import delivery_of

SHORT_OUTAGES, LONG_OUTAGES = 1, 20
CALLS_PER_HOUR = 700
MOST_STALE = timedelta(minutes=15)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=21)
"""A deed may take another two hours and a half."""
A_DAY = timedelta(hours=24)
DEEDS_BEFORE, DEEDS_WATCHED = 12, 3
LEAST_MISSED = 3
LOOKED_EVERY = timedelta(minutes=10)
"""While Bitbucket is away. To look every second, as workers do, would take hours."""
EVERYTHING = re.compile("")

pytestmark = pytest.mark.only_in_faults


@dataclass(frozen=True)
class Outage:
    """What became of one."""

    seed: int
    lasted: timedelta
    missed: int
    calls: int
    found_after: timedelta | None
    different: dict


class Told:
    """Brings every event of a life at once, in order, while it is asked to; what is lost is lost."""

    def __init__(self, life):
        self._life = life
        self._seen = len(life.events)

    @property
    def untold(self):
        return len(self._life.events) - self._seen

    def rest(self):
        events = self._life.events
        told = [delivery_of(events[number], number) for number in range(self._seen, len(events))]
        self._seen = len(events)
        return told


@contextlib.contextmanager
def settled(seed, database_url):
    """A household that has read what there was, and to which all is told."""
    with contextlib.closing(Life(seed=seed)) as life:
        for _ in range(DEEDS_BEFORE):
            life.step()
        told = Told(life)
        with contextlib.closing(Household(life, database_url, calls_per_hour=CALLS_PER_HOUR)) as house:
            for _ in range(DEEDS_WATCHED):
                life.step()
                attend(house, told)
            life.now = (life.now + 2 * A_DAY).replace(hour=12, minute=0)
            house.live_until(house.has_compared_since(life.now - A_DAY))
            note_presence_all_the_time(house)
            yield life, house, told


def attend(house, told):
    """As while all is well."""
    note_presence(house.services)
    house.receive(told.rest())
    house.work()


def different(house, life):
    with house.services.readers() as session:
        return differences(truth_of(life.repository), copy_of(session, house.held(session), life.repository))


def next_moment(house, life, *, step=timedelta(seconds=1)):
    """When something is due: a step from now, where it is already."""
    with house.services.readers() as session:
        moments = [session.scalar(select(func.min(table.next_attempt_at))) for table in LEASED]
    soon = life.now + step
    return max(soon, min((one for one in moments if one is not None), default=soon))


def live_while(house, life, until):
    """Work, and go on to when something is due, but no further than to a moment."""
    while life.now < until:
        house.work()
        life.now = min(until, next_moment(house, life, step=LOOKED_EVERY))
    house.work()


def seconds_to_truth(house, life):
    """How long until a comparison that began after this moment is over; None where that takes too long."""
    came_back = life.now
    is_quiet = house.has_compared_since(came_back)
    while life.now <= came_back + MOST_STALE:
        house.work()
        with house.services.readers() as session:
            if is_quiet(session):
                return life.now - came_back
        life.now = next_moment(house, life)
    return None


def outage_of_ours(seed, database_url, *, is_noted=True):
    """From noon on nobody takes anything in, and nobody works; then somebody is here again."""
    chance = random.Random(seed)
    with settled(seed, database_url) as (life, house, told):
        began = life.now
        lasts = SHORTEST * (LONGEST / SHORTEST) ** chance.random()
        life.now += SHORTEST
        while life.now < began + lasts or told.untold < LEAST_MISSED:
            life.step()
        missed, calls = len(told.rest()), house.calls
        lasted = life.now - began
        if is_noted:
            note_presence(house.services)
        found_after = seconds_to_truth(house, life)
        return Outage(seed, lasted, missed, house.calls - calls, found_after, different(house, life))


def outage_of_bitbucket(seed, database_url):
    """Its API answers nothing but 503 for a day, and half of the webhooks are lost."""
    chance = random.Random(seed)
    with settled(seed, database_url) as (life, house, told):
        began = life.now
        house.simulator.faults.add(Fault(match=EVERYTHING, status=503, body=b"<html>Unavailable</html>"))
        missed = 0
        while life.now < began + A_DAY:
            before = life.now
            life.step()
            then, life.now = life.now, before
            live_while(house, life, then)
            note_presence_all_the_time(house)
            some = [one for one in told.rest() if chance.random() < 0.5 or not (missed := missed + 1)]
            house.receive(some)
            house.work()
        lasted, calls = life.now - began, house.calls
        house.simulator.faults.clear()
        found_after = seconds_to_truth(house, life)
        return Outage(seed, lasted, missed, house.calls - calls, found_after, different(house, life))


def note_presence_all_the_time(house):
    """We were here all along, whatever the clock of a life has skipped."""
    with house.services.sessions.begin() as session:
        session.execute(update(Presence).values(seen_at=house.life.now - NOTED_EVERY))
    note_presence(house.services)


def lived(fresh_database, live, option, count):
    for seed in range(option.seed, option.seed + count):
        with fresh_database() as url:
            yield live(seed, url)


def judge(figures, outages, *, whose, database):
    figures.row(
        outage=whose,
        system=database,
        outages=len(outages),
        lasted=f"{min(one.lasted for one in outages)} to {max(one.lasted for one in outages)}",
        events_missed=sum(one.missed for one in outages),
        found_after_at_most=str(max(one.found_after or MOST_STALE for one in outages)),
        most_calls=max(one.calls for one in outages),
    )
    assert {one.seed: one.different for one in outages if one.different} == {}
    assert [one.seed for one in outages if one.found_after is None or one.found_after > MOST_STALE] == []
    assert max(one.calls for one in outages) <= 1000


def count_of(option):
    return LONG_OUTAGES if option.long else SHORT_OUTAGES


@pytest.mark.fault("W3")
def test_after_an_outage_of_ours_nothing_is_stale_for_long(fresh_database, figures, request):
    option = request.config.option
    outages = list(lived(fresh_database, outage_of_ours, option, count_of(option)))
    judge(figures, outages, whose="ours", database=fresh_database.__name__)


@pytest.mark.fault("W3")
def test_without_the_note_of_it_an_outage_is_found_in_the_night_only(fresh_database, request):
    """The control."""
    with fresh_database() as url:
        outage = outage_of_ours(1, url, is_noted=False)
    assert outage.missed
    assert outage.different
    assert outage.found_after is None


@pytest.mark.fault("A3")
def test_after_a_day_without_bitbucket_nothing_is_stale_for_long(fresh_database, figures, request):
    option = request.config.option
    outages = list(lived(fresh_database, outage_of_bitbucket, option, count_of(option)))
    judge(figures, outages, whose="Bitbucket's", database=fresh_database.__name__)
