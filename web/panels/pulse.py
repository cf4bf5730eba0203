"""Pulse: the panel on the repository overview. What needs you now, in one sentence, four figures and at most five rows."""

from typing import Final

from flask import Response

from web.panels import checking, cold_start
from web.panels.pulse_view import meanings, pulse_view
from web.panels.states import State
from web.panels.surfaces import Opening, Shown, Surface, blueprint, first_paint, refresh


def show(opening: Opening) -> Shown | State:
    """Return the panel. Raises BitbucketError where nothing is held and nothing could be read."""
    trouble = cold_start.meet_repository(opening.past)
    return Shown(pulse_view(opening.past, opening.setting, trouble), is_stale=trouble is not None)


PULSE: Final = Surface(
    name="pulse",
    template="panels/pulse.html",
    fragment="panels/_pulse.html",
    refresh_endpoint="panels.pulse_refresh",
    show=show,
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


@blueprint.post("/panels/repository/check")
def pulse_check() -> Response:
    """Have the repository compared with Bitbucket, at a reader's wish, and show what is known meanwhile."""
    checking.ask(purpose=PULSE.name)
    return refresh(PULSE)
