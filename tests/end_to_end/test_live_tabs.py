"""The Issues and Access tabs of the repository page: asked for when they are opened, kept while the page refreshes itself."""

from __future__ import annotations

import pytest

from tests.end_to_end.panels import OVERFLOW, signed_panel
from tests.end_to_end.test_accessibility import violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def open_tab(running, open_page, name, *, width=960):
    panel = signed_panel(running.system, running.page, kind="repoPages")
    page = open_page(panel.url, width=width)
    page.click(f'.tabs a[href="#{name}"]')
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


def test_a_tab_outlives_the_refresh_of_the_figures_around_it(running, open_page):
    page = open_tab(running, open_page, "issues")
    asked_again = []
    page.on("request", lambda request: asked_again.append(request.url) if "/issues" in request.url else None)
    page.evaluate(
        "() => document.addEventListener('htmx:afterSettle', () => { document.body.dataset.swapped = 'yes'; })"
    )
    with page.expect_response(lambda answer: "/pages/repository/refresh" in answer.url):
        page.evaluate("() => htmx.trigger('#refresh', 'bittern:poll')")
    page.wait_for_selector("body[data-swapped]")
    page.locator("#issues-live .figures").wait_for()
    assert asked_again == []


def test_the_tab_that_is_shown_stays_when_the_page_refreshes_itself(running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind="repoPages").url)
    page.click('.tabs a[href="#branches"]')
    page.evaluate(
        "() => document.addEventListener('htmx:afterSettle', () => { document.body.dataset.swapped = 'yes'; })"
    )
    page.evaluate("() => htmx.trigger('#refresh', 'bittern:poll')")
    page.wait_for_selector("body[data-swapped]")
    page.locator("#branches table").wait_for()
    assert page.locator("#overview .figures").is_hidden()


def test_a_tab_refreshes_itself(running, open_page):
    page = open_tab(running, open_page, "access")
    with page.expect_response(lambda answer: "/pages/repository/access?refresh=1" in answer.url) as answered:
        page.click("#access-live .foot button")
    assert answered.value.status == 200
    assert page.locator("#access-live .figures").is_visible()
