"""The repository page: the panel's facts wider, the branches one by one, and what each figure means."""

from typing import Final

from flask import Response

from web.panels.repository_view import definitions, repository_view
from web.panels.surfaces import Surface, blueprint, first_paint, refresh

REPOSITORY: Final = Surface(
    name="repository",
    template="panels/repository.html",
    fragment="panels/_repository.html",
    refresh_endpoint="panels.repository_refresh",
    word=repository_view,
    meanings=definitions,
)


@blueprint.get("/pages/repository", strict_slashes=False)
def repository_page() -> Response:
    """Show the page."""
    return first_paint(REPOSITORY)


@blueprint.get("/pages/repository/refresh")
def repository_refresh() -> Response:
    """Show newer figures to the page's own script."""
    return refresh(REPOSITORY)
