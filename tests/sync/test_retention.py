"""Letting go: the history of a repository that is gone, and what was closed too long ago; nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from insights.facts.pull_requests import BuildState
from models import repositories
from models.history import build_reports, pull_requests, retention
from models.history.build_reports import BuildReportRow
from models.history.deletion import HISTORY_TABLES
from models.history.pull_requests import PullRequest
from models.repositories import Repository, RepositoryFacts, RepositoryState
from models.tables import Base
from simulator.world import actions
from sync import retention as letting_go
from sync.retention import forget_gone, kept_since, trim
from tests.sync.simulated import Simulated
from tests.tenants import ALICE_REPOSITORY

YEAR = timedelta(days=366)


@pytest.fixture
def simulated(database_url):
    made = Simulated(database_url)
    made.story.tell(60)
    made.deliver()
    made.answer_all()
    yield made
    made.close()


def rows_of(simulated):
    """How many rows of history each table has, but for what is empty."""
    with simulated.services.readers() as session:
        counts = {one.__tablename__: session.scalar(select(func.count()).select_from(one)) for one in HISTORY_TABLES}
    return {name: count for name, count in counts.items() if count}


def let_go(simulated):
    with simulated.services.sessions.begin() as session:
        facts, now = RepositoryFacts(ALICE_REPOSITORY), simulated.services.now()
        repositories.let_go(session, simulated.alice, facts, as_of=now, now=now)


def test_what_is_gone_is_kept_for_as_long_as_after_an_uninstall(simulated):
    let_go(simulated)
    simulated.wait(days=29)
    assert forget_gone(simulated.services) == 0
    assert rows_of(simulated)["pull_requests"] > 0


def test_then_it_goes_in_batches_and_leaves_a_row_that_knows_no_name(simulated, monkeypatch, log_entries):
    monkeypatch.setattr(letting_go, "BATCH_ROWS", 50)
    let_go(simulated)
    simulated.wait(days=31)
    batches = []
    while deleted := forget_gone(simulated.services):
        batches.append(deleted)
    assert max(batches) <= 50
    assert rows_of(simulated) == {}
    with simulated.services.readers() as session:
        row = session.scalar(select(Repository))
        assert (row.state, row.uuid, row.name, row.full_name) == (RepositoryState.GONE, ALICE_REPOSITORY, None, None)
    assert log_entries[-1]["event"] == "repository.forgotten"
    assert forget_gone(simulated.services) == 0


def test_one_that_came_back_in_time_keeps_everything(simulated):
    let_go(simulated)
    simulated.wait(minutes=1)
    with simulated.services.sessions.begin() as session:
        now = simulated.services.now()
        repositories.record(session, simulated.alice, RepositoryFacts(ALICE_REPOSITORY), as_of=now, now=now)
    simulated.wait(days=99)
    assert forget_gone(simulated.services) == 0


def test_an_older_event_does_not_bring_it_to_life(simulated):
    before = simulated.services.now()
    simulated.wait(minutes=1)
    let_go(simulated)
    simulated.wait(days=31)
    while forget_gone(simulated.services):
        pass
    with simulated.services.sessions.begin() as session:
        facts = RepositoryFacts(ALICE_REPOSITORY, name="Heron")
        row, _ = repositories.record(session, simulated.alice, facts, as_of=before, now=simulated.services.now())
        assert row.state is RepositoryState.GONE


def test_without_a_limit_everything_is_kept(simulated):
    simulated.wait(days=9999)
    assert kept_since(simulated.services) is None
    with simulated.services.readers() as session:
        assert trim(simulated.services, simulated.held(session).id) == 0


def limited(simulated, days):
    object.__setattr__(
        simulated.services, "settings", simulated.services.settings.model_copy(update={"history_days": days})
    )


def test_what_was_closed_too_long_ago_goes_with_all_that_belongs_to_it(simulated):
    limited(simulated, 366)
    services, story = simulated.services, simulated.story
    one = min(number for number, known in story.repository.pull_requests.items() if known.state == "OPEN")
    actions.decline(story.world, story.repository.pull_requests[one], actor=story.people[0])
    simulated.deliver()
    with services.readers() as session:
        held = simulated.held(session)
        rows = pull_requests.after(session, held, 0, at_most=999)
    closed, still_open = ({row.number for row in rows if (row.closed_at is not None) is end} for end in (True, False))
    assert closed
    assert still_open
    simulated.wait(days=400)
    assert trim(services, held.id) > len(closed)
    for column in retention.OF_PULL_REQUESTS:
        with services.readers() as session:
            assert not closed & set(session.scalars(select(column)))
    with services.readers() as session:
        assert set(session.scalars(select(PullRequest.number))) == still_open
        assert simulated.held(session).version > held.version
        assert rows_of(simulated)["commits"] > 0


def test_what_builds_said_goes_too(simulated):
    limited(simulated, 366)
    services, old = simulated.services, simulated.services.now() - YEAR - timedelta(days=9)
    with services.sessions.begin() as session:
        held = simulated.held(session)
        one = BuildReportRow(
            repository_id=held.id, commit="a" * 40, key="unit", at=old, state=BuildState.FAILED, created_at=old
        )
        build_reports.store(session, [one])
    trim(services, held.id)
    with services.readers() as session:
        assert build_reports.held(session, held, {"a" * 40})["a" * 40] == []


def test_every_column_that_names_a_pull_request_is_known():
    named = {f"{table.name}.pull_request" for table in Base.metadata.tables.values() if "pull_request" in table.c} | {
        "pull_requests.number",
        "measurements.number",
    }
    assert {f"{column.class_.__tablename__}.{column.key}" for column in retention.OF_PULL_REQUESTS} == named
