"""What Flow keeps between views is what it would work out anew; where much is closed, its trends may be some minutes behind."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from insights.facts.pull_requests import EventKind, ReviewState
from models.history import events, participants, pull_requests
from models.history.events import EventRow
from models.history.pull_requests import ClosingSource
from models.repositories import Repository
from sync.history.writing import writing
from tests.tenants import NOON
from tests.web.panels.flow.test_view import flow, kpi, section, seen
from web.panels import past
from web.panels.closed import FIGURE_LASTS
from web.panels.flow import supply
from web.panels.flow.supply import FiguresCache
from web.panels.shelves import Shelves

NEWEST = 300
KEPT = ("where_time_goes", "distribution", "scatter", "arrivals", "ageing", "size_table")


@pytest.fixture
def heron(fill_repository):
    return fill_repository(NEWEST, night=False)


@pytest.fixture
def happen(services, heron):
    """Has something happen to the newest pull request, as a webhook would tell it."""

    def happened(deed):
        with services.sessions.begin() as session:
            row = session.get_one(Repository, heron)
            with writing(session, row, now=NOON, asks=False) as projection:
                deed(session, row)
                projection.note_change(NEWEST)

    return happened


def approve(session, row):
    known = participants.held(session, row, {NEWEST})[NEWEST][0]
    participants.store(session, [replace(known, state=ReviewState.APPROVED, participated_at=NOON)])


def answer_first(session, row):
    who = participants.held(session, row, {NEWEST})[NEWEST][0].person_id
    said = {"pull_request": NEWEST, "kind": EventKind.COMMENTED, "at": NOON, "subject": "7", "actor_id": who}
    events.store(session, [EventRow(repository_id=row.id, **said)])


def close(session, row, state):
    held = pull_requests.held(session, row, {NEWEST})[NEWEST]
    closed = {"state": state, "closed_at": NOON - timedelta(minutes=1), "closed_at_source": ClosingSource.EVENT}
    pull_requests.store(session, [replace(held, **closed)])


def retarget(session, row):
    held = pull_requests.held(session, row, {NEWEST})[NEWEST]
    pull_requests.store(session, [replace(held, destination_branch="release")])


DEEDS = {
    "approved": approve,
    "answered": answer_first,
    "merged": lambda session, row: close(session, row, "MERGED"),
    "declined": lambda session, row: close(session, row, "DECLINED"),
    "retargeted": retarget,
}


def shown(client, **filters):
    answer = flow(client, **filters)
    return [kpi(answer, "Merged"), kpi(answer, "Pickup"), *(seen(section(answer, name)) for name in KEPT)]


def forget(app):
    app.extensions |= {past.SHELVES: Shelves(), supply.CACHE: FiguresCache()}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_what_is_shown_after_something_happened_is_what_would_be_worked_out_anew(app, client, happen, deed):
    shown(client), shown(client, branch="main")
    happen(deed)
    kept = shown(client), shown(client, branch="main")
    forget(app)

    assert kept == (shown(client), shown(client, branch="main"))


def merge_newest(session, row):
    close(session, row, "MERGED")


@pytest.fixture
def much_is_closed(monkeypatch):
    monkeypatch.setattr(past, "MANY", 50)


@pytest.mark.usefixtures("much_is_closed")
def test_where_much_is_closed_the_head_is_of_now_and_a_trend_follows_within_minutes(client, clock, happen):
    before = flow(client)
    happen(merge_newest)
    soon = flow(client)
    clock.advance(seconds=FIGURE_LASTS.total_seconds() + 1)
    later = flow(client)

    assert int(kpi(soon, "Merged").split()[0]) == int(kpi(before, "Merged").split()[0]) + 1
    assert seen(section(soon, "distribution")) == seen(section(before, "distribution"))
    assert seen(section(later, "distribution")) != seen(section(before, "distribution"))
