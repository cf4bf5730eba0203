"""Everything of one pull request, once."""

import msgspec
from hypothesis import given

from insights.clock.look import look
from insights.facts.pull_requests import ParticipantFacts
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Flag
from insights.settings import ClockKind
from tests.insights.lives import (
    ALICE,
    BOB,
    CARLA,
    HOUR,
    RABBIT,
    RENOVATE,
    SETTINGS,
    approved,
    at,
    measured,
    pull_request,
)
from tests.insights.pull_requests.strategies import lives


def test_a_closed_one_needs_no_clock_and_an_open_one_is_measured_up_to_now():
    closed = measured(pull_request(approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00"))
    still_open = measured(pull_request(opened="Fri 12:00"))
    now = at("2 Mon 06:00")

    assert closed.times(look(SETTINGS, now=now)) is closed.stages.work
    assert still_open.stages is None
    # Fri 12:00 to Mon 06:00: 66 hours by the wall, 12 + 6 at work.
    assert still_open.times(look(SETTINGS, now=now, kind=ClockKind.WALL)).pickup == 66 * HOUR
    assert still_open.times(look(SETTINGS, now=now)).pickup == 18 * HOUR


def test_one_from_the_future_has_taken_no_time_yet():
    # Another machine's clock runs ahead of ours.
    ahead = measured(pull_request(opened="Mon 09:01"))

    assert ahead.times(look(SETTINGS, now=at("Mon 09:00"))).cycle == 0 * HOUR


def test_reviewers_are_the_people_who_were_asked():
    parts = [ParticipantFacts(account=who, is_reviewer=True) for who in (CARLA, RABBIT, ALICE, BOB)]
    parts.append(ParticipantFacts(account="{d}"))

    assert measured(pull_request(opened="Mon 09:00", participants=tuple(parts))).reviewers == (BOB, CARLA)


def test_only_a_merged_one_has_a_merge_time():
    merged = measured(pull_request(opened="Mon 09:00", merged="Mon 12:00"))
    declined = measured(pull_request(opened="Mon 09:00", declined="Mon 12:00"))

    assert (merged.merged_at, declined.merged_at) == (at("Mon 12:00"), None)


def test_a_bots_one_is_marked():
    assert measured(pull_request(opened="Mon 09:00", author=RENOVATE)).is_bot
    assert measured(pull_request(opened="Mon 09:00")).has(Flag.UNANSWERED)


@given(facts=lives())
def test_it_can_be_stored_and_read_again(facts):
    measurement = measured(facts)
    stored = msgspec.msgpack.encode(measurement)

    assert msgspec.msgpack.decode(stored, type=Measurement) == measurement
