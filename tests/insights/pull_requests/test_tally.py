"""Tallies of parts, added up, are the tally of the whole: what a figure says is the same, to the order of its words."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.pull_requests.tally import Tally
from insights.pulse.open_to_merge import (
    open_to_merge,
    open_to_merge_of,
    open_to_merge_tally,
    weekly_median,
    weekly_medians,
)
from insights.pulse.pickup import pickup, pickup_of, pickup_tally
from insights.result import Exclusion, WhyNot, Window
from insights.settings import ClockKind
from tests.insights.lives import DAY, SETTINGS, measured
from tests.insights.pull_requests.strategies import START, lives

NOW = START + timedelta(days=45)
WINDOW = Window(START, NOW)
FIGURES = {
    "open_to_merge": (open_to_merge, open_to_merge_tally, open_to_merge_of),
    "pickup": (pickup, pickup_tally, pickup_of),
}


@st.composite
def repositories(draw):
    facts = draw(st.lists(lives(), max_size=40))
    return [measured(msgspec.structs.replace(one, id=number)) for number, one in enumerate(facts, start=1)]


def told(result):
    """Return all of a figure, with the order in which it tells what was left out and what is assumed."""
    return msgspec.structs.asdict(result), list(result.exclusions), list(result.flags)


@pytest.mark.parametrize("figure", FIGURES)
@given(rows=repositories(), kind=st.sampled_from(ClockKind), data=st.data())
def test_a_figure_of_added_tallies_is_the_figure_of_one_pass(figure, rows, kind, data):
    whole, tally, of = FIGURES[figure]
    now = look(SETTINGS, now=NOW, kind=kind)
    places = [data.draw(st.integers(0, 4)) for _ in rows]
    parts = [[row for row, place in zip(rows, places, strict=True) if place == part] for part in range(5)]

    added = Tally.together([tally(part, now, WINDOW) for part in parts])

    assert told(of(added, WINDOW)) == told(whole(rows, now, window=WINDOW))


@given(rows=repositories(), kind=st.sampled_from(ClockKind))
def test_the_median_of_a_week_by_itself_is_that_of_the_series(rows, kind):
    now = look(SETTINGS, now=NOW - 2 * DAY, kind=kind)
    weeks = now.last_weeks(6)

    one_by_one = tuple(weekly_median(week, open_to_merge_tally(rows, now, week.window)) for week in weeks)

    series = weekly_medians(rows, now, weeks=6).value
    assert one_by_one == series or (series is None and all(point.n == 0 for point in one_by_one))


def test_nothing_added_up_is_nothing():
    answer = pickup_of(Tally.together([]), WINDOW)

    assert (answer.n, answer.value, answer.why_not, answer.exclusions) == (0, None, WhyNot.NO_DATA, {})


def test_what_was_left_out_is_counted_over_all_parts():
    parts = [Tally(exclusions={Exclusion.SYNC: 1}), Tally(exclusions={Exclusion.SYNC: 2, Exclusion.BOT_AUTHOR: 1})]

    assert Tally.together(parts).exclusions == {Exclusion.SYNC: 3, Exclusion.BOT_AUTHOR: 1}
