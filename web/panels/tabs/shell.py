"""The repository page around its tabs: proves the visit, opens the tab that the address names, paints; and the same for a refresh.

Three ways in: Bitbucket's signed address, a link of our own page (for which no script is needed), and the page token of our
own script. All three end in the same visit, and show the same fragment.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, make_response, render_template, request

from bitbucket.errors import BitbucketError
from web import formatting, metrics, page_tokens
from web.authentication import caller_of_page, parameters
from web.panels import page_links, states, visits
from web.panels.page_links import LINK_HEADER, LINK_PARAMETER
from web.panels.parts import Moment, moment
from web.panels.states import State
from web.panels.surfaces import AS_OF_HEADER
from web.panels.tabs import registry
from web.panels.tabs.tab import LINK, PAGE, TAB_PARAMETER, Opened, Tab
from web.panels.visits import Visit
from web.request_context import request_id

FRAGMENT: Final = "panels/_tabbed.html"
REFRESH_BUTTON: Final = "refresh"


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab as the page lists it."""

    name: str
    label: str
    href: str
    fragment_url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What surrounds a tab."""

    tabs: tuple[TabLink, ...]
    current: TabLink
    template: str
    address: str
    refresh_url: str
    has_refresh: bool
    stale: str
    as_of: Moment | None


def first_paint() -> Response:
    """Show the page to the viewer for whom its address was signed, by Bitbucket or by us."""
    if LINK_PARAMETER in request.args:
        return _paint(visit_of_link())
    caller = caller_of_page()
    if not caller.is_active:
        # No token for this page: whoever signed it has only offered a secret, and may be anybody.
        return _state_page(states.being_finished())
    try:
        visit = visits.begin(caller)
    except BitbucketError as error:
        visits.note_trouble(caller, error)
        return _state_page(states.state_of(error))
    return _paint(visit)


def refresh() -> Response:
    """Answer our own page's request for a tab, or for newer figures of the one that is open: a 304 where nothing is new."""
    visit = visits.resume(purpose=PAGE)
    tab, opened = _open(visit)
    is_refresh = request.headers.get("HX-Trigger") == REFRESH_BUTTON
    entity_tag = _entity_tag(tab, opened)
    if is_refresh and request.if_none_match.contains_weak(entity_tag):
        response = Response(status=304)
    else:
        view, state = _look(tab, opened)
        body = render_template(FRAGMENT, **_words(tab, opened, view, state))
        # A refresh that failed leaves the page as it is; a tab that cannot be shown says so in its place.
        response = make_response(body, state.status if state and is_refresh else 200)
        entity_tag = _entity_tag(tab, opened)
    response.set_etag(entity_tag, weak=True)
    response.headers[AS_OF_HEADER] = formatting.iso_time(opened.as_of or visit.repository.updated_at)
    response.headers[page_tokens.HEADER] = page_tokens.issue(visit.claims(purpose=PAGE))
    response.headers[LINK_HEADER] = opened.link_token
    return response


def visit_of_link() -> Visit:
    """Return the visit that a link of our own page is for. Raises TokenRefused, and as ``visits.resume``."""
    return page_links.visit_of_link(purpose=LINK)


def _open(visit: Visit) -> tuple[Tab, Opened]:
    given = parameters()
    tab = registry.chosen(given.get(TAB_PARAMETER))
    opened = Opened(visit, tab.query_of(given))
    if not tab.is_offered(opened):
        tab = registry.TABS[0]
        opened = Opened(visit, tab.query_of(given))
    return tab, opened


def _paint(visit: Visit) -> Response:
    tab, opened = _open(visit)
    view, state = _look(tab, opened)
    page = render_template(
        "panels/repository.html",
        page_token=page_tokens.issue(visit.claims(purpose=PAGE)),
        fragment=FRAGMENT,
        **_words(tab, opened, view, state),
    )
    return _with_retry(make_response(page, state.status if state else 200), state)


def _look(tab: Tab, opened: Opened) -> tuple[Any, State | None]:
    """Return what a tab shows, or the state in its place."""
    try:
        view, state = tab.view(opened), None
    except BitbucketError as error:
        visits.note_trouble(opened.visit.caller, error)
        view, state = None, tab.explain(error) or states.state_of(error)
    if isinstance(view, State):
        view, state = None, view
    metrics.of_panel(tab.name, _state_name(opened, state)).inc()
    return view, state


def _state_name(opened: Opened, state: State | None) -> str:
    if state is not None:
        return state.name
    return "shown" if opened.trouble is None else "stale"


def _words(tab: Tab, opened: Opened, view: Any, state: State | None) -> dict[str, Any]:  # noqa: ANN401 - a tab's own
    return {
        "shell": _shell(tab, opened),
        "view": view,
        "state": state,
        "request_id": request_id() if state and state.status >= 400 else None,
    }


def _shell(tab: Tab, opened: Opened) -> Shell:
    links = tuple(_link(one, tab, opened) for one in registry.offered(opened, tab))
    return Shell(
        tabs=links,
        current=next(link for link in links if link.is_current),
        template=tab.template,
        address=opened.address(tab.name, opened.query),
        refresh_url=opened.fragment_url(tab.name, opened.query),
        has_refresh=not tab.is_live,
        stale=_stale(opened),
        as_of=moment(opened.as_of or opened.visit.repository.updated_at, now=opened.now),
    )


def _link(tab: Tab, current: Tab, opened: Opened) -> TabLink:
    query = opened.query if tab is current else {}
    return TabLink(
        tab.name, tab.label(), opened.href(tab.name, query), opened.fragment_url(tab.name, query), tab is current
    )


def _stale(opened: Opened) -> str:
    if opened.trouble is None or opened.as_of is None:
        return ""
    return states.stale_note(opened.trouble, age=formatting.short_age(opened.now - opened.as_of))


def _entity_tag(tab: Tab, opened: Opened) -> str:
    """Return a name for what this viewer would be shown: the tab, what it was worked out from, and the time as ages tell it."""
    shown = (
        tab.name,
        tuple(opened.query.items()),
        None if tab.is_live else (opened.past.version, int(opened.now.timestamp() // tab.steady_for.total_seconds())),
        opened.visit.user_uuid,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24]


def _state_page(state: State) -> Response:
    metrics.PANELS.labels(panel=PAGE, state=state.name).inc()
    page = render_template(
        "panels/repository.html", fragment="panels/_state.html", state=state, request_id=request_id(), page_token=None
    )
    return _with_retry(make_response(page, state.status), state)


def _with_retry(response: Response, state: State | None) -> Response:
    if state is not None and state.passes:
        response.headers["Retry-After"] = str(states.RETRY_AFTER_SECONDS)
    return response
