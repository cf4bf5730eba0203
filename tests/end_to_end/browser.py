"""Chromium, and what it complained about."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# A root account has no sandbox; nothing may speak to anybody by itself.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Pixels that do not depend on when or where something was painted.
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--disable-partial-raster",
    "--force-color-profile=srgb",
    # Everything that is not on this machine does not exist, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Runs in every frame before its own scripts: a violation of a policy becomes a line on the console.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} blocked ${event.blockedURI}`);
});
"""


def find_chromium() -> str | None:
    """The program, or None where this machine has none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@contextlib.contextmanager
def open_chromium() -> Iterator[Browser]:
    """A headless Chromium, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Complaints:
    """Everything that went wrong in a page and its frames."""

    lines: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.lines.append(f"script error: {error}"))
        page.on("requestfailed", self._on_failed_request)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.lines.append(f"console {message.type}: {message.text}")

    def _on_failed_request(self, request: Request) -> None:
        # A page that is left takes its open requests with it.
        if request.failure != "net::ERR_ABORTED":
            self.lines.append(f"request failed: {request.url.partition('?')[0]}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.lines.append(f"answered {response.status}: {response.url.partition('?')[0]}")


def new_context(
    browser: Browser, *, width: int = 1280, height: int = 900, colour_scheme: str = "light"
) -> BrowserContext:
    """A fresh profile: no cookies, nothing cached, the clock of this machine's UTC."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colour_scheme,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    # Where Bitbucket's pages remember the reader's choice; a cookie knows no port.
    context.add_cookies([{"name": "color_mode", "value": colour_scheme, "url": "http://127.0.0.1"}])
    context.add_init_script(REPORT_VIOLATIONS)
    context.set_default_timeout(20_000)
    return context
