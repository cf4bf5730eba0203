"""Figures over weeks and bins agree with numpy and pandas, which know nothing of pull requests."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.flow.arrivals import arrivals
from insights.flow.distribution import distribution
from insights.flow.outcomes import outcomes
from insights.flow.punch_card import answer_card
from insights.flow.size_table import size_table
from insights.flow.where_time_goes import where_time_goes
from insights.flow.work_in_progress import work_in_progress
from insights.pull_requests.cohorts import merged_in
from insights.pull_requests.pace import yardsticks
from insights.pull_requests.stages import Stage
from insights.pulse.open_to_merge import open_to_merge, weekly_medians
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.lives import BOB, CARLA, approved, commented, measured, pull_request

BERLIN = WorkspaceSettings(main_branch="main", time_zone="Europe/Berlin")
# Half a year that holds both changes of the clocks in Berlin: 29 March and 25 October lie within a year before this.
NOW = datetime(2026, 11, 5, 9, 15, tzinfo=UTC)
LOOK = look(BERLIN, now=NOW, kind=ClockKind.WALL)


def history(seed, count=400):
    """A busy year: opened at any minute, answered, approved and merged or declined some hours later, some still open."""
    dice = random.Random(seed)
    facts = []
    for number in range(1, count + 1):
        opened = NOW - timedelta(minutes=dice.randint(10, 60 * 24 * 360))
        answered = opened + timedelta(minutes=dice.randint(1, 60 * 90))
        ok = answered + timedelta(minutes=dice.randint(1, 60 * 60))
        end = ok + timedelta(minutes=dice.randint(1, 60 * 40))
        fate = dice.choice(["merged"] * 5 + ["declined"])
        happened = [one for one in (commented(answered, by=dice.choice([BOB, CARLA])), approved(ok)) if one.at < NOW]
        facts.append(
            pull_request(
                *happened,
                opened=opened,
                first=opened - timedelta(minutes=dice.randint(0, 60 * 24 * 9)),
                number=number,
                files=(FileChange(path="a", lines_added=dice.choice([5, 30, 100, 300, 900])),),
                **({fate: end} if end < NOW else {}),
            )
        )
    return [measured(one, settings=BERLIN) for one in facts]


@pytest.fixture(scope="module", params=[1, 2, 3])
def rows(request):
    return history(request.param)


def frame(rows):
    """The same facts as a table, its times in Berlin."""
    table = pd.DataFrame(
        {
            "opened": [row.stamps.opened for row in rows],
            "ready": [row.stamps.ready for row in rows],
            "closed": [row.stamps.closed for row in rows],
            "merged": [row.merged_at for row in rows],
            "state": [row.state.value for row in rows],
            "bucket": [row.bucket.value for row in rows],
            "hours": [row.times(LOOK).open_to_merge.total_seconds() / 3600 for row in rows],
            "pickup": [row.times(LOOK).pickup.total_seconds() / 3600 for row in rows],
        }
    )
    for column in ("opened", "ready", "closed", "merged"):
        table[column] = pd.to_datetime(table[column], utc=True).dt.tz_convert("Europe/Berlin")
    return table


def hours(duration):
    return None if duration is None else duration.total_seconds() / 3600


def test_weekly_medians_are_those_of_pandas(rows):
    table = frame(rows).dropna(subset="merged")
    table["week"] = [(when - timedelta(days=when.weekday())).date() for when in table["merged"]]
    expected = table.groupby("week")["hours"].agg(["count", "median"])

    answer = weekly_medians(rows, LOOK, weeks=26)
    for point in answer.value:
        week = point.week.window.start.astimezone(ZoneInfo("Europe/Berlin")).date()
        count = int(expected["count"].get(week, 0))
        assert point.n == count
        if count >= 5:
            assert hours(point.p50) == pytest.approx(expected["median"][week], abs=1e-6)
        else:
            assert point.p50 is None


def test_the_percentiles_of_28_days_are_those_of_pandas(rows):
    table = frame(rows)
    start = pd.Timestamp(NOW).tz_convert("Europe/Berlin") - pd.DateOffset(days=28)
    recent = table[(table["merged"] >= start) & (table["merged"] < pd.Timestamp(NOW))]["hours"]
    answer = open_to_merge(rows, LOOK)

    assert answer.n == len(recent) >= 20
    assert hours(answer.value.p50) == pytest.approx(recent.quantile(0.5), abs=1e-6)
    assert hours(answer.value.p85) == pytest.approx(recent.quantile(0.85), abs=1e-6)


def test_the_histogram_is_numpys(rows):
    table = frame(rows)
    start = pd.Timestamp(NOW).tz_convert("Europe/Berlin") - pd.DateOffset(days=90)
    recent = table[table["merged"] >= start]["hours"]
    edges = [0, 1, 2, 4, 8, 24, 48, 96, 192, 384, 768, np.inf]
    answer = distribution(rows, LOOK)

    assert [bin_.count for bin_ in answer.value.bins] == list(np.histogram(recent, bins=edges)[0])


def test_arrivals_and_departures_are_counted_as_pandas_counts_them(rows):
    table = frame(rows)
    answer = arrivals(rows, LOOK, weeks=26).value
    for bar in answer.weeks:
        start, end = pd.Timestamp(bar.week.window.start), pd.Timestamp(bar.week.window.end)
        held = {
            column: int(((table[column] >= start) & (table[column] < end)).sum())
            for column in ("opened", "merged", "closed")
        }
        left = int(((table["opened"] < end) & (table["closed"].isna() | (table["closed"] >= end))).sum())
        assert (bar.opened, bar.merged, bar.closed, bar.open_at_end) == (*held.values(), left)


def test_work_in_progress_is_the_median_of_a_daily_count(rows):
    table = frame(rows)
    midnights = pd.date_range(end=pd.Timestamp("2026-11-05", tz="Europe/Berlin"), periods=28, freq="D")
    counts = [
        int(((table["ready"] < night) & (table["closed"].isna() | (table["closed"] >= night))).sum())
        for night in midnights
    ]
    answer = work_in_progress(rows, LOOK)

    assert (answer.value, answer.n) == (float(np.median(counts)), 28)


def test_the_size_table_is_a_group_by(rows):
    table = frame(rows)
    start = pd.Timestamp(NOW).tz_convert("Europe/Berlin") - pd.DateOffset(days=90)
    expected = table[table["merged"] >= start].groupby("bucket")[["hours", "pickup"]].agg(["count", "median"])
    for row in size_table(rows, LOOK).value.rows:
        if row.bucket.value not in expected.index:
            assert row.n == 0
            continue
        line = expected.loc[row.bucket.value]
        assert row.n == line["hours", "count"]
        if row.n >= 5:
            assert hours(row.open_to_merge_p50) == pytest.approx(line["hours", "median"], abs=1e-6)
            assert hours(row.pickup_p50) == pytest.approx(line["pickup", "median"], abs=1e-6)


def test_the_outcome_mix_is_a_value_count(rows):
    table = frame(rows)
    start = pd.Timestamp(NOW).tz_convert("Europe/Berlin") - pd.DateOffset(days=28)
    shares = table[table["closed"] >= start]["state"].value_counts(normalize=True)

    for state, share in outcomes(rows, LOOK).value.shares.items():
        assert share == pytest.approx(shares.get(state.value, 0.0))


def test_the_yardsticks_are_quantiles_of_each_stage(rows):
    window = LOOK.last_days(90)
    merged = [row for row in rows if window.holds(row.merged_at)]
    usual = yardsticks(merged_in(rows, window), ClockKind.WALL)

    for stage in (Stage.CODING, Stage.PICKUP, Stage.REVIEW, Stage.MERGE_WAIT):
        seconds = [row.stages.wall.of(stage).total_seconds() for row in merged]
        assert usual[stage].n == len(seconds)
        assert usual[stage].p50.total_seconds() == pytest.approx(np.quantile(seconds, 0.5), abs=1e-5)
        assert usual[stage].p85.total_seconds() == pytest.approx(np.quantile(seconds, 0.85), abs=1e-5)


def test_the_shares_of_the_stages_are_those_of_a_matrix(rows):
    for bar in where_time_goes(rows, LOOK).value:
        lives = [row.stages.wall for row in rows if bar.week.window.holds(row.merged_at)]
        if not lives:
            assert bar.shares is None
            continue
        matrix = np.array([[life.of(stage).total_seconds() for stage in Stage] for life in lives])
        cycles = matrix.sum(axis=1)
        cap = np.quantile(cycles, 0.95)
        scaled = matrix * np.minimum(1, cap / cycles)[:, None]
        assert list(bar.shares.values()) == pytest.approx(list(scaled.sum(axis=0) / scaled.sum()), abs=1e-6)


def test_the_punch_card_is_a_cross_table():
    dice = random.Random(4)
    moments = [NOW - timedelta(minutes=dice.randint(1, 60 * 24 * 80)) for _ in range(500)]
    local = pd.Series(pd.to_datetime(moments, utc=True)).dt.tz_convert("Europe/Berlin")
    expected = pd.crosstab(local.dt.weekday, local.dt.hour).reindex(index=range(7), columns=range(24), fill_value=0)

    assert [list(hours_) for hours_ in answer_card(moments, LOOK).value.hours] == expected.to_numpy().tolist()
