"""How often the merge window was right: asked again, knowing only what was known."""

import random
from datetime import timedelta

import pytest

from insights.clock.look import look
from insights.flow.forecast_honesty import TARGET, forecast_honesty
from insights.pull_requests.cohorts import population
from insights.pull_requests.merge_window import merge_window
from insights.pull_requests.stages import Stage
from insights.result import Exclusion, WhyNot
from insights.settings import ClockKind
from tests.insights.lives import (
    DAY,
    HOUR,
    MONDAY,
    SETTINGS,
    approved,
    commented,
    measured,
    merged_after,
    pull_request,
)

NOW = look(SETTINGS, now=MONDAY + 400 * DAY, kind=ClockKind.WALL)


def test_where_all_take_the_same_time_every_forecast_is_right():
    rows = [merged_after(3 * HOUR, number=number, ready=NOW.now - (100 - number) * DAY) for number in range(1, 100)]
    answer = forecast_honesty(rows, NOW)

    # Merged in the last 90 days: numbers 10 to 99, three forecasts each, all of the same length. The first twenty of them find
    # fewer than 30 before them: number n has n - 1, so those from 10 to 30 are silent, 21 at each of three stages.
    assert (answer.value.share, answer.n) == (1.0, 3 * 69)
    assert answer.exclusions == {Exclusion.NO_FORECAST: 3 * 21}
    assert answer.value.by_stage == {Stage.PICKUP: 1.0, Stage.REVIEW: 1.0, Stage.MERGE_WAIT: 1.0}


def test_where_times_change_for_good_no_forecast_is_right():
    quick = [merged_after(HOUR, number=number, ready=NOW.now - 200 * DAY + number * HOUR) for number in range(1, 61)]
    slow = [
        merged_after(50 * HOUR, 50 * HOUR, 50 * HOUR, number=100 + number, ready=NOW.now - 20 * DAY)
        for number in range(1, 6)
    ]
    answer = forecast_honesty([*quick, *slow], NOW)

    assert (answer.value.hits, answer.n) == (0, 15)


def test_of_independent_times_about_half_fall_into_the_middle_half():
    dice = random.Random(11)
    rows = [
        merged_after(
            timedelta(hours=dice.expovariate(1 / 20)),
            timedelta(hours=dice.expovariate(1 / 10)),
            timedelta(hours=dice.expovariate(1 / 5)),
            number=number,
            ready=NOW.now - timedelta(hours=24 * 300 * (1 - number / 1500)) - 10 * DAY,
        )
        for number in range(1, 1_400)
    ]
    answer = forecast_honesty(rows, NOW)

    # Some 1,100 forecasts of a chance of one half: five standard deviations are 7.5 points.
    assert answer.n > 800
    assert answer.value.share == pytest.approx(TARGET, abs=0.08)


def test_a_repository_without_a_past_makes_no_forecast():
    young = [merged_after(HOUR, number=number, ready=NOW.now - 5 * DAY) for number in range(1, 9)]

    assert forecast_honesty(young, NOW).why_not is WhyNot.TOO_FEW
    assert forecast_honesty([], NOW).why_not is WhyNot.NO_DATA


def random_history(seed, days, count):
    dice = random.Random(seed)
    facts = []
    for number in range(1, count):
        opened = NOW.now - timedelta(hours=dice.randint(30, 24 * days))
        answered = opened + timedelta(hours=dice.randint(1, 60), minutes=number)
        ok = answered + timedelta(hours=dice.randint(1, 30))
        end = ok + timedelta(hours=dice.randint(1, 30))
        fate = dice.choice(["merged"] * 6 + ["declined", "open"])
        events = (
            commented(answered) if answered < NOW.now else None,
            approved(ok) if ok < NOW.now else None,
        )
        closing = {fate: end} if fate != "open" and end < NOW.now else {}
        facts.append(pull_request(*(one for one in events if one), opened=opened, number=number, **closing))
    return facts


@pytest.mark.parametrize(("seed", "days", "count"), [(1, 120, 140), (2, 450, 220)])
def test_each_forecast_is_what_the_window_would_have_said_at_that_moment(seed, days, count):
    """The slow way: cut every life at the moment of asking, measure it again, and ask merge_window itself."""
    facts = random_history(seed, days, count)
    rows = [measured(one) for one in facts]
    answer = forecast_honesty(rows, NOW)
    window = NOW.last_days(90)
    right, said = 0, 0
    for own, row in zip(facts, rows, strict=True):
        if not window.holds(row.merged_at):
            continue
        for entered, stage in (
            (row.stamps.ready, Stage.PICKUP),
            (row.stamps.responded, Stage.REVIEW),
            (row.stamps.approved, Stage.MERGE_WAIT),
        ):
            if entered is None:
                continue
            then = look(SETTINGS, now=entered, kind=ClockKind.WALL)
            past = [cut(one, entered) for one in facts if one.created_at <= entered and one.id != own.id]
            asked = merge_window(cut(own, entered), population(past), then)
            if asked.value is not None:
                said += 1
                right += asked.value.holds(row.times(NOW).from_stage_on(stage))

    assert (answer.n, answer.value.hits) == (said, right)


def cut(facts, moment):
    """What was known of a pull request at a moment."""
    is_closed = facts.closed_at is not None and facts.closed_at <= moment
    fate = {("merged" if facts.state == "MERGED" else "declined"): facts.closed_at} if is_closed else {}
    known = [event for event in facts.events if event.at <= moment]
    return measured(pull_request(*known, opened=facts.created_at, first=facts.created_at, number=facts.id, **fate))
