"""Files that change together, at each of the limits."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.files.co_change import CoChange, co_changes
from insights.result import Exclusion, WhyNot
from insights.settings import WorkspaceSettings
from tests.insights.files.cast import ANA, change
from tests.insights.lives import DAY, at

NOW = look(WorkspaceSettings(), now=at("3 Mon 00:00"))


def times(count, *files, day=0):
    return [change(at("Mon 00:00") + day * DAY + number * DAY / 100, ANA, *files) for number in range(count)]


def found(changes, path="a"):
    return co_changes(path, changes, NOW).value


def test_the_degree_is_the_shared_changes_over_the_mean_of_both():
    # a: 6 with b and 4 alone = 10. b: 6 + 2 = 8. Shared 6, mean 9: two thirds.
    changes = times(6, "a", "b") + times(4, "a", day=1) + times(2, "b", day=2)

    assert found(changes) == (CoChange("b", 6, 8, pytest.approx(2 / 3)),)
    assert co_changes("a", changes, NOW).n == 10


def test_four_shared_changes_are_too_few():
    assert found(times(4, "a", "b") + times(1, "a", day=1) + times(1, "b", day=2)) == ()
    assert len(found(times(5, "a", "b"))) == 1


def test_below_thirty_percent_nothing_is_reported():
    # Shared 5; a has 5 + 23 = 28, b has 5: mean 16.5, degree 0.303. One more change of a: 5 / 17 = 0.294.
    assert len(found(times(5, "a", "b") + times(23, "a", day=1))) == 1
    assert found(times(5, "a", "b") + times(24, "a", day=1)) == ()


def test_a_file_with_fewer_than_five_revisions_says_nothing():
    answer = co_changes("a", times(4, "a", "b"), NOW)

    assert (answer.value, answer.why_not, answer.n) == (None, WhyNot.TOO_FEW, 4)


def test_changes_of_more_than_thirty_files_are_ignored_and_counted():
    thirty, thirty_one = ([f"f{number}" for number in range(count)] for count in (28, 29))
    small = times(5, "a", "b", *thirty)
    large = times(5, "a", "c", *thirty_one, day=1)
    answer = co_changes("a", small + large, NOW)

    assert "b" in {one.path for one in answer.value}
    assert "c" not in {one.path for one in answer.value}
    assert (answer.n, answer.exclusions) == (5, {Exclusion.LARGE_COMMIT: 5})


def test_what_is_older_than_a_year_does_not_count():
    assert co_changes("a", times(9, "a", "b", day=-400), NOW).n == 0


def test_the_strongest_come_first():
    changes = times(5, "a", "b", "c") + times(2, "b", day=1)

    assert [one.path for one in found(changes)] == ["c", "b"]


FILES = st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=5, max_size=40)


@given(sets=FILES)
def test_it_agrees_with_counting_every_pair(sets):
    changes = [change(at("Mon 00:00") + number * DAY / 100, ANA, *sorted(files)) for number, files in enumerate(sets)]
    own = sum("a" in files for files in sets)
    expected = {}
    for one, other in combinations("abcd", 2):
        shared = sum({one, other} <= files for files in sets)
        both = own, sum(other in files for files in sets)
        if one == "a" and shared >= 5 and min(both) >= 5 and shared / (sum(both) / 2) >= 0.3:
            expected[other] = shared

    value = found(changes)
    assert value is None if own < 5 else {pair.path: pair.shared for pair in value} == expected
