"""A browser that takes still pictures of one address after another, in both themes and at several widths."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from tests.end_to_end.browser import new_context
from tests.end_to_end.panels import iframe_of, panel_frame
from tests.house_figures import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "screenshots"
THEMES = ("light", "dark")
FRAME_WIDTHS = (240, 640, 960)
# Narrower, Bitbucket puts the panel below the files.
HOST_WIDTH = 1280
COLOURS = 96
MOST_TRIES = 20
TALLEST = 2600
# Nothing is proved by being quick here, and a machine that does more than this is slow.
LONGEST_MILLISECONDS = 180_000
PAINTED = """async () => {
  await document.fonts.ready;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


class Camera:
    """Takes pictures at one moment: the browser's clock says that it is that moment too."""

    def __init__(self, browser: Browser, *, moment: datetime, wanted: Collection[str] = ()) -> None:
        """`wanted`: the beginnings of the names of the pictures to take; all of them where there are none."""
        self._browser = browser
        self.moment = moment
        self._wanted = tuple(wanted)

    def takes(self, name: str) -> bool:
        """Whether a picture of this name is wanted."""
        return not self._wanted or name.startswith(self._wanted)

    def takes_any(self, beginning: str) -> bool:
        """Whether a picture whose name begins so is wanted."""
        return not self._wanted or any(one.startswith(beginning) or beginning.startswith(one) for one in self._wanted)

    def wants_only(self, beginning: str) -> bool:
        """Whether every picture that is wanted has a name that begins so."""
        return bool(self._wanted) and all(one.startswith(beginning) for one in self._wanted)

    def frame_address(self, host_url: str) -> str:
        """The signed address of the app's frame on one of Bitbucket's pages."""
        page = self._open(host_url, width=HOST_WIDTH, theme="light")
        try:
            # Not the frame's own address: its page takes the token out of that as soon as it runs.
            return iframe_of(page).get_attribute("src") or ""
        finally:
            page.context.close()

    def take_frame(self, url: str, name: str, *, has_scripts: bool = True, is_printed: bool = False) -> None:
        """A page of the app alone, in both themes and at each width: `name-theme-width.png`."""
        if not self.takes(name):
            return
        for theme in THEMES:
            for width in FRAME_WIDTHS:
                page = self._open(url, width=width, theme=theme, has_scripts=has_scripts)
                page.wait_for_selector("main")
                if is_printed:
                    page.emulate_media(media="print")
                elif has_scripts:
                    page.evaluate("theme => { document.documentElement.dataset.colorMode = theme; }", theme)
                save(still_picture(page, has_scripts=has_scripts), f"{name}-{theme}-{width}")
                page.context.close()

    def take_host(self, url: str, name: str) -> None:
        """One of Bitbucket's own pages with the app in it, in both themes."""
        if not self.takes(name):
            return
        for theme in THEMES:
            page = self._open(url, width=HOST_WIDTH, theme=theme)
            frame = panel_frame(page)
            frame.wait_for_function("theme => document.documentElement.dataset.colorMode === theme", arg=theme)
            page.wait_for_load_state("networkidle")
            save(still_picture(page, is_whole=False), f"{name}-{theme}-{HOST_WIDTH}")
            page.context.close()

    def links_of(self, url: str) -> list[str]:
        """Where the links of one of Bitbucket's pages lead."""
        page = self._open(url, width=HOST_WIDTH, theme="light")
        found: list[str] = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.pathname)")
        page.context.close()
        return found

    def _open(self, url: str, *, width: int, theme: str, has_scripts: bool = True) -> Page:
        context = new_context(self._browser, width=width, height=400, colour_scheme=theme, has_scripts=has_scripts)
        context.set_default_timeout(LONGEST_MILLISECONDS)
        page = context.new_page()
        if has_scripts:
            page.clock.set_fixed_time(self.moment)
        page.goto(url)
        return page


def still_picture(page: Page, *, has_scripts: bool = True, is_whole: bool = True) -> bytes:
    """A picture that no longer changes: two in a row were the same. Of a very long page, its beginning."""
    before = b""
    for _ in range(MOST_TRIES):
        if has_scripts:
            page.evaluate(PAINTED)
        picture = page.screenshot(full_page=is_whole, animations="disabled")
        if picture == before:
            return picture
        before = picture
    raise RuntimeError(f"{page.url.partition('?')[0]} never comes to rest")


def save(picture: bytes, name: str) -> None:
    """As a PNG with a palette: a page has few colours, and the eye sees no difference."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
    reduced = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(FOLDER / f"{name}.png", optimize=True)
