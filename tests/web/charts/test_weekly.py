"""Charts by week: what stacks, stacks to the whole; what stands beside each other does not overlap; gaps stay gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts import weekly
from web.charts.shapes import Key, Tick
from web.charts.weekly import Column

STAGES = (Key("coding", "Coding"), Key("pickup", "Pickup"), Key("review", "Review"))


def columns(number):
    return [Column(f"{place} Oct", f"week of {place} Oct") for place in range(number)]


def test_shares_stack_from_the_bottom_in_the_order_of_a_life():
    bars = weekly.stacked(columns(1), [{"coding": 0.5, "pickup": 0.25, "review": 0.25}], STAGES, 160)

    assert [(bar.look, bar.y, bar.height) for bar in bars] == [
        ("coding", 80, 80),
        ("pickup", 40, 40),
        ("review", 0, 40),
    ]


def test_a_bar_says_its_week_its_stage_and_its_share():
    bars = weekly.stacked(columns(1), [{"coding": 0.876, "pickup": 0.124}], STAGES)

    assert [bar.tip for bar in bars] == ["week of 0 Oct, Coding: 88 %", "week of 0 Oct, Pickup: 12 %"]


def test_a_week_without_anything_has_no_column_and_a_stage_without_time_no_bar():
    bars = weekly.stacked(columns(2), [None, {"coding": 1.0, "pickup": 0.0}], STAGES)

    assert [bar.look for bar in bars] == ["coding"]
    assert bars[0].x > 50


@given(
    weeks=st.lists(st.lists(st.floats(min_value=0.01, max_value=1), min_size=3, max_size=3), min_size=1, max_size=52)
)
def test_the_bars_of_a_week_fill_its_column_and_no_more(weeks):
    shares = [
        dict(zip(("coding", "pickup", "review"), [part / sum(week) for part in week], strict=True)) for week in weeks
    ]
    bars = weekly.stacked(columns(len(weeks)), shares, STAGES, 160)

    for place in range(len(weeks)):
        mine = [bar for bar in bars if place * 100 / len(weeks) <= bar.x < (place + 1) * 100 / len(weeks)]
        assert sum(bar.height for bar in mine) == pytest.approx(160, abs=0.1)
    assert all(0 <= bar.y <= 160 and bar.x + bar.width <= 100 for bar in bars)


def test_two_counts_of_a_week_stand_beside_each_other():
    scale = weekly.scale_of([4])
    first, second = weekly.paired(columns(1), [(4, 2)], (Key("opened", "opened"), Key("merged", "merged")), scale)

    assert (first.x, first.width, first.height) == (10, 40, 160)
    assert (second.x, second.width, second.height) == (50, 40, 80)
    assert second.tip == "week of 0 Oct, merged: 2"


def test_nothing_has_no_bar():
    assert weekly.single(columns(2), [0, 3], Key("deploy", "x"), weekly.scale_of([3]))[0].tip == "week of 1 Oct: 3"


def test_a_line_joins_the_middles_and_breaks_where_nothing_is_known():
    scale = weekly.scale_of([2])
    segments = weekly.line([0, 2, None, 1, 2], "open", scale)

    assert [(one.x1, one.y1, one.x2, one.y2) for one in segments] == [(10, 160, 30, 0), (70, 80, 90, 0)]


def test_every_fourth_week_back_from_the_last_has_a_label_and_every_other_of_them_on_a_narrow_page():
    ticks = weekly.week_ticks(columns(26))

    assert [tick.label for tick in ticks] == [f"{place} Oct" for place in (1, 5, 9, 13, 17, 21, 25)]
    assert [tick.is_minor for tick in ticks] == [False, True, False, True, False, True, False]


def test_shares_have_their_axis():
    assert weekly.share_ticks(100) == (Tick(100, "0 %"), Tick(50, "50 %"), Tick(0, "100 %"))


def test_counts_have_theirs():
    assert [tick.label for tick in weekly.count_ticks(weekly.scale_of([3, 8], [5]))] == ["0", "4", "8"]
