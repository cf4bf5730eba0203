"""What every page in Bitbucket's iframe does: verify, look, show; and the same again for its own refresh.

A surface is a page's name, its templates and the function that words a look. First paint and refresh render one fragment,
so what is refreshed is what was painted.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bitbucket.errors import BitbucketError
from web import formatting, metrics, page_tokens, services
from web.authentication import Caller, caller_of_page
from web.panels import states, visits
from web.panels.links import Links
from web.panels.parts import Definition, moment, picture_filter
from web.panels.pulse_view import Setting
from web.panels.snapshot_cache import Look
from web.panels.states import State
from web.panels.visits import Visit
from web.request_context import request_id
from web.security_headers import allowed_image_origins

blueprint = Blueprint("panels", __name__)

AS_OF_HEADER = "X-As-Of"


@dataclass(frozen=True, slots=True)
class Surface:
    """One page: ``name`` is also the purpose of its tokens, ``fragment`` the part that a refresh replaces."""

    name: str
    template: str
    fragment: str
    refresh_endpoint: str
    word: Callable[[Look, Setting], Any]
    meanings: Callable[[], tuple[Definition, ...]]


def first_paint(surface: Surface) -> Response:
    """Show the page to the viewer for whom Bitbucket signed its address. The answer holds the figures."""
    caller = caller_of_page()
    if not caller.is_active:
        # No token for this page: whoever signed it has only offered a secret, and may be anybody.
        return _state_page(surface, states.being_finished())
    try:
        visit = visits.begin(caller)
    except BitbucketError as error:
        return _failed_page(surface, caller, error, visit=None)
    try:
        look = visits.look(visit)
    except BitbucketError as error:
        return _failed_page(surface, caller, error, visit=visit)
    _count(surface, "shown" if look.trouble is None else "stale")
    as_of = moment(look.snapshot.read_at, now=services.current().now())
    return make_response(_page(surface, visit=visit, as_of=as_of, **_words(surface, look, visit)))


def refresh(surface: Surface) -> Response:
    """Answer our own page's request for newer figures: the fragment, or a 304 where it would say the same."""
    visit = visits.resume(purpose=surface.name)
    try:
        look = visits.look(visit)
    except BitbucketError as error:
        visits.note_trouble(visit.caller, error)
        return _failed_refresh(surface, states.state_of(error), visit)
    entity_tag = _entity_tag(look, visit)
    if request.if_none_match.contains_weak(entity_tag):
        # Nothing is worded again for a page that shows it already: most refreshes end here.
        response = Response(status=304)
    else:
        _count(surface, "refreshed" if look.trouble is None else "stale")
        response = make_response(render_template(surface.fragment, **_words(surface, look, visit)))
    response.set_etag(entity_tag, weak=True)
    response.headers[AS_OF_HEADER] = formatting.iso_time(look.snapshot.read_at)
    _renew(response, surface, visit)
    return response


def _entity_tag(look: Look, visit: Visit) -> str:
    """Return a name for what this viewer would be shown: the look, the viewer, and the minute, which the waits are told in."""
    minute = services.current().now().replace(second=0, microsecond=0)
    shown = (
        look.snapshot.read_at.isoformat(),
        minute.isoformat(),
        visit.user_uuid,
        look.trouble and look.trouble.reason,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24]


def _words(surface: Surface, look: Look, visit: Visit) -> dict[str, Any]:
    settings = services.current().settings
    setting = Setting(
        viewer_uuid=visit.user_uuid,
        now=services.current().now(),
        links=Links(settings.site_url, look.snapshot.repository.full_name or visit.repository.full_name or ""),
        shows=picture_filter(allowed_image_origins(site_origin=settings.site_url)),
    )
    return {"view": surface.word(look, setting), "fragment": surface.fragment}


def _failed_page(surface: Surface, caller: Caller, error: BitbucketError, *, visit: Visit | None) -> Response:
    visits.note_trouble(caller, error)
    return _state_page(surface, states.state_of(error), visit=visit)


def _state_page(surface: Surface, state: State, *, visit: Visit | None = None) -> Response:
    _count(surface, state.name)
    page = _page(surface, visit=visit, fragment="panels/_state.html", state=state, request_id=request_id())
    return _with_retry(make_response(page, state.status), state)


def _failed_refresh(surface: Surface, state: State, visit: Visit) -> Response:
    """A refresh that failed leaves the page as it is; the status tells its script, and the token lives on."""
    _count(surface, state.name)
    response = make_response(render_template("panels/_state.html", state=state, request_id=request_id()), state.status)
    _renew(response, surface, visit)
    return _with_retry(response, state)


def _page(surface: Surface, *, visit: Visit | None, **context: Any) -> str:  # noqa: ANN401 - a template's context
    return render_template(
        surface.template,
        page_token=page_tokens.issue(visit.claims(purpose=surface.name)) if visit else None,
        refresh_url=url_for(surface.refresh_endpoint),
        meanings=surface.meanings(),
        **context,
    )


def _renew(response: Response, surface: Surface, visit: Visit) -> None:
    response.headers[page_tokens.HEADER] = page_tokens.issue(visit.claims(purpose=surface.name))


def _with_retry(response: Response, state: State) -> Response:
    if state.passes:
        response.headers["Retry-After"] = str(states.RETRY_AFTER_SECONDS)
    return response


def _count(surface: Surface, state: str) -> None:
    metrics.PANELS.labels(panel=surface.name, state=state).inc()
