"""The pages in Chromium: the bridge's handshake, heights that follow content, both colour modes, nothing to complain of."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WIDTHS = (240, 640, 960, 1280)
OVERVIEW, REVIEW = "/acme/paint/", "/acme/paint/pull-requests/1"
PAGES = (
    "/",
    OVERVIEW,
    REVIEW,
    "/acme/paint/pull-requests/",
    "/acme/paint/pull-requests/new",
    "/acme/paint/commits/",
    "/acme/paint/branches/",
    "/acme/paint/src/main/src/walls.py",
    "/acme/paint/addon/stand-in/whole",
    "/acme/workspace/settings/addon-management",
)


@pytest.fixture
def expected_statuses():
    """Statuses of which a test expects that the browser complains."""
    return set()


@pytest.fixture
def open_page(chromium, live, expected_statuses):
    """Opens a page of the simulator; fails the test where the page or a frame of it complained of anything."""
    complaints, contexts = [], []

    def note(said):
        is_expected = any(f"status of {status}" in said.text for status in expected_statuses)
        if said.type in {"error", "warning"} and not is_expected:
            complaints.append(f"{said.type}: {said.text}")

    def note_status(got):
        if got.status >= 400 and got.status not in expected_statuses:
            complaints.append(f"{got.status}: {got.url}")

    def note_failure(failed):
        # A page that is left takes its open requests with it.
        if failed.failure != "net::ERR_ABORTED":
            complaints.append(f"failed: {failed.url} {failed.failure}")

    def listen(page):
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("requestfailed", note_failure)
        page.on("response", note_status)

    def open_page(path, *, width=1280, colour_scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", color_scheme=colour_scheme
        )
        contexts.append(context)
        page = context.new_page()
        listen(page)
        page.goto(live.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def installed(live):
    live.client_key()
    return live


def frame_of(page):
    """The first app on a page, once its own script has run."""
    frame = page.wait_for_selector("[data-connect].is-ready iframe").content_frame()
    frame.wait_for_selector(".ac-content")
    return frame


def has_height_of_its_content(page):
    """Wait until the frame is as high as what it holds."""
    content = frame_of(page).evaluate("document.querySelector('.ac-content').scrollHeight")
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('[data-connect] iframe').getBoundingClientRect().height - wanted) < 3",
        arg=content,
    )


def test_the_handshake_gives_the_app_its_bridge(installed, open_page):
    page = open_page(OVERVIEW)
    frame = frame_of(page)
    assert frame.evaluate("typeof AP.resize") == "function"
    assert frame.evaluate("new Promise(resolve => AP.env.getLocation(resolve))") == installed.url + OVERVIEW
    name = page.evaluate("JSON.parse(document.querySelector('[data-connect] iframe').name)")
    assert name["extension_id"].startswith("stand-in__overview")
    assert name["options"]["moduleType"] == "webPanel"


@pytest.mark.parametrize("path", [OVERVIEW, REVIEW, "/acme/paint/addon/stand-in/whole"])
def test_a_frame_is_as_high_as_its_content(installed, open_page, path):
    has_height_of_its_content(open_page(path))


def test_the_height_follows_the_content(installed, open_page):
    page = open_page(OVERVIEW)
    has_height_of_its_content(page)
    frame_of(page).evaluate("grow(700)")
    has_height_of_its_content(page)
    frame_of(page).evaluate("grow(20)")
    has_height_of_its_content(page)


def test_the_app_can_ask_for_a_size(installed, open_page):
    page = open_page(OVERVIEW)
    frame_of(page).evaluate("AP.resize('100%', '333px')")
    page.wait_for_function("document.querySelector('[data-connect] iframe').style.height === '333px'")


def test_the_colour_mode_reaches_the_app_at_once_and_at_the_next_visit(installed, open_page):
    page = open_page(OVERVIEW)
    frame = frame_of(page)
    frame.wait_for_function("document.documentElement.dataset.colorMode === 'light'")
    page.click("[data-toggle-colours]")
    frame.wait_for_function("document.documentElement.dataset.colorMode === 'dark'")
    frame.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(31, 31, 33)'")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.colorMode") == "dark"
    frame_of(page).wait_for_function("document.documentElement.dataset.colorMode === 'dark'")


def test_without_a_choice_the_systems_colour_mode_is_taken(installed, open_page):
    page = open_page(OVERVIEW, colour_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.colorMode") == "dark"
    frame_of(page).wait_for_function("document.documentElement.dataset.colorMode === 'dark'")
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.colorMode === 'light'")
    page.click("[data-toggle-colours]")
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.colorMode === 'dark'")


def test_the_themes_come_from_here(installed, open_page):
    frame = frame_of(open_page(OVERVIEW))
    frame.wait_for_function("document.querySelector('link[data-theme=light]')")
    links = frame.evaluate("[...document.querySelectorAll('link[data-theme]')].map(link => link.href)")
    assert links
    assert all(link.startswith(f"{installed.url}/atlassian-connect/themes/") for link in links)
    assert frame.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ds-text').trim()")


def test_events_travel_between_the_frames_of_an_app(installed, open_page):
    installed.app.changes["modules"] = {
        "webPanels": [
            {
                "key": key,
                "name": {"value": key},
                "url": "/panel",
                "location": "org.bitbucket.repository.overview.informationPanel",
            }
            for key in ("one", "two")
        ]
    }
    installed.install()
    page = open_page(OVERVIEW)
    page.wait_for_function("document.querySelectorAll('[data-connect].is-ready').length === 2")
    one, two = (frame for frame in page.frames if "/panel" in frame.url)
    for frame in (one, two):
        frame.wait_for_selector(".ac-content")
    two.evaluate("AP.events.on('painted', (colour) => { window.heard = colour; })")
    one.evaluate("AP.events.emit('painted', 'blue')")
    two.wait_for_function("window.heard === 'blue'")


def test_a_dialog_opens_with_a_signed_page_and_closes(installed, open_page):
    page = open_page(OVERVIEW)
    frame = frame_of(page)
    frame.evaluate("AP.dialog.create({key: 'whole', header: 'A dialog', size: 'medium', chrome: true})")
    dialog = page.wait_for_selector("dialog.app-dialog iframe")
    inner = dialog.content_frame()
    inner.wait_for_selector(".ac-content")
    assert "jwt=" in inner.url
    expect(page.locator("dialog h2")).to_have_text("A dialog")
    inner.evaluate("AP.dialog.close()")
    page.wait_for_selector("dialog.app-dialog", state="detached")


def test_an_apps_link_with_a_dialog_opens_it(installed, open_page):
    installed.app.changes["modules"] = {
        "webItems": [
            {
                "key": "ask",
                "name": {"value": "Ask"},
                "url": "/page?pr={pullrequest.id}",
                "location": "org.bitbucket.pullrequest.summary.actions",
                "target": {"type": "dialog", "options": {"size": "small"}},
            }
        ]
    }
    installed.install()
    page = open_page(REVIEW)
    page.click("text=Ask")
    inner = page.wait_for_selector("dialog.app-dialog iframe").content_frame()
    inner.wait_for_selector(".ac-content")
    assert "/page?pr=1&jwt=" in inner.url
    page.click("dialog button:has-text('Close')")
    page.wait_for_selector("dialog.app-dialog", state="detached")


class TestTheHistoryOfAWholePage:
    """AP.history: what an app remembers in the address of its page, after "#!"."""

    WHOLE = "/acme/paint/addon/stand-in/whole"
    STATE = "new Promise(resolve => AP.history.getState(resolve))"

    def test_an_address_brings_its_state(self, installed, open_page):
        assert frame_of(open_page(f"{self.WHOLE}#!tab=a%20b")).evaluate(self.STATE) == "tab=a b"
        assert frame_of(open_page(self.WHOLE)).evaluate(self.STATE) == ""

    def test_a_new_state_stands_in_the_address_and_can_be_gone_back_from(self, installed, open_page):
        page = open_page(f"{self.WHOLE}?x=1#!one")
        frame = frame_of(page)
        frame.evaluate("AP.history.popState(told => { window.told = told; })")
        frame.evaluate("AP.history.pushState('two')")
        page.wait_for_url(f"**{self.WHOLE}?x=1#!two")
        frame.evaluate("AP.history.back()")
        page.wait_for_url(f"**{self.WHOLE}?x=1#!one")
        frame.wait_for_function("window.told && window.told.newURL === 'one' && window.told.oldURL === 'two'")

    def test_a_state_can_be_replaced(self, installed, open_page):
        page = open_page(f"{self.WHOLE}#!one")
        before = page.evaluate("history.length")
        frame_of(page).evaluate("AP.history.replaceState('two')")
        page.wait_for_url(f"**{self.WHOLE}#!two")
        assert page.evaluate("history.length") == before


def test_a_flag_is_shown(installed, open_page):
    page = open_page(OVERVIEW)
    frame_of(page).evaluate("AP.flag.create({title: 'Done', body: 'It is painted.', type: 'success', close: 'manual'})")
    expect(page.locator(".flag.success")).to_contain_text("It is painted.")


def test_an_app_without_the_bridge_is_shown_all_the_same(installed, open_page):
    installed.app.site_url = "data:text/javascript,//"
    try:
        open_page(OVERVIEW).wait_for_selector("[data-connect].is-ready iframe")
    finally:
        installed.app.site_url = installed.url


def test_a_token_that_is_about_to_end_is_replaced_before_the_frame_is_made(installed, open_page, monkeypatch):
    modules = installed.simulator.modules
    now = modules._clock
    calls = []

    def clock():
        calls.append(1)
        # The page's own addresses are an hour old; what is asked for afterwards is new.
        return now() - 3590 if len(calls) <= 2 else now()

    monkeypatch.setattr(modules, "_clock", clock)
    page = open_page(OVERVIEW)
    frame_of(page)
    loaded = page.evaluate("document.querySelector('[data-connect] iframe').src")
    stale = page.evaluate("JSON.parse(document.querySelector('[data-connect]').dataset.connect).url")
    assert loaded != stale


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(installed, open_page, path):
    page = open_page(path, width=WIDTHS[0])
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert {width: overflow for width, overflow in found.items() if overflow > 0} == {}


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "/acme/nothing/", "/site/addons/authorize"])
def test_axe_finds_nothing_to_mend(installed, open_page, path, colour_scheme, expected_statuses):
    expected_statuses |= {400, 404}
    page = open_page(path, colour_scheme=colour_scheme)
    # What stands in the frames is the app's.
    found = Axe().run(page, options={"iframes": False}).response["violations"]
    assert [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]] == []


def test_somebody_else_can_be_chosen_in_the_corner(installed, open_page):
    page = open_page(OVERVIEW)
    page.click(".viewer summary")
    page.click("button:has-text('Bob Example')")
    expect(page.locator(".viewer-name")).to_have_text("Bob Example")
    assert installed.cast.bob.uuid.strip("{}") in frame_of(page).url


def test_menus_close_with_escape_and_with_a_click_elsewhere(installed, open_page):
    page = open_page(REVIEW)
    for leave in (lambda: page.keyboard.press("Escape"), lambda: page.click("h1")):
        page.click("details.more > summary")
        assert page.evaluate("document.querySelector('details.more').open")
        leave()
        assert not page.evaluate("document.querySelector('details.more').open")


def test_a_review_is_clicked_through(installed, open_page):
    page = open_page(REVIEW)
    page.click("button[value=approve]")
    page.wait_for_selector("button[value=unapprove]")
    page.fill("textarea[name=text]", "Lovely.")
    page.click("button[value=comment]")
    expect(page.locator(".activity")).to_contain_text("Lovely.")
    page.click("button[value=merge]")
    page.wait_for_selector(".lozenge:has-text('Merged')")
    assert installed.cast.pull_request.state == "MERGED"


def test_an_app_is_installed_by_clicking(live, open_page):
    page = open_page("/acme/workspace/settings/addon-management")
    page.fill("input[name=descriptor_uri]", live.app.descriptor_url)
    page.click("button:has-text('Continue')")
    page.click("button:has-text('Grant access')")
    page.wait_for_selector("h2:has-text('Stand-in')")
    assert len(live.app.calls("/installed")) == 1
