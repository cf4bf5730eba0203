"""The repository page's addresses: the page with the tab that its address names, and what its own script asks for."""

from flask import Response

from web.panels.surfaces import blueprint
from web.panels.tabs import shell


@blueprint.get("/pages/repository", strict_slashes=False)
def repository_page() -> Response:
    """Show the page."""
    return shell.first_paint()


@blueprint.get("/pages/repository/refresh")
def repository_refresh() -> Response:
    """Show a tab, or newer figures of the open one, to the page's own script."""
    return shell.refresh()
