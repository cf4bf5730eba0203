"""Open-to-merge and its sparkline."""

from insights.clock.look import look
from insights.pulse.open_to_merge import open_to_merge, weekly_medians
from insights.result import WhyNot, Window
from insights.settings import ClockKind
from tests.insights.lives import DAY, HOUR, SETTINGS, approved, at, measured, merged_after, pull_request

NOW = look(SETTINGS, now=at("3 Wed 12:00"))


def weekly(first, *, ready, count=5):
    return [merged_after((number + 1) * HOUR, number=first + number, ready=ready) for number in range(count)]


def test_the_window_is_28_days_up_to_now():
    recent = weekly(1, ready=at("Mon 00:00"))
    old = merged_after(HOUR, number=9, ready=at("3 Mon 00:00") - 28 * DAY)

    # Pickups of 1 to 5 hours and two more each: the third takes 5 hours. The old one was merged before the window.
    answer = open_to_merge([*recent, old], NOW)
    assert (answer.value.p50, answer.n) == (5 * HOUR, 5)


def test_both_clocks_can_be_asked():
    rows = [
        measured(pull_request(approved("2 Mon 02:00"), opened="Fri 22:00", merged="2 Mon 02:00", number=number))
        for number in range(1, 6)
    ]

    # Fri 22 to Mon 02: 52 hours by the wall, 4 at work.
    wall = look(SETTINGS, now=at("3 Wed 12:00"), kind=ClockKind.WALL)
    assert open_to_merge(rows, NOW).value.p50 == 4 * HOUR
    assert open_to_merge(rows, wall).value.p50 == 52 * HOUR


def test_the_sparkline_has_a_median_for_each_week_with_five():
    rows = [*weekly(1, ready=at("Mon 00:00")), *weekly(11, ready=at("2 Mon 00:00"), count=4)]
    answer = weekly_medians(rows, NOW, weeks=3)

    assert [(point.n, point.p50) for point in answer.value] == [(5, 5 * HOUR), (4, None), (0, None)]
    assert [point.week.is_whole for point in answer.value] == [True, True, False]
    assert (answer.n, answer.window) == (9, Window(at("Mon 00:00"), at("3 Wed 12:00")))


def test_twelve_weeks_without_a_merge_have_no_sparkline():
    assert weekly_medians([], NOW).why_not is WhyNot.NO_DATA
    assert len(weekly_medians(weekly(1, ready=at("Mon 00:00")), NOW).value) == 12
