"""Bins that double from an hour to 32 days."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights.statistics.bins import binned

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_the_edges_are_those_of_the_chart():
    bins = binned([])

    assert [bin_.low for bin_ in bins] == [
        0 * HOUR, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY, 32 * DAY,
    ]  # fmt: skip
    assert [bin_.high for bin_ in bins[:-1]] == [bin_.low for bin_ in bins[1:]]
    assert bins[-1].high is None


def test_a_duration_on_an_edge_belongs_above_it():
    counts = [bin_.count for bin_ in binned([0 * HOUR, HOUR - timedelta(microseconds=1), HOUR, 32 * DAY, 99 * DAY])]

    assert counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2]


@given(hours=st.lists(st.integers(0, 2_000)))
def test_every_duration_is_in_one_bin(hours):
    durations = [number * HOUR for number in hours]

    assert sum(bin_.count for bin_ in binned(durations)) == len(durations)
    for bin_ in binned(durations):
        inside = [one for one in durations if bin_.low <= one and (bin_.high is None or one < bin_.high)]
        assert bin_.count == len(inside)
