"""The arithmetic of capacity, on costs that can be worked out by hand, and that the page shows what it comes to."""

from __future__ import annotations

import re

import pytest

from bench.capacity import Assumed, Measured, needed, table
from tests.house_figures import ROOT

MEASURED = Measured(
    web_ms_per_view=10,
    database_ms_per_view=5,
    web_ms_per_webhook=4,
    worker_ms_per_webhook=8,
    database_ms_per_webhook=2,
    worker_ms_per_page=100,
    database_ms_per_page=40,
    bytes_per_pull_request=5_000,
    webhooks_a_day=200,
    calls_a_day=90,
    calls_for_a_history=1_800,
    pull_requests_of_a_history=1_000,
)
ASSUMED = Assumed(views_a_day=100, busy_hours=10, peak_to_busy=3.6, new_a_day=0.001, processor_share=0.5, years_kept=2)


def test_a_thousand_installations_worked_out_by_hand():
    found = needed(1_000, MEASURED, ASSUMED)
    # 100 and 200 a day in ten hours, 3.6 times as many in the busiest minute.
    assert (found.views_a_second, found.webhooks_a_second) == (pytest.approx(10), pytest.approx(20))
    # 90,000 calls for what goes on, and 1,800 for the one that is new, in a day.
    assert found.calls_a_second == pytest.approx(91_800 / 86_400)
    assert found.web_cores == pytest.approx((10 * 10 + 20 * 4) / 1000 / 0.5)
    assert found.worker_cores == pytest.approx((20 * 8 + 91_800 / 86_400 * 100) / 1000 / 0.5)
    assert found.gigabytes == pytest.approx(1_000 * 2_000 * 5_000 / 1e9)


def test_there_are_always_two_machines_where_more_than_a_few_depend_on_them():
    assert needed(100, MEASURED, ASSUMED).machines == 1
    assert needed(101, MEASURED, ASSUMED).machines == 2


def test_ten_times_the_installations_need_ten_times_the_work():
    some, more = (needed(installations, MEASURED, ASSUMED) for installations in (100_000, 1_000_000))
    for name in ("web_cores", "worker_cores", "database_cores", "commits_a_second", "gigabytes"):
        assert getattr(more, name) == pytest.approx(10 * getattr(some, name))


def test_the_page_shows_what_the_results_come_to():
    page = (ROOT / "docs/capacity.md").read_text()
    shown = re.search(r"<!-- capacity:begin[^>]*-->\n(.*?)\n<!-- capacity:end -->", page, flags=re.DOTALL)[1]
    measured = Measured.read()
    assert shown == table([needed(installations, measured, Assumed()) for installations in (100, 10_000, 1_000_000)])
