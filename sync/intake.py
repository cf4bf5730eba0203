"""Taking deliveries in: those of several threads together, in one transaction that waits for the disk once.

SQLite has one writer at a time, and each commit that must last waits for the disk. Whoever gets the turn writes down for all who
have come meanwhile; nobody is told that a delivery is taken in before the transaction that holds it is committed. PostgreSQL does
the like by itself, and locks of one tenant shall not hold up another's there: each delivery has its own transaction, which is one statement and one trip to the server.

Nobody waits longer than they may, neither for the turn nor for the database. Where whoever has the turn waits in vain, all who have
come meanwhile are refused with them, rather than one after another.
"""

import contextlib
import functools
import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong

from models import inbox
from models.collisions import tried_again
from models.database import BUSY_TIMEOUT_MILLISECONDS, be_patient_for
from models.quick_connections import QuickConnections

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Engine

    from connect.webhooks import WebhookDelivery
    from models.installations import Installation

MOST_AT_ONCE: Final = 100
USUAL_PATIENCE_SECONDS: Final = BUSY_TIMEOUT_MILLISECONDS / 1000
_AS_USUAL: "Final[Callable[[], float]]" = functools.partial(float, "inf")


class _Entry:
    """A delivery that somebody waits for, and what has become of it."""

    def __init__(
        self, installation: "Installation", delivery: "WebhookDelivery", left_seconds: "Callable[[], float]"
    ) -> None:
        self.installation = installation
        self.delivery = delivery
        self.left_seconds = left_seconds
        self.is_done = False
        self.row_id: int | None = None
        self.error: Exception | None = None


class Intake:
    """The way into the inbox, for all threads of one process."""

    def __init__(
        self,
        engine: "Engine",
        *,
        now: "Callable[[], datetime]",
        is_shared: bool,
        first: "Callable[[], AbstractContextManager[None]]" = contextlib.nullcontext,
        connections: QuickConnections | None = None,
    ) -> None:
        """`first` is entered while somebody waits for a shared turn, so that work that can wait does.

        `connections` are those for single statements, where there are any already.
        """
        self._engine = engine
        self._connections = connections or QuickConnections(engine)
        self._now = now
        self._is_shared = is_shared
        self._first = first
        self._waiting: list[_Entry] = []
        self._is_anybody_writing = False
        self._changed = threading.Condition()
        """Guards the two, and tells when somebody has written down what they had."""

    def add(
        self,
        installation: "Installation",
        delivery: "WebhookDelivery",
        *,
        left_seconds: "Callable[[], float]" = _AS_USUAL,
    ) -> int | None:
        """Put a delivery into the inbox and commit it. Returns its row id; None where it is there already.

        `left_seconds` says how long it may still wait. Raises what the database does, also for a lock that is not to be had in time.
        """
        entry = _Entry(installation, delivery, left_seconds)
        if not self._is_shared:
            tried_again(functools.partial(self._write_alone, entry))
        else:
            with self._changed:
                self._waiting.append(entry)
            with self._first():
                self._wait_for(entry)
        if entry.error is not None:
            raise entry.error
        return entry.row_id

    def _wait_for(self, entry: _Entry) -> None:
        """Take the turn, unless somebody who has it has written the entry down first, and write down until it is done."""
        if not self._has_turn(entry):
            return
        try:
            while not entry.is_done:
                self._write_some()
        finally:
            self._end_turn()

    def _has_turn(self, entry: _Entry) -> bool:
        """Wait for the turn. False where there is no need of it any more: the entry is done, or it is too late for it.

        It is not waited for the turn alone: others may get it first, and whoever can be answered already must not wait for theirs.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_next(entry), min(entry.left_seconds(), threading.TIMEOUT_MAX))
            if not self._is_next(entry) and entry in self._waiting:
                self._waiting.remove(entry)
                entry.error = TookTooLong("Nobody could write the delivery down in time.")
                return False
            # Where it is being written down, that takes no longer than it may wait.
            self._changed.wait_for(lambda: self._is_next(entry))
            self._is_anybody_writing = self._is_anybody_writing or not entry.is_done
            return not entry.is_done

    def _is_next(self, entry: _Entry) -> bool:
        return entry.is_done or not self._is_anybody_writing

    def _end_turn(self) -> None:
        with self._changed:
            self._is_anybody_writing = False
            self._changed.notify_all()

    def _write_some(self) -> None:
        """Write down those that have waited longest, and tell them."""
        with self._changed:
            some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        self._write_these(some)
        with self._changed:
            self._changed.notify_all()

    def _write_these(self, some: "Sequence[_Entry]") -> None:
        try:
            self._write(some)
        except OperationalError as error:
            # The database is away, or somebody keeps its lock. Whoever has come meanwhile has waited as well, and shall not
            # wait as long once more: Bitbucket sends again.
            self._fail(some, error)
        except Exception:  # noqa: BLE001 -- one that cannot be stored must not take the others with it
            self._write_one_by_one(some)

    def _write_alone(self, entry: _Entry) -> None:
        if self._engine.dialect.name == "sqlite" or entry.left_seconds() < USUAL_PATIENCE_SECONDS:
            self._write([entry])  # where the wait for a lock is to be cut short, a transaction has to say so
            return
        entry.row_id = inbox.add_alone(self._connections, entry.installation, entry.delivery, now=self._now())
        entry.is_done = True

    def _write(self, entries: "Sequence[_Entry]") -> None:
        now = self._now()
        # Without a session, which keeps account of objects and costs as much as the statement: there are none here.
        with self._engine.connect() as connection:
            be_patient_for(connection, seconds=min(entry.left_seconds() for entry in entries))
            with connection.begin():
                row_ids = inbox.add_all(
                    connection, [(entry.installation, entry.delivery) for entry in entries], now=now
                )
        for entry, row_id in zip(entries, row_ids, strict=True):
            entry.row_id, entry.is_done = row_id, True

    def _write_one_by_one(self, entries: "Sequence[_Entry]") -> None:
        for entry in entries:
            try:
                self._write([entry])
            except Exception as error:  # noqa: BLE001 -- raised where it is waited for
                entry.error, entry.is_done = error, True

    def _fail(self, entries: "Sequence[_Entry]", error: Exception) -> None:
        with self._changed:
            late, self._waiting = self._waiting, []
        for entry in (*entries, *late):
            entry.error, entry.is_done = error, True
