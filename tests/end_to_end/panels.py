"""Finds Bittern's panels in Bitbucket's pages, and the addresses of its own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Frame, Page

    from demo.bitbucket_control import Panel, RepositoryPage
    from demo.system import LocalSystem

IFRAME = "[data-connect] iframe"
# Anything wider would let a reader scroll sideways.
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def panel_frame(page: Page) -> Frame:
    """The frame of the first panel on a page of Bitbucket's, once it shows its content."""
    frame = iframe_of(page).content_frame()
    assert frame is not None
    frame.wait_for_selector("main")
    frame.wait_for_function("() => document.readyState === 'complete'")
    return frame


def iframe_of(page: Page) -> ElementHandle:
    element = page.wait_for_selector(IFRAME)
    assert element is not None
    return element


def signed_panel(system: LocalSystem, page: RepositoryPage, *, kind: str) -> Panel:
    """A module of the app with a fresh signed address."""
    found = system.control.panels(workspace=page.workspace, repository=page.repository)
    return next(panel for panel in found if panel.kind == kind)


def colour_mode(frame: Frame | Page) -> str:
    """How light the background is: `light` or `dark`, as it is painted."""
    colour = frame.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const transparent = /rgba\\(.*, 0\\)|transparent/;
          let element = document.querySelector("main");
          while (element && transparent.test(getComputedStyle(element).backgroundColor)) element = element.parentElement;
          canvas.fillStyle = element ? getComputedStyle(element).backgroundColor : "#fff";
          canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data];
        }"""
    )
    return "light" if sum(colour[:3]) > 384 else "dark"
