"""What every live tab does: prove the visit by the page's token, read through the cache, show; or show why not.

A tab is part of the repository page and uses its token. It is answered with 200 also where Bitbucket gave nothing to show:
the state is what the tab has to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from flask import Response, current_app, make_response, render_template, request, url_for

from bitbucket.client import BitbucketClient
from bitbucket.errors import BitbucketError, Gone, NotFound
from web import metrics, page_tokens, services
from web.panels import states, visits
from web.panels.live.cache import CACHE, FRESH_FOR, REFRESHED_FOR, AnswerCache, Key
from web.panels.parts import Moment, moment
from web.panels.states import State
from web.panels.visits import Visit
from web.request_context import request_id

T = TypeVar("T")

PAGE: Final = "repository"
"""The purpose of the tokens that the tabs are asked for with: they are part of that page."""

REFRESH: Final = "refresh"


@dataclass(frozen=True, slots=True)
class Tab:
    """One live tab. ``view`` reads and words it; ``explain`` may know a state better than the common one."""

    name: str
    template: str
    endpoint: str
    view: Callable[["Reader"], Any]
    explain: Callable[[BitbucketError], State | None]


@dataclass(slots=True)
class Reader:
    """How a tab reads: through the cache, as the installation, under the deadline of the visit."""

    visit: Visit
    is_refresh: bool
    oldest: datetime | None = None

    @property
    def client(self) -> BitbucketClient:
        """A client that speaks as the installation."""
        caller = self.visit.caller
        return services.current().client(caller.client_key, caller.secret, deadline=self.visit.deadline)

    def read(self, subject: str, call: Callable[[], T], *, young_for: timedelta | None = None) -> T:
        """Return what ``call`` reads, or read a moment ago. Raises BitbucketError."""
        cache: AnswerCache = current_app.extensions[CACHE]
        answer, read_at = cache.answer(
            Key(self.visit.caller.installation.id, self.visit.repository.uuid, subject),
            call,
            young_for=young_for or (REFRESHED_FOR if self.is_refresh else FRESH_FOR),
            now=services.current().now,
            wait_seconds=self.visit.deadline.remaining_seconds(),
        )
        self.oldest = min(self.oldest, read_at) if self.oldest else read_at
        return answer


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tab's template shows: a view or the state in its place, how old it is, where it is asked for again."""

    view: Any
    state: State | None
    request_id: str | None
    as_of: Moment
    refresh_url: str


def note_absence(name: str, visit: Visit) -> None:
    """Remember that the repository does not have what a tab is about."""
    cache: AnswerCache = current_app.extensions[CACHE]
    key = Key(visit.caller.installation.id, visit.repository.uuid, name)
    cache.note_absence(key, now=services.current().now())


def is_absent(name: str, visit: Visit) -> bool:
    """Whether this process has heard of late that the repository does not have what a tab is about."""
    cache: AnswerCache = current_app.extensions[CACHE]
    key = Key(visit.caller.installation.id, visit.repository.uuid, name)
    return cache.is_absent(key, now=services.current().now())


def show(tab: Tab) -> Response:
    """Answer the page's request for a tab."""
    visit = visits.resume(purpose=PAGE)
    seen = shown(tab, visit, is_refresh=REFRESH in request.args)
    response = make_response(render_template(tab.template, shown=seen))
    response.headers[page_tokens.HEADER] = page_tokens.issue(visit.claims(purpose=PAGE))
    return response


def shown(tab: Tab, visit: Visit, *, is_refresh: bool = False) -> Shown:
    """Read what a tab shows."""
    reader = Reader(visit, is_refresh=is_refresh)
    try:
        view, state = tab.view(reader), None
    except BitbucketError as error:
        visits.note_trouble(visit.caller, error)
        if isinstance(error, NotFound | Gone):
            note_absence(tab.name, visit)
        view, state = None, tab.explain(error) or states.state_of(error)
    if isinstance(view, State):
        view, state = None, view
    metrics.PANELS.labels(panel=tab.name, state=state.name if state else "shown").inc()
    now = services.current().now()
    return Shown(
        view=view,
        state=state,
        request_id=request_id() if state and state.status >= 400 else None,
        as_of=moment(reader.oldest or now, now=now),
        refresh_url=url_for(tab.endpoint, refresh=1),
    )
