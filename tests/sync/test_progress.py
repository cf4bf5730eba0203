"""How far a history is: numbers that only go one way, and a time that knows of the quota."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import backfills, quota, repositories
from models.backfill_stages import Stage
from models.quota import Hindrance, Purpose
from models.repositories import RepositoryFacts
from sync.progress import CALL_TIME, progress_of, progress_of_installation
from tests.sync.backfill.conftest import Backfilled
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, NOON

PER_HOUR = 700


@pytest.fixture
def lived(database_url):
    made = Backfilled(database_url)
    yield made
    made.close()


def progress(lived, *, calls_per_hour=PER_HOUR):
    with lived.services.readers() as session:
        return progress_of(session, lived.held(session), now=lived.services.now(), calls_per_hour=calls_per_hour)


def of_installation(lived):
    with lived.services.readers() as session:
        return progress_of_installation(session, lived.alice, now=lived.services.now(), calls_per_hour=PER_HOUR)


def test_a_repository_that_nobody_has_asked_for_has_not_begun(services, alice):
    with services.sessions.begin() as session:
        repository, _ = repositories.record(
            session, alice, RepositoryFacts(ALICE_OTHER_REPOSITORY), as_of=NOON, now=NOON
        )
        told = progress_of(session, repository, now=NOON, calls_per_hour=PER_HOUR)
    assert (told.stage, told.done, told.total, told.share, told.eta) == (Stage.OPEN_PULL_REQUESTS, 0, 0, 0.0, None)
    assert not told.is_done
    assert not told.is_useful


def test_what_is_done_grows_to_the_total(lived):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    seen = []
    while not (told := progress(lived)).is_done:
        if told.stage.rank > Stage.CLOSED_PULL_REQUESTS.rank:
            seen.append((told.done, told.total, told.share))
        lived.advance()
    assert seen == sorted(seen)
    assert len({total for _, total, _ in seen}) == 1
    assert all(0 <= share < 1 for *_, share in seen)
    truth = len(lived.story.repository.pull_requests)
    assert (told.done, told.total, told.share, told.eta, told.calls_to_make) == (truth, truth, 1.0, timedelta(0), 0)


def test_the_calls_to_make_come_near_to_those_that_are_made(lived):
    lived.advance_to(Stage.REFS)
    expected, before = progress(lived).calls_to_make, len(lived.transport.sent)
    lived.finish()
    made = len(lived.transport.sent) - before
    assert made * 0.6 <= expected <= made * 1.6


def test_it_is_of_use_once_all_that_is_open_was_read(lived):
    lived.advance_to(Stage.OPEN_BUILDS)
    assert not progress(lived).is_useful
    lived.advance_to(Stage.MAIN_BRANCH)
    assert progress(lived).is_useful


def test_the_time_is_that_of_the_network_while_there_are_calls(lived):
    lived.advance_to(Stage.REFS)
    told = progress(lived)
    assert told.eta == told.calls_to_make * CALL_TIME
    assert (told.resumes_at, told.hindrance) == (None, None)


def test_a_small_quota_makes_the_time_longer(lived):
    lived.advance_to(Stage.REFS)
    told = progress(lived, calls_per_hour=20)  # of which the backfill may make 15, and has made more
    assert told.eta == timedelta(hours=told.calls_to_make / 15)
    assert told.eta > told.calls_to_make * CALL_TIME


def test_a_spent_quota_says_when_it_goes_on(lived):
    lived.advance_to(Stage.REFS)
    with lived.services.sessions.begin() as session:
        for _ in range(PER_HOUR):
            quota.charge(session, lived.alice.id, purpose=Purpose.RECONCILE, limit=PER_HOUR, now=lived.services.now())
    lived.advance()
    told = progress(lived)
    assert told.hindrance is Hindrance.BUDGET
    assert told.resumes_at > lived.services.now()
    assert told.eta >= told.resumes_at - lived.services.now()
    assert told.calls_left == 0
    lived.wait(hours=2)
    assert progress(lived).resumes_at is None


def test_other_repositories_of_the_installation_make_it_wait(lived):
    lived.advance_to(Stage.REFS)
    before = progress(lived).eta
    with lived.services.sessions.begin() as session:
        now = lived.services.now()
        other, _ = repositories.record(
            session, lived.alice, RepositoryFacts(ALICE_OTHER_REPOSITORY), as_of=now, now=now
        )
        backfills.ensure(session, other, since=now, now=now)
        row = backfills.of_repository(session, other)
        row.open_total, row.closed_total = 10, 100
    assert progress(lived).eta == before + (10 * 3 + 100 * 4) * CALL_TIME  # of a closed one its tasks as well


def test_an_installation_is_told_as_a_whole(lived):
    told = of_installation(lived)
    assert (told.is_listed, told.is_done, told.repositories) == (False, False, [])
    lived.advance_to(Stage.REFS)
    told = of_installation(lived)
    ((repository, history),) = told.repositories
    assert (told.is_listed, told.is_done, repository.uuid) == (True, False, ALICE_REPOSITORY)
    assert (told.done, told.total) == (history.done, history.total)
    assert told.eta == history.eta == progress(lived).eta
    lived.finish()
    told = of_installation(lived)
    assert (told.is_done, told.finished, told.eta) == (True, 1, None)
    assert told.usage.used == len(lived.transport.sent)


def test_what_was_skipped_and_what_went_wrong_is_told(lived):
    lived.advance_to(Stage.REFS)
    with lived.services.sessions.begin() as session:
        row = backfills.of_repository(session, lived.held(session))
        row.skipped, row.error = 2, "TimedOut: no answer"
    told = progress(lived)
    assert (told.skipped, told.error) == (2, "TimedOut: no answer")
