"""The head of the page, beside the 28 days before."""

import pytest

from insights.clock.look import look
from insights.flow.headline import changes, headline
from insights.pulse.pickup import Estimate
from insights.result import Exclusion, WhyNot
from insights.statistics.change import ChangeWord
from tests.insights.lives import DAY, HOUR, SETTINGS, approved, at, measured, merged_after, pull_request

# Monday 30 March 2026, 12:00: the 28 days start on Monday 2 March, 12:00.
NOW = look(SETTINGS, now=at("5 Mon 12:00"))
THIS_WEEK, LONG_AGO = at("2 Mon 00:00"), at("2 Mon 00:00") - 28 * DAY


def lives(pickups, *, ready, first=1, review=HOUR):
    return [
        merged_after(hours * HOUR, review, number=first + index, ready=ready) for index, hours in enumerate(pickups)
    ]


def test_each_figure_stands_beside_the_window_before():
    slow = lives(range(20, 32), ready=THIS_WEEK, review=6 * HOUR)
    quick = lives(range(2, 14), ready=LONG_AGO, first=100, review=2 * HOUR)
    rows = [*slow, *quick]
    found = headline(rows, NOW, changes=changes(rows, NOW))

    assert (found.merged.now.value, found.merged.before.value, found.merged.change) == (12, 12, None)
    # Pickups of 20 to 31 hours: the Kaplan-Meier median is the 6th, 25 hours. Before: 2 to 13, so 7.
    assert (found.pickup.now.value.p50, found.pickup.before.value.p50) == (Estimate(25 * HOUR), Estimate(7 * HOUR))
    # Ready to merged: 7 hours more than the pickup now (25.5 + 7), 3 before (7.5 + 3).
    assert (found.open_to_merge.now.value.p50, found.open_to_merge.before.value.p50) == (32.5 * HOUR, 10.5 * HOUR)
    assert (found.review.now.value.p50, found.review.before.value.p50) == (6 * HOUR, 2 * HOUR)
    assert [one.change.word for one in (found.pickup, found.open_to_merge, found.review)] == [ChangeWord.UP] * 3
    assert found.open_to_merge.change.ratio == pytest.approx(32.5 / 10.5)


def test_too_few_on_one_side_claim_no_change():
    rows = [*lives(range(20, 32), ready=THIS_WEEK), *lives(range(2, 8), ready=LONG_AGO, first=100)]

    assert changes(rows, NOW).open_to_merge.word is ChangeWord.TOO_FEW
    assert headline(rows, NOW).open_to_merge.before.value.p50 is not None


def test_without_last_nights_comparison_no_change_is_named():
    found = headline(lives(range(20, 32), ready=THIS_WEEK), NOW)

    assert (found.open_to_merge.change, found.pickup.change, found.review.change) == (None, None, None)


def test_unreviewed_merges_are_counted_and_left_out_of_the_review():
    reviewed = lives([1, 2, 3], ready=THIS_WEEK)
    alone = [
        measured(pull_request(opened="3 Mon 09:00", merged="3 Mon 12:00", number=number, **fields))
        for number, fields in ((50, {}), (51, {"is_activity_known": False}))
    ]
    found = headline([*reviewed, *alone], NOW)

    # One of the four whose log is known; the fifth may have been reviewed for all we know.
    assert (found.unreviewed.now.value.count, found.unreviewed.now.value.share) == (1, 0.25)
    assert found.unreviewed.now.exclusions == {Exclusion.ACTIVITY_UNKNOWN: 1}
    assert found.review.now.exclusions == {Exclusion.ACTIVITY_UNKNOWN: 1, Exclusion.UNREVIEWED: 1}
    assert found.merged.now.value == 5


def test_an_empty_window_counts_none_and_says_nothing_else():
    found = headline([], NOW)

    assert found.merged.now.value == 0
    assert found.unreviewed.now.why_not is found.review.now.why_not is WhyNot.NO_DATA


def test_never_approved_ones_stay_in_the_review_with_a_footnote():
    rows = [
        measured(pull_request(*events, opened="3 Mon 09:00", merged="3 Mon 15:00", number=number))
        for number, events in enumerate([(approved("3 Mon 10:00"),)] * 3, start=1)
    ]
    answer = headline(rows, NOW).review.now

    assert (answer.n, answer.why_not, answer.flags) == (3, WhyNot.TOO_FEW, {})
