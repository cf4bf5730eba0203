"""Effects of a Bitbucket that answers badly: what jobs make of it, how long they wait, what pages still show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from demo.errors import WaitedTooLong
from demo.waiting import wait_until
from models.history.follow_ups import FollowUp
from models.installations import Installation
from models.quota import CallCount, Quota
from models.repositories import Repository, RepositoryState
from tests.security import jobs
from tests.security.effects.registry import effect
from tests.security.laboratory import panel_entry
from tests.security.pages import page_token_in
from tests.security.recipes.cast import repository_name
from tests.security.stage import accept, push_entry, uninstall

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.performance import Outcome

# What a failed call may move: the question itself, and what is counted of calls.
BOOKKEEPING = {FollowUp.__tablename__, Quota.__tablename__, CallCount.__tablename__, Installation.__tablename__}
MOST_FAILURES = 10
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=15)
CLOCK_SLACK = timedelta(seconds=30)


@effect(
    "treated as failure|aborted|aborted at the size cap|job fails cleanly|stops at the page cap and at a repeated URL"
    "|object dropped and counted"
)
def failed_cleanly(outcome: Outcome) -> None:
    """Nothing of the answer was stored, the question waits for another try, the worker goes on, and the page is there."""
    laboratory = outcome.laboratory
    waiting = jobs.row(laboratory)
    assert waiting is not None, "the question counts as answered"
    assert waiting["next_attempt_at"] > datetime.now(UTC), "it is asked again at once"
    assert _history(outcome.latest_rows) == _history(outcome.rows_before), "rows were written from it"
    assert outcome.answer.status == 200
    assert page_token_in(outcome.answer.text)
    laboratory.system.control.delete("/faults")
    _worker_goes_on(laboratory)


def _history(rows: dict[str, list[dict[str, object]]]) -> dict[str, str]:
    return {table: repr(found) for table, found in rows.items() if table not in BOOKKEEPING}


def _worker_goes_on(laboratory: Laboratory) -> None:
    accept(laboratory.ask(push_entry("A.repo_private")), "an event after it")
    try:
        wait_until(lambda: laboratory.ledger.pending_deliveries() == 0, what="the worker", timeout_seconds=30)
    except WaitedTooLong as problem:
        raise AssertionError("the worker does nothing any more") from problem


@effect(r"wait in \[1 s, 15 min\]")
def waits_within_bounds(outcome: Outcome) -> None:
    """Whatever Retry-After says: the installation's calls, and the question, wait neither for ever nor not at all."""
    rows = outcome.latest_rows
    blocked = [row["blocked_until"] for row in rows[Quota.__tablename__] if row["blocked_until"] is not None]
    assert blocked, "no pause was taken"
    waiting = jobs.row(outcome.laboratory)
    assert waiting is not None
    now = datetime.now(UTC)
    for until in (*blocked, waiting["next_attempt_at"]):
        assert SHORTEST_WAIT - CLOCK_SLACK < until - now <= LONGEST_WAIT, f"it waits for {until - now}"


@effect("circuit opens <= 10 failures")
def circuit_opens(outcome: Outcome) -> None:
    """However often pages that must ask are opened, after ten failed calls of a process nothing reaches Bitbucket any more."""
    laboratory = outcome.laboratory
    for _ in range(60):
        jobs.open_page_that_must_ask(laboratory)
    laboratory.forget_api_calls()
    for _ in range(20):
        answer = jobs.open_page_that_must_ask(laboratory)
        assert answer.status == 503
    assert laboratory.api_calls() == [], "Bitbucket is still called after dozens of failures"
    reasons = [
        entry.get("reason") for entry in laboratory.journal.entries if entry.get("event") == "panel.bitbucket_failed"
    ]
    failures = reasons.index("out.circuit_open")
    # Two processes serve pages, and each has a circuit of its own.
    assert failures <= 2 * MOST_FAILURES, f"the first circuit opened after {failures} failures"


@effect(r"recovers <= (?P<seconds>\d+) s after")
def recovers(outcome: Outcome, seconds: str) -> None:
    """A page that must ask is answered again: a 404, since Bitbucket then says that there is no such repository."""
    laboratory = outcome.laboratory
    laboratory.system.control.delete("/faults")
    try:
        wait_until(
            lambda: jobs.open_page_that_must_ask(laboratory).status == 404,
            what="the end of the circuit's rest",
            timeout_seconds=float(seconds),
        )
    except WaitedTooLong as problem:
        raise AssertionError("Bitbucket is back, and is not asked") from problem


@effect("panel shows stale data with its age")
def stale_data_is_shown(outcome: Outcome) -> None:
    """The page from our own copy, with the moment that it is of."""
    assert outcome.answer.status == 200
    assert "<time" in outcome.answer.text, "the page does not say of when it is"


@effect("tenant marked suspect")
def tenant_is_suspect(outcome: Outcome) -> None:
    (row,) = outcome.latest_rows[Installation.__tablename__]
    assert row["credentials_refused_at"] is not None, "nobody noticed that Bitbucket refuses its secret"


@effect("uninstall reconciled")
def uninstall_is_reconciled(outcome: Outcome) -> None:
    """The uninstall that this was about arrives late, and is taken in all the same; the marked tenant is served no more."""
    laboratory = outcome.laboratory
    laboratory.system.control.delete("/faults")
    uninstall(laboratory, "A")
    assert laboratory.ledger.state(laboratory.cast.tenant("A").client_key) == "uninstalled"
    assert laboratory.ask(panel_entry("A", "A.user_member")).status == 401


@effect("only that repository is skipped")
def only_that_one_is_skipped(outcome: Outcome) -> None:
    """What Bitbucket does not show is let go of; the others of the tenant are held and shown."""
    laboratory = outcome.laboratory
    tenant = laboratory.cast.tenant("A")
    rows = {row["uuid"]: row["state"] for row in outcome.latest_rows[Repository.__tablename__]}
    assert rows[tenant.repositories["repo_open"]] is RepositoryState.GONE
    others = {fact: uuid for fact, uuid in tenant.repositories.items() if fact != "repo_open"}
    assert others
    for fact, uuid in others.items():
        assert rows[uuid] is RepositoryState.HELD, f"{fact} was let go of too"
        answer = laboratory.ask(panel_entry("A", "A.user_member", repository=fact))
        assert answer.status == 200, f"{repository_name(tenant, fact)} is not shown"
