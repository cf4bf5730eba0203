"""Embedded apps as templates and the host's script need them: a title, and what the bridge is told about a frame."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from simulator.connect.module_shapes import PULL_REQUEST_OVERVIEW, REPOSITORY_OVERVIEW
from simulator.panels import KINDS

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.modules import Page, PlacedModule

# The singular names under which the bridge knows what a frame is.
_MODULE_TYPES = {
    "adminPages": "adminPage",
    "configurePage": "configurePage",
    "fileEditors": "fileEditor",
    "fileViews": "fileView",
    "generalPages": "generalPage",
    "postInstallRedirect": "postInstallRedirect",
    "profileTabs": "profileTab",
    "repoPages": "repoPage",
    "webCards": "webCard",
    "webItems": "webItem",
    "webPanels": "webPanel",
}
FRAME_ADDRESS = "/!api/internal/connect/frame"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One embedded module. `bridge` is JSON for the host's script."""

    title: str
    tooltip: str
    app_name: str
    bridge: str


def frame(page: Page, placed: PlacedModule, *, is_full_page: bool = False) -> Frame:
    """A placed module as a template shows it."""
    module = placed.module
    return Frame(
        title=module.name or placed.app_name,
        tooltip=module.tooltip,
        app_name=placed.app_name,
        bridge=json.dumps(_bridge(page, placed, is_full_page=is_full_page)),
    )


def _bridge(page: Page, placed: PlacedModule, *, is_full_page: bool) -> dict[str, Any]:
    """What `connectHost` needs, and where to ask for a fresh address once the token is about to end."""
    module = placed.module
    return {
        "addon_key": placed.installation.app_key,
        "key": module.key,
        "url": placed.url,
        "refresh": refresh_address(page, placed.installation.app_key),
        "options": {
            "autoresize": True,
            "isFullPage": is_full_page,
            "moduleType": _MODULE_TYPES.get(module.kind, module.kind),
            "moduleLocation": module.location,
        },
    }


def refresh_address(page: Page, app_key: str) -> str:
    """Where the host's script gets an address for any module of an app on this page; `module_key` is added there."""
    about = {
        "repository": page.repository.uuid if page.repository else None,
        "pull_request": page.pull_request.id if page.pull_request else None,
        "branch": page.branch,
        "commit": page.commit,
        "file": page.file,
        "passed": urlencode(page.passed) or None,
    }
    query = {"app_key": app_key, "workspace": page.workspace.uuid}
    query |= {name: str(value) for name, value in about.items() if value is not None}
    return f"{FRAME_ADDRESS}?{urlencode(query)}"


def fresh(simulator: Simulator, page: Page, *, app_key: str, module_key: str) -> dict[str, Any] | None:
    """A module's frame with a new token; None where the viewer may not see it."""
    placed = simulator.modules.find(page, app_key=app_key, module_key=module_key, kinds=KINDS)
    return None if placed is None else _bridge(page, placed, is_full_page=False)


def repository_panels(simulator: Simulator, page: Page) -> list[Frame]:
    """The panels beside a repository."""
    return [frame(page, one) for one in simulator.modules.on(page, "webPanels", location=REPOSITORY_OVERVIEW)]


def pull_request_panels(simulator: Simulator, page: Page) -> list[Frame]:
    """The panels beside a pull request."""
    return [frame(page, one) for one in simulator.modules.on(page, "webPanels", location=PULL_REQUEST_OVERVIEW)]
