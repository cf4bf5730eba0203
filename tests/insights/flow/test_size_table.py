"""Size and time."""

import pytest

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.flow.size_table import size_table
from insights.result import Exclusion, WhyNot
from tests.insights.lives import HOUR, SETTINGS, at, measured, merged_after, pull_request

NOW = look(SETTINGS, now=at("3 Mon 00:00"))


def lives(pickups, *, lines, first):
    files = None if lines is None else (FileChange(path="a", lines_added=lines),)
    return [merged_after(hours * HOUR, number=first + index, files=files) for index, hours in enumerate(pickups)]


SMALL = lives(range(1, 6), lines=20, first=1)
LARGE = lives(range(11, 16), lines=300, first=11)


def test_each_bucket_has_its_medians():
    answer = size_table([*SMALL, *LARGE, *lives([1], lines=5, first=21)], NOW)
    rows = {row.bucket: row for row in answer.value.rows}

    # S: pickups 1 to 5, so 3, and 2 hours more to the merge. L: 13 and 15. XS has one only. 15 / 5 = 3 times.
    assert (rows["S"].n, rows["S"].pickup_p50, rows["S"].open_to_merge_p50) == (5, 3 * HOUR, 5 * HOUR)
    assert (rows["L"].pickup_p50, rows["L"].open_to_merge_p50) == (13 * HOUR, 15 * HOUR)
    assert (rows["XS"].n, rows["XS"].pickup_p50, rows["XS"].open_to_merge_p50) == (1, None, None)
    assert (rows["M"].n, answer.n) == (0, 11)
    assert answer.value.large_to_small == pytest.approx(3)


def test_unanswered_ones_have_a_time_and_no_pickup():
    alone = [measured(pull_request(opened="Mon 09:00", merged="Mon 14:00", number=number)) for number in range(1, 6)]
    row = size_table(alone, NOW).value.rows[1]

    assert (row.n, row.pickup_p50, row.open_to_merge_p50) == (5, None, 5 * HOUR)


def test_without_both_medians_there_is_no_factor():
    assert size_table(SMALL, NOW).value.large_to_small is None


def test_those_whose_size_is_not_known_are_left_out_and_counted():
    answer = size_table([*SMALL, *lives([1, 2], lines=None, first=31)], NOW)

    assert (answer.n, answer.exclusions) == (5, {Exclusion.SIZE_UNKNOWN: 2})
    assert size_table([], NOW).why_not is WhyNot.NO_DATA
