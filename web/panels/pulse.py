"""Pulse: the panel on the repository overview. What needs you now, in one sentence, four figures and at most five rows."""

from typing import Final

from flask import Response

from web.panels.pulse_view import meanings, pulse_view
from web.panels.surfaces import Surface, blueprint, first_paint, refresh

PULSE: Final = Surface(
    name="pulse",
    template="panels/pulse.html",
    fragment="panels/_pulse.html",
    refresh_endpoint="panels.pulse_refresh",
    word=pulse_view,
    meanings=meanings,
)


@blueprint.get("/panels/repository", strict_slashes=False)
def pulse() -> Response:
    """Show the panel."""
    return first_paint(PULSE)


@blueprint.get("/panels/repository/refresh")
def pulse_refresh() -> Response:
    """Show newer figures to the panel's own script."""
    return refresh(PULSE)
