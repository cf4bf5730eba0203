"""A comparison from beginning to end in one go: for an operator who waits for it, and for tests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models import reconciles
from models.history import follow_ups
from models.reconciles import Stage
from sync.follow_ups import answer
from sync.reconcile.repository import compare

if TYPE_CHECKING:
    from models.repositories import Repository
    from services import Services

AT_ONCE = 50


def compare_at_once(services: "Services", repository: "Repository", *, is_whole: bool = False) -> Iterator[int]:
    """Compare a repository now and answer what follows. Yields how many questions are open after each step.

    Ends where nothing can be done any more before time passes: at the end, or because the calls of the hour are used up.
    """
    with services.sessions.begin() as session:
        reconciles.hasten(session, repository, now=services.now(), is_whole=is_whole)
        row = reconciles.of(session, repository)
    if row is None:
        return
    while compare(services, row.id):
        yield _open(services, repository)
    yield from _answered(services, repository)


def is_over(services: "Services", repository: "Repository") -> bool:
    """Whether the comparison has come to its end, and all that it asked was answered."""
    with services.readers() as session:
        row = reconciles.of(session, repository)
        is_waiting = row is not None and row.stage is Stage.WAITING and row.finished_at is not None
        return is_waiting and not follow_ups.count(session, repository, is_routine=True)


def _answered(services: "Services", repository: "Repository") -> Iterator[int]:
    """Answer what is due, and what answers lead to."""
    while True:
        with services.readers() as session:
            due = follow_ups.due_about(session, repository, now=services.now(), at_most=AT_ONCE)
        if not due:
            return
        for follow_up_id in due:
            answer(services, follow_up_id)
            yield _open(services, repository)


def _open(services: "Services", repository: "Repository") -> int:
    with services.readers() as session:
        return follow_ups.count(session, repository)
