"""The histogram and the scatter."""

from insights.clock.look import look
from insights.flow.distribution import distribution, scatter
from insights.pull_requests.size import SizeBucket
from insights.result import WhyNot
from tests.insights.lives import DAY, HOUR, SETTINGS, at, merged_after

NOW = look(SETTINGS, now=at("4 Mon 00:00"))
# From ready to merged: 2.5, 3, 6, 12, 26, 26 hours.
ROWS = [merged_after(hours * HOUR, number=number) for number, hours in enumerate((0.5, 1, 4, 10, 24, 24), start=1)]


def test_each_merged_one_falls_into_a_bin_and_the_percentiles_are_drawn():
    answer = distribution(ROWS, NOW)

    assert [bin_.count for bin_ in answer.value.bins] == [0, 0, 2, 1, 1, 2, 0, 0, 0, 0, 0]
    assert (answer.value.spread.p50, answer.value.spread.p85, answer.n) == (9 * HOUR, None, 6)


def test_few_have_bins_and_no_percentiles():
    assert distribution(ROWS[:2], NOW).value.spread is None
    assert distribution([], NOW).why_not is WhyNot.NO_DATA


def test_each_merged_one_is_a_point_in_the_order_of_merging():
    answer = scatter(list(reversed(ROWS)), NOW)

    assert [point.id for point in answer.value] == [1, 2, 3, 4, 5, 6]
    assert (answer.value[0].merged_at, answer.value[0].time) == (at("Mon 02:30"), 2.5 * HOUR)
    assert answer.value[0].bucket is SizeBucket.S


def test_the_window_is_90_days():
    old = merged_after(HOUR, number=9, ready=at("4 Mon 00:00") - 91 * DAY)

    assert scatter([*ROWS, old], NOW).n == 6
    assert scatter([], NOW).why_not is WhyNot.NO_DATA
