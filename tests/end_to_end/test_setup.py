"""Setup in a browser: beside Bitbucket's own settings, alone at every width, and with scripts off."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.end_to_end.browser import new_context
from tests.end_to_end.panels import OVERFLOW, iframe_of, panel_frame, signed_panel
from tests.end_to_end.test_accessibility import violations

pytestmark = pytest.mark.browser

WORKSPACE, REPOSITORY, WELCOME = "configurePage", "adminPages", "postInstallRedirect"
PARTS = {WORKSPACE: ("settings", "health", "data", "stored"), REPOSITORY: ("health", "data", "stored")}
DARK = "document.documentElement.dataset.colorMode = 'dark'"


def address(running, kind):
    return signed_panel(running.system, running.page, kind=kind).url


def manage_apps(running):
    host = running.page.url.partition(f"/{running.page.workspace}/")[0]
    return f"{host}/{running.page.workspace}/workspace/settings/addon-management"


@pytest.fixture
def without_scripts(chromium):
    """Opens an address in a browser that runs no script."""
    contexts = []

    def open_page(url):
        contexts.append(new_context(chromium, has_scripts=False))
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(240, "light"), (240, "dark"), (640, "light"), (960, "dark")])
@pytest.mark.parametrize("kind", [WORKSPACE, REPOSITORY])
def test_every_part_has_no_violations_and_fits(kind, width, scheme, running, open_page):
    page = open_page(address(running, kind), width=width, colour_scheme=scheme)
    if scheme == "dark":
        page.evaluate(DARK)
    for part in PARTS[kind]:
        page.click(f'.parts a[href="#{part}"]')
        page.wait_for_selector(f"#{part}", state="visible")
        for details in page.locator(f"#{part} details:not(.stored) > summary").all():
            details.click()
        assert violations(page) == []
        assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", [240, 960])
def test_the_welcome_has_no_violations_and_shows_the_progress(width, running, open_page):
    page = open_page(address(running, WELCOME), width=width)

    assert "pull requests" in page.locator("#filling-title").inner_text()
    assert page.locator("svg.bar").count() > 0
    assert violations(page) == []
    assert page.evaluate(OVERFLOW) == 0


def test_an_administrator_finds_it_where_apps_are_managed_and_saves(running, open_page):
    page = open_page(manage_apps(running))
    page.click("text=Configure")
    frame = panel_frame(page)
    frame.select_option("#time_zone", "Europe/Zurich")
    frame.click("button[value=save]")
    frame.wait_for_selector("text=Saved: 1 setting has changed.")
    page.reload()
    frame = panel_frame(page)

    assert frame.input_value("#time_zone") == "Europe/Zurich"
    assert frame.evaluate(OVERFLOW) == 0
    box = iframe_of(page).bounding_box()
    assert box["height"] > 600, "the frame has grown with its content"


def test_what_was_just_done_is_brought_into_view(running, open_page):
    page = open_page(manage_apps(running))
    page.click("text=Configure")
    frame = panel_frame(page)
    frame.locator("button[value=preview]").scroll_into_view_if_needed()
    frame.fill("#required_approvals", "2")
    frame.click("button[value=preview]")
    frame.wait_for_selector("#preview")

    assert frame.evaluate("document.activeElement.id") == "preview"


def test_with_scripts_off_settings_are_tried_saved_and_refused(running, without_scripts):
    page = without_scripts(address(running, WORKSPACE))
    page.fill("#required_approvals", "many")
    page.click("button[value=save]")
    page.locator("#wrong-required_approvals").wait_for()
    page.fill("#required_approvals", "2")
    page.click("button[value=preview]")
    page.locator("#preview").wait_for()
    page.click("button[value=save]")
    page.locator("text=Saved:").wait_for()
    page.fill("#required_approvals", "1")
    page.click("button[value=save]")
    page.locator("text=Saved: 1 setting has changed.").wait_for()
    assert "jwt" not in page.url
    # The simulated Bitbucket keeps its colour mode in one.
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"color_mode"}


def test_with_scripts_off_the_parts_open_and_the_trail_is_there(running, without_scripts):
    page = without_scripts(address(running, WORKSPACE))
    assert page.locator("#settings").is_visible()
    assert not page.locator("#data").is_visible()
    page.click('.parts a[href="#data"]')

    assert page.locator("#data").is_visible()
    assert not page.locator("#settings").is_visible()
    assert page.locator("#audit-title").is_visible()


def test_without_the_name_nothing_is_deleted(running, without_scripts):
    page = without_scripts(address(running, WORKSPACE) + "#data")
    page.fill("#delete-all-confirm", "yes")
    page.click("text=Delete everything >> nth=-1")

    page.locator("text=Nothing was deleted.").wait_for()


def test_the_export_is_downloaded_as_a_whole_file(running, open_page):
    page = open_page(address(running, WORKSPACE))
    page.click('.parts a[href="#data"]')
    with page.expect_download() as download:
        page.click("button:text-is('Export')")
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))

    assert download.value.suggested_filename.startswith(f"bittern-{running.page.workspace}-")
    assert archive.testzip() is None
    assert archive.read("repositories.jsonl").count(b"\n") >= 1
