"""The job that calls the API: a question about A's open repository that is due now, answered by the real worker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from demo.waiting import wait_until
from models.history.follow_ups import FollowUp, FollowUpKind
from models.repositories import Repository
from tests.security.laboratory import panel_entry

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.wire import Answer

# What the API is made to answer badly: everything about A's repositories, by whatever name they are asked for.
ASKED = r"/2\.0/repositories/"
KIND = FollowUpKind.PULL_REQUEST_COMMITS
"""A list of many pages, so that what is wrong with pages, links and items of lists all counts."""
SUBJECT = "1"
PATIENCE_SECONDS = 60.0


def ask_of_bitbucket(laboratory: Laboratory) -> None:
    """Let the question be asked, and wait until the worker has had its answer, whatever that was."""
    repository = repository_id(laboratory)
    before = {entry["at"] for entry in _said(laboratory)}
    due = {
        "repository_id": repository,
        "kind": KIND,
        "subject": SUBJECT,
        "marked_at": datetime.now(UTC),
        "next_attempt_at": datetime.now(UTC),
        "attempts": 0,
        "is_routine": False,
    }
    laboratory.ledger.execute(delete(FollowUp))
    laboratory.ledger.execute(
        insert(FollowUp).values({name: due[name] for name in due if name in FollowUp.__table__.c})
    )
    wait_until(
        lambda: [entry for entry in _said(laboratory) if entry["at"] not in before] or row(laboratory) is None,
        what="the worker's question",
        timeout_seconds=PATIENCE_SECONDS,
    )


def row(laboratory: Laboratory) -> dict[str, Any] | None:
    """The question as it waits; None once it is answered or given up."""
    table = FollowUp.__table__
    rows = laboratory.ledger.rows_of(laboratory.cast.tenant("A").client_key)[table.name]
    return next((one for one in rows if one["kind"] is KIND and one["subject"] == SUBJECT), None)


def repository_id(laboratory: Laboratory) -> int:
    uuid = laboratory.cast.tenant("A").repositories["repo_open"]
    return int(laboratory.ledger.value(select(Repository.id).where(Repository.uuid == uuid)))


def open_page_that_must_ask(laboratory: Laboratory) -> Answer:
    """A page of a repository that the service has never heard of: Bitbucket is asked while the viewer waits."""
    entry = panel_entry("A", "A.user_member")
    entry["request"]["query"][0] = ["repo_uuid", "{aaaaaaaa-0000-4000-8000-00000000fade}"]
    return laboratory.ask(entry)


def _said(laboratory: Laboratory) -> list[dict[str, Any]]:
    """What the worker has said of questions that were not answered."""
    events = ("follow_up.failed", "follow_up.given_up", "follow_up.absent", "quota.rate_limited", "repository.gone")
    return [entry for entry in laboratory.journal.entries if entry.get("event") in events]
