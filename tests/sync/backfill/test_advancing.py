"""A page at a time: everything is read once, whatever goes wrong is tried again, and nobody else notices."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from bitbucket.errors import ConnectionFailed, TimedOut
from bitbucket.messages import Headers, Response
from models import backfills, quota, reconciles, repositories
from models.backfill_stages import Stage
from models.history.deletion import HISTORY_TABLES
from models.history.pull_requests import PullRequest
from models.quota import Purpose
from models.repositories import RepositoryFacts
from simulator.app import simulator_of
from simulator.faults import Fault
from sync.backfill import advancing
from sync.backfill.advancing import CALL_SECONDS, MARGIN, advance_for
from sync.backfill.work import MOST_TRIES
from tests.sync.simulated import kind_of_call
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, uninstall
from tests.web.fake_bitbucket import answer

PLAIN_429 = Response(429, Headers({"Content-Type": "text/plain"}), b"Rate limit for this resource has been exceeded")
NOT_FOUND = answer({"type": "error", "error": {"message": "not found"}}, status=404)
LEASE = timedelta(seconds=CALL_SECONDS) + MARGIN

OUR_OWN = {"backfills", "reconciles", "measurings", "measurements", "nightly_figures", "follow_ups"}
TIMES = re.compile(r"^(id|version|as_of|updated_at|.*_as_of)$")


class Killed(BaseException):
    """As good as a SIGKILL: nothing after it is done."""


def counted(lived):
    """How many rows each table of history has."""
    with lived.services.readers() as session:
        repository = lived.held(session)
        return {
            table.__tablename__: session.scalar(
                select(func.count()).select_from(table).where(table.__table__.c.repository_id == repository.id)
            )
            for table in HISTORY_TABLES
            if table.__tablename__ not in OUR_OWN
        }


def said(lived):
    """Everything that is stored of the history, but for when it was known."""
    with lived.services.readers() as session:
        return {
            (table.__tablename__, *((name, value) for name, value in row.items() if not TIMES.search(name)))
            for table in HISTORY_TABLES
            if table.__tablename__ not in OUR_OWN
            for row in session.execute(select(table.__table__)).mappings()
        }


def usage(lived):
    with lived.services.readers() as session:
        return quota.usage(session, lived.alice, limit=700, now=lived.services.now())


def kill_at(monkeypatch, name):
    """Have the next worker die where it calls this."""
    living = getattr(advancing, name)

    def die(*_, **__):
        monkeypatch.setattr(advancing, name, living)
        raise Killed

    monkeypatch.setattr(advancing, name, die)


def test_a_finished_backfill_has_read_what_a_whole_comparison_would_find(lived):
    row = lived.finish()
    assert (row.next_attempt_at, row.cursor, row.error, row.skipped) == (None, None, None, 0)
    assert row.finished_at is not None
    lived.reconcile(is_whole=True)
    with lived.services.readers() as session:
        compared = reconciles.of(session, lived.held(session))
    assert (compared.drift_total, dict(compared.found())) == (0, {})


def test_no_question_is_left_open_by_it(lived):
    lived.finish()
    assert lived.pending() == []


def test_every_page_is_asked_for_once(lived):
    row = lived.finish()
    asked = Counter(sent.rpartition("/repositories/")[2] for sent in lived.transport.sent if "/diffstat" not in sent)
    base = f"{quote(lived.alice.principal_uuid)}/{quote(ALICE_REPOSITORY)}"
    # One list of the open ones, one of the closed ones, and that once more for the commits that their diffstats are between;
    # the commits of the main branch, and those of all branches.
    assert {sent: times for sent, times in asked.items() if times > 1} == {
        f"{base}/pullrequests": 3,
        f"{base}/commits": 2,
    }
    assert row.pages <= len(lived.transport.sent)


def test_the_open_pull_requests_come_first_and_with_all_that_a_panel_needs(lived):
    lived.advance_to(Stage.MAIN_BRANCH)
    opened = sum(one.state == "OPEN" for one in lived.story.repository.pull_requests.values())
    assert counted(lived)["pull_requests"] == opened
    kinds = Counter(map(kind_of_call, lived.transport.sent))
    assert kinds["GET pullrequests/#/activity"] == kinds["GET pullrequests/#/statuses"] == opened
    assert (
        len(lived.transport.sent) <= 2 + 3 * opened
    )  # the list of repositories, the list of pull requests, three of each


def test_calls_are_charged_to_the_backfill(lived):
    lived.finish()
    assert usage(lived).by_purpose == {
        Purpose.BACKFILL: len(lived.transport.sent),
        Purpose.EVENTS: 0,
        Purpose.RECONCILE: 0,
    }


def test_a_second_backfill_asks_only_for_what_is_missing(lived):
    lived.finish()
    before = len(lived.transport.sent)
    with lived.services.sessions.begin() as session:
        repository = lived.held(session)
        backfills.restart(session, repository, since=lived.row().since, now=lived.services.now())
    lived.finish()
    kinds = {kind_of_call(sent) for sent in lived.transport.sent[before:]}
    assert not kinds & {"GET pullrequests/#/activity", "GET pullrequests/#/commits", "GET diffstat/#"}


@pytest.mark.parametrize("where", ["_read", "_store"], ids=["before it has asked", "before it has stored"])
@pytest.mark.parametrize("pages", [1, 4, 9, 16])
def test_the_page_of_a_killed_worker_is_taken_up_again_in_six_seconds(lived, monkeypatch, where, pages):
    lived.advance(at_most=pages)
    before, row = counted(lived), lived.row()
    kill_at(monkeypatch, where)
    with pytest.raises(Killed):
        lived.advance()
    assert (counted(lived), lived.row().cursor, lived.row().pages) == (before, row.cursor, row.pages)
    lived.wait(seconds=LEASE.total_seconds() - 1)
    assert lived.advance() == 0
    lived.wait(seconds=1)
    assert lived.advance() == 1
    assert lived.row().pages == row.pages + 1
    assert timedelta(seconds=6) >= LEASE


def test_a_history_that_was_read_by_workers_that_were_killed_is_the_same(lived, monkeypatch, database_url):
    kills = 0
    lived.advance()
    while lived.row().stage is not Stage.DONE:
        kill_at(monkeypatch, "_store" if kills % 2 else "_read")
        with pytest.raises(Killed):
            lived.advance()
        kills += 1
        lived.wait(seconds=6)
        lived.advance(at_most=2)
    assert kills > 10
    assert lived.row().skipped == 0
    lived.reconcile(is_whole=True)
    with lived.services.readers() as session:
        assert reconciles.of(session, lived.held(session)).drift_total == 0


def test_a_worker_that_was_overtaken_stores_nothing(lived, monkeypatch, log_entries):
    lived.advance(at_most=3)
    storing = advancing._store

    def store_late(*arguments):
        monkeypatch.setattr(advancing, "_store", storing)
        lived.wait(seconds=6)
        assert lived.advance() == 1  # somebody else does the page meanwhile
        seen.append((counted(lived), lived.row().pages))
        storing(*arguments)

    seen = []
    monkeypatch.setattr(advancing, "_store", store_late)
    lived.advance()
    assert (counted(lived), lived.row().pages) == seen[0]
    assert "backfill.lease_lost" in [entry["event"] for entry in log_entries]


def test_a_slow_page_keeps_its_claim_from_call_to_call(lived, monkeypatch):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    sending = lived.transport.send

    def send_slowly(*arguments, **options):
        lived.wait(seconds=5)
        return sending(*arguments, **options)

    monkeypatch.setattr(lived.transport, "send", send_slowly)
    before = lived.row().pages
    assert lived.advance() == 1
    assert lived.row().pages == before + 1


def test_a_spent_budget_makes_it_wait_without_counting_as_a_failure(lived, log_entries):
    lived.advance(at_most=3)
    with lived.services.sessions.begin() as session:
        for _ in range(700):
            quota.charge(session, lived.alice.id, purpose=Purpose.RECONCILE, limit=700, now=lived.services.now())
    sent = len(lived.transport.sent)
    assert lived.advance() == 1
    assert (len(lived.transport.sent), lived.row().attempts) == (sent, 0)
    assert "BudgetSpent" in lived.row().error
    assert lived.advance() == 0
    lived.wait(minutes=60)
    assert lived.advance() == 0
    lived.wait(minutes=1)
    assert lived.advance() == 1
    assert lived.row().error is None
    assert "backfill.waits" in [entry["event"] for entry in log_entries]


def test_a_429_frees_the_worker_until_its_time(lived):
    lived.advance(at_most=3)
    lived.transport.troubles.append(PLAIN_429)
    assert lived.advance() == 1
    assert lived.advance() == 0
    assert usage(lived).blocked_until > lived.services.now()
    lived.wait(minutes=6)
    assert lived.advance() == 1


def test_a_token_that_is_not_given_keeps_all_pages_of_the_installation_back(lived, monkeypatch):
    lived.advance(at_most=3)
    lived.services.bearer_tokens.forget(ALICE_KEY)
    monkeypatch.setattr(lived.transport, "send", lambda *_, **__: answer({"error": "invalid_grant"}, status=400))
    assert lived.advance() == 1
    assert lived.row().error.startswith("GrantRefused")
    assert lived.advance() == 0
    assert usage(lived).backfill_after == lived.row().next_attempt_at


def test_a_token_endpoint_that_wants_no_calls_is_left_alone(lived, monkeypatch):
    lived.advance(at_most=3)
    lived.services.bearer_tokens.forget(ALICE_KEY)
    monkeypatch.setattr(lived.transport, "send", lambda *_, **__: PLAIN_429)
    assert lived.advance() == 1
    assert lived.advance() == 0
    assert usage(lived).backfill_after >= lived.services.now() + timedelta(minutes=5)


def test_what_passes_is_tried_again_with_growing_pauses(lived):
    lived.advance(at_most=3)
    pauses = []
    for attempt in range(1, 4):
        lived.transport.troubles.append(ConnectionFailed("gone"))
        assert lived.advance() == 1
        row = lived.row()
        assert row.attempts == attempt
        pauses.append(row.next_attempt_at - lived.services.now())
        assert lived.advance() == 0
        lived.wait(seconds=pauses[-1].total_seconds())
    assert min(pauses) >= timedelta(seconds=2.5)
    assert lived.advance() == 1
    assert (lived.row().attempts, lived.row().error) == (0, None)


def test_a_call_is_given_more_time_at_each_further_try(lived, monkeypatch):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    given, sending = [], lived.transport.send

    def send(request, *, deadline_seconds, **options):
        given.append(deadline_seconds)
        return sending(request, deadline_seconds=deadline_seconds, **options)

    monkeypatch.setattr(lived.transport, "send", send)
    lived.transport.troubles += [TimedOut("slow")] * 3
    for _ in range(4):
        lived.wait(minutes=10)
        lived.advance()
    assert given == [4.5, 9.0, 18.0, 20.0]


def test_a_pull_request_that_takes_too_long_every_time_is_left_out_and_said(lived, log_entries):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    for _ in range(MOST_TRIES):
        lived.transport.troubles.append(answer({}, status=555))
        lived.advance()
        lived.wait(minutes=20)
    assert (lived.row().skipped, lived.row().attempts) == (1, 0)
    (said,) = [entry for entry in log_entries if entry["event"] == "backfill.skipped"]
    assert (said["stage"], said["reason"]) == (Stage.OPEN_ACTIVITY, "out.timed_out_there")
    assert lived.finish().skipped == 1


def test_a_pull_request_that_is_there_no_more_is_left_out(lived):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    lived.transport.troubles.append(NOT_FOUND)
    lived.advance()
    assert lived.row().skipped == 1
    assert lived.finish().skipped == 1


def test_a_repository_that_is_there_no_more_is_let_go_of(lived):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    lived.transport.troubles += [NOT_FOUND] * 10
    lived.advance()
    with lived.services.readers() as session:
        assert repositories.find(session, lived.alice, ALICE_REPOSITORY) is None
    assert lived.advance() == 0
    lived.wait(hours=1)
    assert lived.advance() == 0


def test_a_stage_that_the_app_may_not_read_is_passed_by(lived):
    simulator_of(lived.app).faults.add(Fault(match=re.compile("/environments"), status=403, body=b"{}"))
    assert lived.finish().skipped == 1


def test_nothing_is_asked_and_nothing_stored_after_the_installation_has_ended(lived, monkeypatch):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    before, storing = counted(lived), advancing._store

    def store_after_the_end(*arguments):
        with lived.services.sessions.begin() as session:
            uninstall(session, ALICE_KEY)
        storing(*arguments)

    monkeypatch.setattr(advancing, "_store", store_after_the_end)
    lived.advance()
    sent = len(lived.transport.sent)
    assert lived.advance() == 0
    assert (counted(lived), len(lived.transport.sent)) == (before, sent)


def test_nothing_is_stored_of_a_repository_that_was_let_go_meanwhile(lived, monkeypatch):
    lived.advance_to(Stage.OPEN_ACTIVITY)
    before, storing = counted(lived), advancing._store

    def store_after_the_transfer(*arguments):
        now = lived.services.now() + timedelta(seconds=1)
        with lived.services.sessions.begin() as session:
            repositories.let_go(session, lived.alice, RepositoryFacts(ALICE_REPOSITORY), as_of=now, now=now)
        storing(*arguments)

    monkeypatch.setattr(advancing, "_store", store_after_the_transfer)
    lived.advance()
    with lived.services.readers() as session:
        repository = repositories.find_any(session, lived.alice, ALICE_REPOSITORY)
        held = session.scalar(
            select(func.count()).select_from(PullRequest).where(PullRequest.repository_id == repository.id)
        )
    assert held == before["pull_requests"]
    assert lived.advance() == 0


def test_a_re_install_goes_on_where_it_was(lived):
    lived.advance(at_most=20)
    row = lived.row()
    with lived.services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert lived.advance() == 0
    with lived.services.sessions.begin() as session:
        from tests.tenants import alice_offer, install

        install(session, alice_offer(issued_at=3_000), box=lived.services.secret_box, now=lived.services.now())
    lived.advance()
    assert lived.row().pages == row.pages + 1


def test_a_ring_does_one_page_and_a_ring_too_many_nothing(lived):
    assert advance_for(lived.services, lived.alice.id)
    lived.finish()
    assert not advance_for(lived.services, lived.alice.id)


def test_what_happens_while_it_reads_is_not_undone_by_it(lived):
    """Events are applied between its pages; afterwards a whole comparison finds nothing."""
    with lived.services.readers() as session:
        assert lived.held(session) is None
    lived.story._task = lambda: None  # of tasks no event tells
    lived._delivered = len(lived.story.deliveries())
    while lived.row() is None or lived.row().stage is not Stage.DONE:
        lived.advance(at_most=3)
        lived.story.tell(1)
        lived.deliver()
        if not lived.advance():
            lived.wait(minutes=1)
    lived.answer_all()
    before = said(lived)
    lived.reconcile(is_whole=True)
    assert said(lived) == before
