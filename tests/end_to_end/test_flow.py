"""The Flow tab in Bitbucket: filters live in the address, charts are walked by keys, files open in a reader, nothing for axe."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.end_to_end.panels import OVERFLOW, panel_frame, signed_panel
from tests.end_to_end.test_accessibility import violations

pytestmark = pytest.mark.browser


@pytest.fixture
def repository_page(running, open_page):
    """Opens the repository page inside Bitbucket; returns Bitbucket's page and the frame."""

    def opened(**about):
        page = open_page(f"{running.page.url.rstrip('/')}/addon/bittern/repository", **about)
        return page, panel_frame(page)

    return opened


def go_to_flow(frame):
    frame.click("#tab-flow")
    frame.wait_for_selector("#tab-flow[aria-current]")
    frame.wait_for_selector(".filters")


@pytest.fixture
def with_history(running, open_page):
    """The tab alone, once the worker has read what the repository holds."""
    for _ in range(60):
        page = open_page(f"{signed_panel(running.system, running.page, kind='repoPages').url}")
        page.click("#tab-flow")
        page.wait_for_selector(".filters")
        if page.locator("#scatter .drawing a").count() > 5:
            return page
        page.wait_for_timeout(1000)
        page.context.close()
    pytest.fail("the worker has not read the history")


def test_a_filter_changes_bitbuckets_address_and_survives_a_reload(repository_page):
    page, frame = repository_page()
    go_to_flow(frame)
    frame.select_option("#filter-window", "90")
    page.wait_for_url(re.compile(r"#!tab=flow&window=90"))
    page.reload()
    frame = panel_frame(page)
    frame.wait_for_selector("#tab-flow[aria-current]")
    assert frame.locator("#filter-window").input_value() == "90"


def test_back_in_the_browser_goes_back_to_the_tab_before(repository_page):
    page, frame = repository_page()
    go_to_flow(frame)
    frame.click("#tab-branches")
    frame.wait_for_selector("#tab-branches[aria-current]")
    page.wait_for_url(re.compile(r"#!tab=branches"))
    page.go_back()
    frame.wait_for_selector("#tab-flow[aria-current]")


def test_the_frames_own_address_keeps_the_filters_too(with_history):
    page = with_history
    page.select_option("#filter-size", "M")
    page.wait_for_url("**/pages/repository?tab=flow&size=M*")
    page.reload()
    assert page.locator("#filter-size").input_value() == "M"
    assert page.evaluate("() => document.activeElement === document.body")


def test_the_filter_that_was_changed_keeps_the_focus(with_history):
    page = with_history
    page.focus("#filter-clock")
    page.select_option("#filter-clock", "wall")
    page.wait_for_url("**clock=wall*")
    assert page.evaluate("() => document.activeElement.id") == "filter-clock"


def test_a_chart_is_one_stop_of_the_tab_key_and_is_walked_by_arrows(with_history):
    page = with_history
    points = page.locator("#scatter .drawing a")
    points.first.focus()
    page.keyboard.press("ArrowRight")
    assert points.nth(1).evaluate("point => point === document.activeElement")
    page.keyboard.press("End")
    assert points.last.evaluate("point => point === document.activeElement")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.drawing')") is None


def test_the_file_opens_in_a_reader_with_a_row_for_each_pull_request(with_history, tmp_path):
    page = with_history
    with page.expect_download() as caught:
        page.click("a[href*='flow.csv'][href*='figure=scatter']")
    file = tmp_path / "flow.csv"
    caught.value.save_as(file)
    with Path(file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    counted = int(re.search(r"n = (\d+)", page.locator("#scatter").inner_text())[1])
    assert sum(row["is_included"] == "yes" for row in rows) == counted


def test_a_table_stands_behind_each_chart(with_history):
    page = with_history
    page.click("#where_time_goes .as-table > summary")
    assert page.locator("#where_time_goes table").is_visible()
    assert page.evaluate(OVERFLOW) <= 0


def test_on_paper_the_tables_stand_open(with_history):
    page = with_history
    page.emulate_media(media="print")
    for hidden in ("#where_time_goes .as-table > summary", ".filters"):
        assert page.eval_on_selector(hidden, "element => getComputedStyle(element).display") == "none"
    assert page.eval_on_selector("#where_time_goes table", "table => table.getBoundingClientRect().height") > 0


def test_there_is_nothing_to_mend_at_any_width_in_both_themes(with_history):
    page = with_history
    for name in ("where_time_goes", "scatter", "ageing"):
        page.click(f"#{name} .as-table > summary")
    page.locator(".about > summary").first.click()
    for scheme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.colorMode = theme; }", scheme)
        for width in (240, 640, 960):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0
            assert violations(page) == []


def test_the_list_behind_a_figure_opens_and_closes(with_history):
    page = with_history
    page.click("#list-scatter")
    page.wait_for_selector("#behind table")
    assert violations(page) == []
    page.click("#behind .section-head a")
    page.wait_for_selector("#scatter")
