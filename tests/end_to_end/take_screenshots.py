"""`make screenshots`: takes the pictures in docs/screenshots anew. The same code gives the same pictures.

Both sides start at one fixed moment with one seeded team, and the browser says that it is that moment too.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.chromium import find_chromium, open_chromium
from tests.end_to_end.browser import new_context
from tests.end_to_end.panels import panel_frame, signed_panel
from tests.house_figures import ROOT
from tests.local_system import local_system

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from demo.bitbucket_control import RepositoryPage
    from demo.system import LocalSystem

FOLDER = ROOT / "docs" / "screenshots"
# A Monday in working hours, so that the team's waiting times are those of a working week.
MOMENT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FIXED_CLOCK = Path(__file__).parent / "fixed_clock"
SEED = "1"
THEMES = ("light", "dark")
PANEL_WIDTHS = (240, 640, 960)
LIVE_TABS = ("issues", "access")
# Narrower, Bitbucket puts the panel below the files.
PAGE_WIDTHS = (1280,)
COLOURS = 128
MOST_TRIES = 20
PAINTED = """async () => {
  await document.fonts.ready;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def main() -> int:
    if find_chromium() is None:
        sys.stderr.write("Chromium is needed to take pictures, and none was found on PATH.\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = {"PYTHONPATH": str(FIXED_CLOCK), "FIXED_CLOCK": MOMENT.isoformat()}
    with (
        local_system(simulator_arguments=("--seed", SEED), environment=environment) as system,
        open_chromium() as browser,
    ):
        page = system.control.main_page()
        system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
        for theme in THEMES:
            take_panels(browser, system, page, theme)
            take_bitbucket(browser, page, theme)
    return 0


def take_panels(browser: Browser, system: LocalSystem, repository: RepositoryPage, theme: str) -> None:
    """The panel and the repository page alone, at the widths that a frame can have."""
    for kind, name in (("webPanels", "panel"), ("repoPages", "repository-page")):
        for width in PANEL_WIDTHS:
            page = open_at(browser, signed_panel(system, repository, kind=kind).url, width, 400, theme)
            page.wait_for_selector("main")
            page.evaluate("theme => { document.documentElement.dataset.colorMode = theme; }", theme)
            save(still_picture(page, full_page=True), f"{name}-{theme}-{width}")
            page.context.close()
    for tab in LIVE_TABS:
        for width in PANEL_WIDTHS:
            page = open_at(browser, signed_panel(system, repository, kind="repoPages").url, width, 400, theme)
            page.click(f"#tab-{tab}")
            page.wait_for_selector(f"#{tab}-live .foot")
            page.evaluate("theme => { document.documentElement.dataset.colorMode = theme; }", theme)
            save(still_picture(page, full_page=True), f"{tab}-{theme}-{width}")
            page.context.close()


def take_bitbucket(browser: Browser, repository: RepositoryPage, theme: str) -> None:
    """Bitbucket's own pages with Bittern in them."""
    for width in PAGE_WIDTHS:
        page = open_at(browser, repository.url, width, 900, theme)
        settle(page, theme)
        save(still_picture(page), f"repository-overview-{theme}-{width}")
        page.locator("nav.side a", has_text="Bittern").click()
        settle(page, theme)
        save(still_picture(page), f"bitbucket-repository-page-{theme}-{width}")
        page.context.close()


def open_at(browser: Browser, url: str, width: int, height: int, theme: str) -> Page:
    context = new_context(browser, width=width, height=height, colour_scheme=theme)
    page = context.new_page()
    page.clock.set_fixed_time(MOMENT)
    page.goto(url)
    return page


def settle(page: Page, theme: str) -> None:
    """Wait until the panel is there, in its theme, as high as its content."""
    frame = panel_frame(page)
    frame.wait_for_function("theme => document.documentElement.dataset.colorMode === theme", arg=theme)
    page.wait_for_load_state("networkidle")


def still_picture(page: Page, *, full_page: bool = False) -> bytes:
    """A picture that no longer changes: two in a row were the same."""
    before = b""
    for _ in range(MOST_TRIES):
        page.evaluate(PAINTED)
        picture = page.screenshot(full_page=full_page, animations="disabled")
        if picture == before:
            return picture
        before = picture
    raise RuntimeError(f"{page.url.partition('?')[0]} never comes to rest")


def save(picture: bytes, name: str) -> None:
    """As a PNG with a palette: a page has few colours, and the eye sees no difference."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    reduced = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
