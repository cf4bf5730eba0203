"""The repository's page in Bitbucket, with the panel in it. The fixture `complaints` fails a test for any console error,
failed request or policy violation."""

from __future__ import annotations

import pytest

from tests.end_to_end.panels import OVERFLOW, colour_mode, iframe_of, panel_frame, signed_panel

pytestmark = pytest.mark.browser

HEIGHT_TOLERANCE_PIXELS = 2


def content_height(frame):
    return frame.evaluate("() => Math.ceil(document.querySelector('.ac-content').getBoundingClientRect().height)")


def frame_height(page):
    return iframe_of(page).bounding_box()["height"]


def wait_for_matching_height(page, frame):
    page.wait_for_function(
        "([element, wanted, tolerance]) => Math.abs(element.getBoundingClientRect().height - wanted) <= tolerance",
        arg=[iframe_of(page), content_height(frame), HEIGHT_TOLERANCE_PIXELS],
    )


def test_the_panel_shows_its_figures_inside_bitbucket(running, open_page):
    page = open_page(running.page.url)
    frame = panel_frame(page)
    assert frame.url.startswith(running.system.plan.addresses.bittern_url)
    assert frame.locator(".figures").is_visible()
    assert frame.locator(".state").count() == 0


def test_the_signed_token_does_not_stay_in_the_address(running, open_page):
    frame = panel_frame(open_page(running.page.url))
    frame.wait_for_function("() => !location.search.includes('jwt=')")
    assert frame.evaluate("() => document.referrer") == ""


def test_the_panel_sets_no_cookie(running, open_page):
    page = open_page(running.page.url)
    panel_frame(page)
    # The one that Bitbucket's own pages keep the reader's colours in; on one machine both sites share it.
    assert {cookie["name"] for cookie in page.context.cookies()} == {"color_mode"}


def test_the_height_follows_the_content(running, open_page):
    page = open_page(running.page.url)
    frame = panel_frame(page)
    wait_for_matching_height(page, frame)
    closed = frame_height(page)
    frame.locator("details > summary").first.click()
    page.wait_for_function(
        "([element, before]) => element.getBoundingClientRect().height > before + 20", arg=[iframe_of(page), closed]
    )
    wait_for_matching_height(page, frame)
    frame.locator("details > summary").first.click()
    page.wait_for_function(
        "([element, before]) => Math.abs(element.getBoundingClientRect().height - before) <= 2",
        arg=[iframe_of(page), closed],
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_takes_on_bitbuckets_theme(scheme, running, open_page):
    page = open_page(running.page.url, colour_scheme=scheme)
    frame = panel_frame(page)
    frame.wait_for_function("scheme => document.documentElement.dataset.colorMode === scheme", arg=scheme)
    assert colour_mode(frame) == colour_mode(page) == scheme


def test_the_panel_follows_when_the_reader_switches_the_theme(running, open_page):
    page = open_page(running.page.url)
    frame = panel_frame(page)
    frame.wait_for_function("() => document.documentElement.dataset.colorMode === 'light'")
    page.click("[data-toggle-colours]")
    frame.wait_for_function("() => document.documentElement.dataset.colorMode === 'dark'")
    assert colour_mode(frame) == "dark"


@pytest.mark.parametrize("width", [240, 640, 960])
@pytest.mark.parametrize("kind", ["webPanels", "repoPages"])
def test_nothing_is_wider_than_the_frame(kind, width, running, open_page):
    """Opened alone, without a host: the bridge has nobody to talk to, the content must stand all the same."""
    page = open_page(signed_panel(running.system, running.page, kind=kind).url, width=width)
    page.wait_for_selector("main")
    assert page.evaluate(OVERFLOW) <= 0


def test_the_repository_page_opens_from_bitbuckets_navigation(running, open_page):
    page = open_page(running.page.url)
    panel_frame(page)
    page.click("nav.side a[href$='/addon/bittern/repository']")
    frame = panel_frame(page)
    assert "/pages/repository" in frame.url
    assert frame.locator("nav, .tabs").first.is_visible()
    assert frame.locator(".state").count() == 0


def test_a_refresh_brings_new_figures_without_a_reload(running, open_page):
    page = open_page(running.page.url)
    frame = panel_frame(page)
    frame.wait_for_function("() => window.htmx !== undefined")
    with page.expect_response(
        lambda response: "/panels/" in response.url and response.request.is_navigation_request() is False
    ) as caught:
        frame.locator("#refresh").click()
    assert caught.value.status == 200
    frame.wait_for_function("() => document.getElementById('refresh-status').textContent.trim() !== ''")
    assert frame.locator(".figures").is_visible()


def test_the_page_after_an_install_welcomes(running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind="postInstallRedirect").url)
    assert page.locator("h1").first.is_visible()
    assert page.locator("main").inner_text().strip()


def test_the_front_page_offers_the_install(running, open_page):
    page = open_page(running.system.plan.addresses.bittern_url)
    link = page.locator("a.button-primary").get_attribute("href")
    assert link.startswith(running.system.plan.addresses.simulator_url)
    assert page.evaluate(OVERFLOW) <= 0
