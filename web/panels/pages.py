"""All pages that Bitbucket frames, on one blueprint, and what they share."""

from functools import partial
from typing import Final

from flask import Flask

from web import quick_pages
from web.panels import past, pulse, repository_page, stopped, turn, turn_exports, welcome
from web.panels.cold_start import MEETINGS, Meetings
from web.panels.flow import exports, supply
from web.panels.fragments import Fragments, Pages
from web.panels.live import access, issues
from web.panels.live.cache import CACHE, AnswerCache
from web.panels.places import commit_exports, downloads, file_page, files_exports
from web.panels.setup import routes as setup
from web.panels.surfaces import FRAGMENTS, KEPT_PAGES, blueprint, kept_paint, kept_refresh

__all__ = ["blueprint", "install", "install_quick_pages"]

# Imported for the routes and handlers that they put on the blueprint.
PAGES = (
    pulse,
    turn,
    turn_exports,
    repository_page,
    exports,
    downloads,
    commit_exports,
    files_exports,
    file_page,
    welcome,
    setup,
    stopped,
    issues,
    access,
)


QUICK: Final = {
    "panels.pulse": partial(kept_paint, pulse.PULSE),
    "panels.pulse_refresh": partial(kept_refresh, pulse.PULSE),
    "panels.turn": partial(kept_paint, turn.TURN),
    "panels.turn_refresh": partial(kept_refresh, turn.TURN),
}
"""What is asked for at every view of a repository or a pull request, and again as long as the page stays open."""


def install_quick_pages(app: Flask) -> None:
    """Have these answered without Flask where they are kept. The routes are there already."""
    for endpoint, find in QUICK.items():
        quick_pages.add(app, endpoint, find)


def install(app: Flask) -> None:
    """Give the application its caches: of what was measured, and of the live tabs' answers."""
    past.install(app)
    app.extensions[FRAGMENTS] = Fragments()
    app.extensions[KEPT_PAGES] = Pages()
    app.extensions[MEETINGS] = Meetings()
    supply.install(app)
    app.extensions[CACHE] = AnswerCache()
