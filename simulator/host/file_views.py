"""The viewers of a file: Bitbucket's own, and those that apps add (`fileViews`) for files of some extensions.

`?fileviewer={app key}:{module key}` chooses one, as public links to files on Bitbucket show it ("notebook-viewer:nbviewer",
"file-view-default"). How extensions are compared is nowhere documented; here without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.host import frames

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.descriptor import Module
    from simulator.connect.modules import Page, PlacedModule
    from simulator.host.frames import Frame

DEFAULT = "file-view-default"
PARAMETER = "fileviewer"


@dataclass(frozen=True, kw_only=True)
class Viewers:
    """What the drop-down offers (value, label), what is chosen, and the app's frame where that is an app's."""

    choices: list[tuple[str, str]]
    chosen: str
    frame: Frame | None


def viewers_of(simulator: Simulator, page: Page, chosen: str) -> Viewers:
    """The viewers of the page's file; one that is not offered is Bitbucket's own."""
    placed = {
        _value(one): one for one in simulator.modules.on(page, "fileViews") if _matches(one.module, page.file or "")
    }
    choices = [(DEFAULT, "Default file viewer"), *((value, _label(one)) for value, one in placed.items())]
    found = placed.get(chosen)
    frame = frames.frame(page, found, is_full_page=True) if found else None
    return Viewers(choices=choices, chosen=chosen if found else DEFAULT, frame=frame)


def _matches(module: Module, path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    extensions = (module.options.get("file_matches") or {}).get("extensions") or []
    return any(name.endswith("." + str(one).lower().lstrip(".")) for one in extensions)


def _value(placed: PlacedModule) -> str:
    return f"{placed.installation.app_key}:{placed.module.key}"


def _label(placed: PlacedModule) -> str:
    return placed.module.name or placed.app_name
