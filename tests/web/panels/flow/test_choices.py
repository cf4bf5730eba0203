"""Filters come from the address; what makes no sense there is as if it were not."""

import pytest

from insights.pull_requests.cohorts import EVERYTHING
from insights.pull_requests.population import Series
from insights.pull_requests.size import SizeBucket
from insights.settings import ClockKind
from web.panels.flow import choices
from web.panels.flow.choices import Choices


def test_an_address_without_filters_shows_everything_by_the_working_clock():
    assert choices.read({}) == Choices()
    assert choices.read({}).filter() == EVERYTHING
    assert choices.read({}).clock is ClockKind.WORK


def test_every_filter_can_stand_in_the_address():
    found = choices.read(
        {"window": "90", "branch": "main", "size": "XL", "series": "bot", "clock": "wall", "path": "src/api/"}
    )

    assert found == Choices(
        window_days=90,
        branch="main",
        bucket=SizeBucket.XL,
        series=Series.BOT,
        clock=ClockKind.WALL,
        path="src/api/",
    )


@pytest.mark.parametrize(
    "query",
    [
        {"window": "91"},
        {"window": "-28"},
        {"window": "٢٨"},
        {"size": "xl"},
        {"series": "people"},
        {"clock": "sundial"},
        {"path": "  "},
        {"path": "/"},
    ],
)
def test_what_makes_no_sense_is_not_there(query):
    assert choices.read(query) == Choices()


def test_a_slash_before_a_path_is_what_people_write():
    assert choices.read({"path": " /src/api "}).path == "src/api"


def test_a_year_is_drawn_in_fifty_two_weeks_and_anything_shorter_in_half_of_them():
    assert [Choices(window_days=days).weeks for days in (None, 28, 90, 182, 364)] == [26, 26, 26, 26, 52]


def test_the_filter_holds_what_was_chosen():
    found = Choices(branch="main", bucket=SizeBucket.S, series=Series.BOT).filter(frozenset({1, 2}))

    assert (found.destination, found.buckets, found.series, found.ids) == ("main", {SizeBucket.S}, Series.BOT, {1, 2})


@pytest.mark.parametrize(
    ("given", "is_chosen"),
    [
        (Choices(), False),
        (Choices(window_days=90, clock=ClockKind.WALL), False),
        (Choices(branch="main"), True),
        (Choices(path="src"), True),
        (Choices(series=Series.BOT), True),
    ],
)
def test_a_window_and_a_clock_hide_no_pull_request(given, is_chosen):
    assert given.are_pull_requests_chosen is is_chosen


def test_the_lists_show_what_is_chosen():
    lists = {one.name: one for one in choices.lists(Choices(window_days=90, branch="gone"), ["main", "develop"])}

    assert {name: [o.value for o in one.options if o.is_chosen] for name, one in lists.items()} == {
        "window": ["90"],
        "branch": ["gone"],
        "size": [""],
        "series": [""],
        "clock": [""],
    }
    assert [option.label for option in lists["branch"].options] == ["all", "develop", "gone", "main"]
