"""The Issues and Access tabs of the repository page: asked for when they are opened, kept while the page refreshes itself."""

from __future__ import annotations

import pytest

from tests.end_to_end.panels import OVERFLOW, signed_panel
from tests.end_to_end.test_accessibility import violations

pytestmark = pytest.mark.browser


def open_tab(running, open_page, name, *, width=960):
    panel = signed_panel(running.system, running.page, kind="repoPages")
    page = open_page(panel.url, width=width)
    page.click(f"#tab-{name}")
    page.wait_for_selector(f"#{name}-live .foot")
    return page


@pytest.mark.parametrize("width", [240, 640, 960])
@pytest.mark.parametrize("name", ["issues", "access"])
def test_a_tab_shows_its_figures_at_any_width(name, width, running, open_page):
    page = open_tab(running, open_page, name, width=width)
    assert page.locator(f"#{name}-live .figures").is_visible()
    assert page.evaluate(OVERFLOW) <= 0
    assert violations(page) == []


def test_a_tab_is_not_asked_for_before_it_is_opened(running, open_page):
    panel = signed_panel(running.system, running.page, kind="repoPages")
    page = open_page(panel.url)
    assert page.locator("#issues-live .figures").count() == 0


@pytest.mark.parametrize(("name", "asks"), [("branches", True), ("issues", False)])
def test_a_live_tab_is_left_alone_by_the_refresh_of_the_page(name, asks, running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind="repoPages").url)
    page.click(f"#tab-{name}")
    page.wait_for_selector(f"#tab-{name}[aria-current]")
    page.evaluate(
        "() => document.addEventListener('htmx:beforeRequest', () => { document.body.dataset.asked = 'yes'; })"
    )
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    assert (page.locator("body[data-asked]").count() == 1) is asks


def test_the_tab_that_is_shown_stays_when_the_page_refreshes_itself(running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind="repoPages").url)
    page.click("#tab-branches")
    page.wait_for_selector("#branches table")
    with page.expect_response(lambda answer: "/pages/repository/refresh?tab=branches" in answer.url) as answered:
        page.click("#refresh")
    assert answered.value.status in {200, 304}
    assert page.locator("#branches table").is_visible()
    assert page.locator("#tab-branches").get_attribute("aria-current") == "page"


def test_a_tab_changes_the_address_and_survives_a_reload(running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind="repoPages").url)
    page.click("#tab-branches")
    page.wait_for_url("**/pages/repository?tab=branches*")
    page.reload()
    page.wait_for_selector("#branches table")


def test_a_tab_refreshes_itself(running, open_page):
    page = open_tab(running, open_page, "access")
    with page.expect_response(lambda answer: "/pages/repository/access?refresh=1" in answer.url) as answered:
        page.click("#access-live .foot button")
    assert answered.value.status == 200
    assert page.locator("#access-live .figures").is_visible()
