"""A page in Chromium as a reader has it, and what the browser complained about there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

# Runs in every frame before its own scripts: a violation of a policy becomes a line on the console.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} blocked ${event.blockedURI}`);
});
"""


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
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    colour_scheme: str = "light",
    has_scripts: bool = True,
) -> BrowserContext:
    """A fresh profile: no cookies, nothing cached, the clock of this machine's UTC."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colour_scheme,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        java_script_enabled=has_scripts,
    )
    # Where Bitbucket's pages remember the reader's choice; a cookie knows no port.
    context.add_cookies([{"name": "color_mode", "value": colour_scheme, "url": "http://127.0.0.1"}])
    context.add_init_script(REPORT_VIOLATIONS)
    context.set_default_timeout(20_000)
    return context
