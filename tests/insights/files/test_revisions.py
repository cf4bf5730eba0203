"""Revisions and hotspots, worked out on paper."""

import pytest

from insights.clock.look import look
from insights.files.revisions import Revisions, hotspots, revisions
from insights.result import WhyNot
from insights.settings import WorkspaceSettings
from tests.insights.files.cast import ANA, BEN, change, renamed
from tests.insights.lives import DAY, at

NOW = look(WorkspaceSettings(), now=at("2 Mon 00:00"))
CHANGES = [
    change("Mon 09:00", ANA, "a", "b", "c"),
    change("Tue 09:00", BEN, "a", "b"),
    change("Wed 09:00", ANA, "a"),
    change("Thu 09:00", BEN, "a", "d"),
]


def test_revisions_are_counted_and_ranked_among_the_changed_files():
    # a: 4, b: 2, c: 1, d: 1. b: below it two of four, itself half: 2.5 / 4. c: none below, two equal halved: 1 / 4.
    assert revisions("b", CHANGES, NOW).value == Revisions(2, 0.625)
    assert revisions("c", CHANGES, NOW).value == Revisions(1, 0.25)
    assert revisions("a", CHANGES, NOW).n == 4


def test_a_file_that_nobody_changed_ranks_last():
    assert revisions("other", CHANGES, NOW).value == Revisions(0, 0.0)


def test_a_change_older_than_a_year_is_not_counted_and_renames_are_followed():
    old = change(at("Mon 09:00") - 400 * DAY, ANA, "before")
    moved = change("Tue 10:00", ANA, renamed("before", "a"))
    recent = change("Mon 09:30", ANA, "before")

    assert revisions("a", [*CHANGES, old, moved, recent], NOW).value.count == 6


def test_a_file_is_counted_once_for_a_change_that_names_it_twice():
    assert revisions("a", [change("Mon 09:00", ANA, "a", "a")], NOW).value.count == 1


def test_a_repository_without_changes_ranks_nothing():
    assert (revisions("a", [], NOW).why_not, revisions("a", [], NOW).n) == (WhyNot.NO_DATA, 0)
    assert hotspots([], {"a": 1}, NOW).why_not is WhyNot.NO_DATA


def test_a_hotspot_is_changed_often_and_large():
    spots = hotspots(CHANGES, {"a": 100, "b": 300, "c": 20, "unchanged": 9_999}, NOW)

    # Among a, b, c (d has no size): revisions 4, 2, 1 rank 2.5/3, 1.5/3, 0.5/3; sizes 100, 300, 20 rank 1.5/3, 2.5/3, 0.5/3.
    # a: 5/6 * 1/2 = 5/12; b: 1/2 * 5/6 = 5/12; c: 1/36. Equal scores stand in the order of their names.
    assert [(spot.path, spot.revisions) for spot in spots.value] == [("a", 4), ("b", 2), ("c", 1)]
    assert [spot.score for spot in spots.value] == pytest.approx([5 / 12, 5 / 12, 1 / 36])
    assert spots.n == 3
