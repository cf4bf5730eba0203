"""What every panel in Bitbucket's iframe does: verify, read our own copy, show; and the same again for its own refresh.

A surface is a panel's name, its templates and the function that words what is held. First paint and refresh render one
fragment, so what is refreshed is what was painted; the fragment is kept for as long as nothing changes that it shows.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.http import parse_etags, quote_etag

from bitbucket.errors import BitbucketError
from models.backfills import Backfill
from models.repositories import Repository
from web import at_hand, formatting, metrics, page_tokens, services
from web.authentication import Caller, caller_of_page, parameters
from web.compression import SplicedPage
from web.panels import page_links, states, visits
from web.panels.fragments import Fragment, Fragments, Pages
from web.panels.links import Links
from web.panels.page_links import FileLink
from web.panels.parts import Definition, moment, picture_filter
from web.panels.past import Past, past_of
from web.panels.setting import Setting
from web.panels.states import State
from web.panels.visits import Visit
from web.quick_pages import QuickPage
from web.request_context import request_id
from web.security_headers import allowed_image_origins

blueprint = Blueprint("panels", __name__)

AS_OF_HEADER: Final = "X-As-Of"
FRAGMENTS: Final = "bittern.fragments"
KEPT_PAGES: Final = "bittern.kept_pages"


class Tokens(NamedTuple):
    """What a page carries for whoever opened it: for its own requests, and for its links."""

    page: str
    link: str


_PLACES: Final = Tokens(*(f"token-{secrets.token_hex(16)}" for _ in Tokens._fields))
"""Where tokens will stand in a page that is kept: nothing that a page shows can look like them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a panel is opened with: our own copy, how it is shown, the panel's own parameters of the address."""

    past: Past
    setting: Setting
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a panel shows. ``is_stale``: something kept us from reading what should be in it."""

    view: Any
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """One panel: ``name`` is also the purpose of its tokens, ``fragment`` the part that a refresh replaces.

    ``show`` reads and words; it may raise BitbucketError, or return a State. ``parameters`` are the names in the address that
    are the panel's. ``files`` are what the panel offers to take away: how each is called, and its endpoint.
    """

    name: str
    template: str
    fragment: str
    refresh_endpoint: str
    show: Callable[[Opening], Shown | State]
    meanings: Callable[[], tuple[Definition, ...]]
    parameters: tuple[str, ...] = ()
    files: tuple[tuple[Callable[[], str], str], ...] = ()

    @property
    def link_purpose(self) -> str:
        """The purpose of the tokens in the panel's links, which open its files and nothing else."""
        return f"{self.name}-link"

    def query_of(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the panel's own parameters of an address."""
        return {name: given[name] for name in self.parameters if name in given}


def first_paint(surface: Surface) -> Response:
    """Show the page to the viewer for whom Bitbucket signed its address. The answer holds the figures."""
    caller = caller_of_page()
    if not caller.is_active:
        # No token for this page: whoever signed it has only offered a secret, and may be anybody.
        return _state_page(surface, states.being_finished())
    try:
        visit = visits.begin(caller)
    except BitbucketError as error:
        return _failed_page(surface, caller, error)
    return _paint(surface, visit)


def kept_paint(surface: Surface) -> QuickPage | None:
    """Return the same page where it is kept, without a look at anything but who asks, and whether anything has changed."""
    caller = caller_of_page()
    if not caller.is_active:
        return None
    visit = visits.begin(caller, may_ask=False)
    page = _kept_pages().find(_name_now(surface, visit))
    if page is None:
        return None
    _count(surface, "shown")
    return page.sent(_tokens(surface, visit))


def _paint(surface: Surface, visit: Visit) -> Response:
    """Show the page, and keep it for whoever opens the same one while nothing has changed: all but its token."""
    opening = opened(surface, visit)
    try:
        found = _fragment(surface, opening)
    except BitbucketError as error:
        return _failed_page(surface, visit.caller, error, opening=opening)
    if isinstance(found, State):
        return _state_page(surface, found, opening=opening)
    whole = _page(surface, opening=opening, body=found.html, tokens=_PLACES)
    page = SplicedPage(whole, _PLACES)
    if not found.is_stale:
        _kept_pages().keep(_entity_tag(surface, opening), page)
    _count(surface, "stale" if found.is_stale else "shown")
    return page.respond(_tokens(surface, visit))


def _tokens(surface: Surface, visit: Visit) -> dict[str, str]:
    """Return what stands in the places of a page for whoever opens it now."""
    tokens = {_PLACES.page: page_tokens.issue(visit.claims(purpose=surface.name))}
    if surface.files:
        tokens[_PLACES.link] = page_tokens.issue(visit.claims(purpose=surface.link_purpose))
    return tokens


def refresh(surface: Surface) -> Response:
    """Answer our own page's request for newer figures: the fragment, or a 304 where it would say the same."""
    visit = visits.resume(purpose=surface.name)
    opening = opened(surface, visit)
    entity_tag = _entity_tag(surface, opening)
    if request.if_none_match.contains_weak(entity_tag):
        # Nothing is read or worded again for a page that shows it already: most refreshes end here.
        return _renewed(Response(status=304), surface, opening, entity_tag)
    try:
        found = _fragment(surface, opening)
    except BitbucketError as error:
        visits.note_trouble(visit.caller, error)
        return _failed_refresh(surface, states.state_of(error), opening)
    if isinstance(found, State):
        return _failed_refresh(surface, found, opening)
    _count(surface, "stale" if found.is_stale else "refreshed")
    # Named anew: what was missing may have been read and stored, which moves the version.
    return _renewed(make_response(found.html), surface, opening, _entity_tag(surface, opening))


def kept_refresh(surface: Surface) -> QuickPage | None:
    """Return the 304, for a page that shows what it would show now."""
    held = at_hand.current().environ.get("HTTP_IF_NONE_MATCH")
    if held is None:
        return None
    visit = visits.resume(purpose=surface.name, may_ask=False)
    entity_tag = _name_now(surface, visit)
    if not parse_etags(held).contains_weak(entity_tag):
        return None
    return QuickPage(b"", tuple(_renewal(surface, visit, visit.repository.updated_at, entity_tag)), "304 NOT MODIFIED")


def opened(surface: Surface, visit: Visit) -> Opening:
    """Return what a panel, or a file of it, is opened with."""
    settings = services.current().settings
    past = past_of(visit)
    setting = Setting(
        viewer_uuid=visit.user_uuid,
        now=past.now,
        links=Links(settings.site_url, visit.repository.full_name or ""),
        shows=picture_filter(allowed_image_origins(site_origin=settings.site_url)),
    )
    return Opening(past, setting, surface.query_of(parameters()))


def _fragment(surface: Surface, opening: Opening) -> Fragment | State:
    """Return the figures: as they were worded for this viewer in this minute, if nothing has changed since, or worded now."""
    fragments: Fragments = at_hand.extensions()[FRAGMENTS]
    known = fragments.find(_entity_tag(surface, opening))
    if known is not None:
        return known
    shown = surface.show(opening)
    if isinstance(shown, State):
        return shown
    fragment = Fragment(render_template(surface.fragment, view=shown.view), is_stale=shown.is_stale)
    if not shown.is_stale:
        fragments.keep(_entity_tag(surface, opening), fragment)
    return fragment


def _entity_tag(surface: Surface, opening: Opening) -> str:
    """Return a name for what this viewer would be shown, by what the session of the opening has read."""
    past = opening.past
    return _name(surface, past.visit, opening.query, past.repository, past.version, past.backfill, past.now)


def _name_now(surface: Surface, visit: Visit) -> str:
    """Return the same by the rows as they stand now. A name that was given once belongs to that state of them for ever."""
    current = services.current()
    version = visit.repository.version, current.quick.settings_version(visit.caller.installation)
    read = current.quick.backfill(visit.repository)
    return _name(surface, visit, surface.query_of(parameters()), visit.repository, version, read, current.now())


def _name(  # noqa: PLR0913, PLR0917 - all that a panel's words depend on
    surface: Surface,
    visit: Visit,
    query: Mapping[str, str],
    repository: Repository,
    version: tuple[int, int],
    read: Backfill | None,
    now: datetime,
) -> str:
    """Return a name for what this viewer would be shown: the panel, its versions, the minute, which the waits are told in."""
    shown = (
        surface.name,
        tuple(query.items()),
        (visit.caller.client_key, repository.uuid, repository.first_seen_at.isoformat()),
        version,
        repository.full_name,
        (read.stage, read.pages, read.next_attempt_at) if read else None,
        now.replace(second=0, microsecond=0).isoformat(),
        visit.user_uuid,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24]


def _failed_page(
    surface: Surface, caller: Caller, error: BitbucketError, *, opening: Opening | None = None
) -> Response:
    visits.note_trouble(caller, error)
    return _state_page(surface, states.state_of(error), opening=opening)


def _state_page(surface: Surface, state: State, *, opening: Opening | None = None) -> Response:
    _count(surface, state.name)
    token = page_tokens.issue(opening.past.visit.claims(purpose=surface.name)) if opening else None
    page = _page(surface, opening=opening, body=_worded(state), tokens=Tokens(token, "") if token else None)
    return _with_retry(make_response(page, state.status), state)


def _failed_refresh(surface: Surface, state: State, opening: Opening) -> Response:
    """A refresh that failed leaves the page as it is; the status tells its script, and the token lives on."""
    _count(surface, state.name)
    return _with_retry(_renewed(make_response(_worded(state), state.status), surface, opening), state)


def _worded(state: State) -> str:
    return render_template("panels/_state.html", state=state, request_id=request_id() if state.status >= 400 else None)


def _page(surface: Surface, *, opening: Opening | None, body: str, tokens: Tokens | None) -> str:
    """Return a page around figures or around the words for a state. Only with figures does it have a token for links."""
    figures = opening if tokens and tokens.link else None
    return render_template(
        surface.template,
        body=body,
        page_token=tokens.page if tokens else None,
        refresh_url=_refresh_url(surface, opening) if opening else None,
        as_of=moment(figures.past.repository.updated_at, now=figures.past.now) if figures else None,
        files=_files(surface, figures, token=_PLACES.link) if figures else (),
        meanings=surface.meanings(),
    )


def _files(surface: Surface, opening: Opening, *, token: str) -> tuple[FileLink, ...]:
    return tuple(
        FileLink(label(), page_links.signed(endpoint, opening.query, token=token)) for label, endpoint in surface.files
    )


def _refresh_url(surface: Surface, opening: Opening) -> str:
    query = urlencode(opening.query)
    return url_for(surface.refresh_endpoint) + (f"?{query}" if query else "")


def _renewed(response: Response, surface: Surface, opening: Opening, entity_tag: str | None = None) -> Response:
    """Give the page a token for the next quarter of an hour, and what it must know to ask again."""
    response.headers.extend(_renewal(surface, opening.past.visit, opening.past.repository.updated_at, entity_tag))
    return response


def _renewal(surface: Surface, visit: Visit, as_of: datetime, entity_tag: str | None) -> Iterator[tuple[str, str]]:
    if entity_tag is not None:
        yield "ETag", quote_etag(entity_tag, weak=True)
    yield AS_OF_HEADER, formatting.iso_time(as_of)
    yield page_tokens.HEADER, page_tokens.issue(visit.claims(purpose=surface.name))
    if surface.files:
        yield page_links.LINK_HEADER, page_tokens.issue(visit.claims(purpose=surface.link_purpose))


def _with_retry(response: Response, state: State) -> Response:
    if state.passes:
        response.headers["Retry-After"] = str(states.RETRY_AFTER_SECONDS)
    return response


def _kept_pages() -> Pages:
    pages: Pages = at_hand.extensions()[KEPT_PAGES]
    return pages


def _count(surface: Surface, state: str) -> None:
    metrics.of_panel(surface.name, state).inc()
