"""axe finds nothing to mend, in both themes and at the widths that Bitbucket gives a panel."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.end_to_end.panels import panel_frame, signed_panel

pytestmark = pytest.mark.browser


def violations(target):
    """What axe finds, in words. It may not fetch style sheets by itself: the page's policy forbids that to everybody."""
    found = Axe().run(target, options={"preload": False}).response["violations"]
    return [f"{one['id']} ({one['impact']}): {node['target']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_inside_bitbucket_has_no_violations(scheme, running, open_page):
    frame = panel_frame(open_page(running.page.url, colour_scheme=scheme))
    frame.wait_for_function("scheme => document.documentElement.dataset.colorMode === scheme", arg=scheme)
    frame.locator("details > summary").first.click()
    assert violations(frame) == []


@pytest.mark.parametrize("width", [240, 640, 960])
@pytest.mark.parametrize("kind", ["webPanels", "repoPages"])
def test_a_page_alone_has_no_violations_at_any_width(kind, width, running, open_page):
    page = open_page(signed_panel(running.system, running.page, kind=kind).url, width=width)
    page.wait_for_selector("main")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/connect/welcome", "/panels/repository"])
def test_our_own_pages_have_no_violations(path, scheme, running, open_page, complaints):
    page = open_page(running.system.plan.addresses.bittern_url + path, colour_scheme=scheme)
    assert violations(page) == []
    # Without a signed address a panel is a 401, and the browser says so; its page must be readable all the same.
    complaints.lines[:] = [line for line in complaints.lines if "401" not in line]
