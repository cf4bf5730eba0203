"""What every page about a repository says where an administrator has deleted its history and wants nothing collected."""

from typing import Final

from flask import Response, make_response, render_template, request

from web import metrics
from web.language import _
from web.panels.states import State
from web.panels.surfaces import blueprint
from web.panels.visits import NotCollected

CONFLICT: Final = 409
"""For a refresh: the page stays as it is, and its script is told that there is nothing newer to have."""


def not_collected_state() -> State:
    """Return the state."""
    return State(
        "not_collected",
        "empty",
        _("Nothing is collected here"),
        _("An administrator of the workspace has deleted the history that was kept, and has stopped collecting it."),
        _("An administrator can start it again: in the workspace's settings, under installed apps, configure."),
        200,
    )


@blueprint.errorhandler(NotCollected)
def not_collected(_error: NotCollected) -> Response:
    """Show the state: as a page where Bitbucket opens one, else as the part that was asked for."""
    state = not_collected_state()
    metrics.PANELS.labels(panel="any", state=state.name).inc()
    if "Authorization" in request.headers:
        return make_response(render_template("panels/_state.html", state=state), CONFLICT)
    return make_response(render_template("panels/state.html", state=state))
