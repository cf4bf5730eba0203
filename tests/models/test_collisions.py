"""Transactions that collide are tried again, a few times, and everything else is not."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from models.collisions import MOST_TRIES, tried_again
from models.dialects import changed_rows
from models.installations import Installation
from tests.databases import BOTH
from tests.tenants import alice_offer, install

POSTGRES_ONLY = pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)


def error(sqlstate):
    return OperationalError("UPDATE", {}, SimpleNamespace(sqlstate=sqlstate))


class Failing:
    """Raises so many times, and then works."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.tries = 0

    def __call__(self):
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_has_collided_is_tried_again(sqlstate):
    work = Failing(*[error(sqlstate)] * (MOST_TRIES - 1))
    assert tried_again(work) == "done"
    assert work.tries == MOST_TRIES


def test_it_is_not_tried_for_ever():
    work = Failing(*[error("40001")] * 99)
    with pytest.raises(OperationalError):
        tried_again(work)
    assert work.tries == MOST_TRIES


@pytest.mark.parametrize("sqlstate", ["55P03", "57014", None])
def test_what_has_failed_otherwise_is_not(sqlstate):
    """A lock that was waited for in vain, a statement that took too long, a server that is away."""
    work = Failing(error(sqlstate))
    with pytest.raises(OperationalError):
        tried_again(work)
    assert work.tries == 1


@POSTGRES_ONLY
def test_of_two_that_change_the_same_row_in_one_snapshot_both_come_to_their_end(sessions, box):
    with sessions.begin() as session:
        row_id = install(session, alice_offer(), box=box).id
    have_read, tries = threading.Barrier(2), []

    def add_a_letter():
        with sessions.begin() as session:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            name = session.scalar(select(Installation.principal_name).where(Installation.id == row_id))
            if len(tries) < 2:
                tries.append(1)
                have_read.wait()
            changed_rows(
                session, update(Installation).where(Installation.id == row_id).values(principal_name=name + "x")
            )

    threads = [threading.Thread(target=tried_again, args=(add_a_letter,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert session.scalar(select(Installation.principal_name)).endswith("xx")
