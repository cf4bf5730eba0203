"""File facts: the page that Bitbucket offers among the viewers of a file (`fileViews`). What the Files tab says of one file, alone."""

from typing import Final

from flask import Response, make_response, render_template

from bitbucket.errors import BitbucketError
from web import metrics
from web.authentication import caller_of_page, parameters
from web.panels import states, visits
from web.panels.places.files_view import PATH, REVISION, FileView
from web.panels.states import State
from web.panels.surfaces import blueprint
from web.panels.tabs.files import explain, one_file, unknown_file
from web.panels.tabs.tab import Opened
from web.panels.visits import Visit
from web.request_context import request_id

NAME: Final = "file"


@blueprint.get("/pages/file", strict_slashes=False)
def file_page() -> Response:
    """Show what is known of the file for which Bitbucket signed this address."""
    caller = caller_of_page()
    if not caller.is_active:
        return _state_page(states.being_finished())
    try:
        visit = visits.begin(caller)
        view = _view(visit)
    except BitbucketError as error:
        visits.note_trouble(caller, error)
        view = explain(error) or states.state_of(error)
    if isinstance(view, State):
        return _state_page(view)
    metrics.PANELS.labels(panel=NAME, state="shown").inc()
    return make_response(render_template("panels/file.html", view=view, state=None, page_token=None))


def _view(visit: Visit) -> FileView | State:
    given = parameters()
    opened = Opened(visit, {name: given[name] for name in (PATH, REVISION) if given.get(name)})
    path = opened.query.get(PATH, "").strip("/")
    return one_file(opened, path) if path else unknown_file()


def _state_page(state: State) -> Response:
    metrics.PANELS.labels(panel=NAME, state=state.name).inc()
    shown_id = request_id() if state.status >= 400 else None
    page = render_template("panels/file.html", view=None, state=state, request_id=shown_id, page_token=None)
    response = make_response(page, state.status)
    if state.passes:
        response.headers["Retry-After"] = str(states.RETRY_AFTER_SECONDS)
    return response
