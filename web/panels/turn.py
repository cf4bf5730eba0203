"""Turn: the panel on the overview of a pull request. Whose turn it is, since when, and how unusual that is."""

from typing import Final

from flask import Response

from web.errors import RequestRefused
from web.language import _
from web.panels import cold_start
from web.panels.numbers import number_of_text
from web.panels.states import State
from web.panels.surfaces import Opening, Shown, Surface, blueprint, first_paint, refresh
from web.panels.turn_facts import turn_facts
from web.panels.turn_view import meanings, turn_view
from web.panels.visits import FOREIGN_REPOSITORY

NUMBER: Final = "pull_request"
INPUT_NUMBER: Final = "input.number"


def show(opening: Opening) -> Shown | State:
    """Return the panel. Raises BitbucketError where nothing is held of the pull request and nothing could be read."""
    number = number_of(opening)
    trouble = cold_start.meet_pull_request(opening.past, number)
    facts = opening.past.facts(number)
    if facts is None:
        raise RequestRefused(404, FOREIGN_REPOSITORY)
    found = turn_facts(opening.past, facts)
    return Shown(turn_view(opening.past, found, opening.setting, trouble), is_stale=trouble is not None)


def number_of(opening: Opening) -> int:
    """Return which pull request is asked for. Raises RequestRefused for what is no number, such as an unfilled placeholder."""
    number = number_of_text(opening.query.get(NUMBER, ""))
    if number is None:
        raise RequestRefused(404, INPUT_NUMBER)
    return number


TURN: Final = Surface(
    name="turn",
    template="panels/turn.html",
    fragment="panels/_turn.html",
    refresh_endpoint="panels.turn_refresh",
    show=show,
    meanings=meanings,
    parameters=(NUMBER,),
    files=(
        (lambda: _("Figures as JSON"), "panels.turn_json"),
        (lambda: _("Collisions as CSV"), "panels.turn_csv"),
    ),
)


@blueprint.get("/panels/pull-request", strict_slashes=False)
def turn() -> Response:
    """Show the panel."""
    return first_paint(TURN)


@blueprint.get("/panels/pull-request/refresh")
def turn_refresh() -> Response:
    """Show newer figures to the panel's own script."""
    return refresh(TURN)
