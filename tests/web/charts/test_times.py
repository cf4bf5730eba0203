"""Charts of durations: bins that touch, points at their day, lanes that keep to themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.statistics.bins import EDGES
from web.charts import scales, times
from web.charts.times import Dot

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 9, 1, tzinfo=UTC)


def dot(number, *, day=0, span=HOUR):
    return Dot(START + day * DAY, span, "plain", f"#{number}", f"/pull-requests/{number}")


def test_a_histogram_has_a_bar_for_each_bin_that_holds_anything():
    bars = times.histogram([2, 0, 4, 1], ["a", "b", "c", "d"], "plain", scales.counting([4], 200))

    assert [(bar.x, bar.height, bar.tip) for bar in bars] == [(0.3, 100, "a"), (50.3, 200, "c"), (75.3, 50, "d")]


def test_the_edges_stand_between_the_bins():
    assert [tick.at for tick in times.edge_ticks(["1 h", "2 h", "4 h"])] == [25, 50, 75]
    assert [tick.is_minor for tick in times.edge_ticks(["1 h", "2 h", "4 h"])] == [False, True, False]


def test_a_duration_on_an_edge_lies_at_that_edge():
    width = 100 / (len(EDGES) + 1)

    for place, edge in enumerate(EDGES, start=1):
        assert times.place_among(edge, EDGES) == pytest.approx(place * width, abs=0.01)


@given(st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)), min_size=2, max_size=2))
def test_a_longer_duration_never_lies_further_left_and_all_lie_in_the_plot(spans):
    shorter, longer = sorted(spans)

    assert 0 <= times.place_among(shorter, EDGES) <= times.place_among(longer, EDGES) <= 100


def test_a_line_for_a_percentile_goes_from_top_to_bottom():
    line = times.upright(20, 200, "p50")

    assert (line.x1, line.y1, line.x2, line.y2) == (20, 0, 20, 200)


def test_a_point_lies_at_its_day_and_its_duration_and_leads_to_its_pull_request():
    scale = scales.lasting([HOUR, DAY], 200)
    first, last = times.scatter([dot(1), dot(2, day=10, span=DAY)], START, START + 10 * DAY, scale)

    assert (first.x, first.y, first.url) == (0, 200, "/pull-requests/1")
    assert (last.x, last.y, last.tip) == (100, 0, "#2")


def test_each_lane_keeps_its_points():
    scale = scales.lasting([DAY], 200)
    points = times.lanes({"draft": [dot(1)], "pickup": [dot(2), dot(3), dot(4)], "review": []}, scale)

    assert points[0].x == pytest.approx(100 / 6, abs=0.05)
    assert all(100 / 3 < point.x < 200 / 3 for point in points[1:])
    assert [point.tip for point in points] == ["#1", "#2", "#3", "#4"]


def test_a_band_spans_its_lane_and_is_left_out_where_it_is_not_known():
    scale = scales.lasting([DAY], 200)
    lines = times.bands([None, (HOUR, DAY), (HOUR, None)], scale)

    assert [(line.look, line.y1) for line in lines] == [("p50", 200), ("p85", 0), ("p50", 200)]
    assert all(line.y1 == line.y2 and line.x1 < line.x2 for line in lines)


def test_lanes_are_named_below_their_middle():
    assert [tick.at for tick in times.lane_ticks(["a", "b"])] == [25, 75]
