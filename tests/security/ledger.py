"""Reads and restores the service's database directly: what an attack must not have changed, and what a control must.

This is the one place of the runner that knows the service's tables and opens its seals.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from connect.lifecycle import InstallationState
from models.audit import LifecycleAudit
from models.backfills import Backfill, RepositoryListing
from models.database import create_engine, create_readers
from models.encryption import SecretBox
from models.history.follow_ups import FollowUp
from models.inbox import Delivery, DeliveryState
from models.installations import Installation
from models.repositories import Repository
from models.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, Executable, Select

WORK = (Backfill, RepositoryListing, FollowUp)
DAILY_WORK = {Delivery.__tablename__, Installation.__tablename__, *(work.__tablename__ for work in WORK)}
# The audit trail tells of refusals too; the figures of the night are worked out from rows that are compared themselves.
NOT_STATE = {LifecycleAudit.__tablename__, "nightly_figures", "turns"}
# When the service was here last is not put back: it would believe that it was away, and compare everything.
NOT_PUT_BACK = {"presences"}
DUE = {"next_attempt_at", "due_at", "looked_at"}

Snapshot = dict[str, list[dict[str, Any]]]


class Ledger:
    """The rows of every tenant, past the service."""

    def __init__(self, database_url: str, secret_keys: str) -> None:
        self._engine = create_engine(database_url)
        self._readers = create_readers(self._engine)
        self._restored = 0
        self._box = SecretBox([base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) for key in secret_keys.split(",")])

    @property
    def files(self) -> list[Path]:
        """The database's files, to be looked through as an attacker would who stole them; none for a server."""
        database = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or database is None:
            return []
        return [path for path in (Path(database), Path(f"{database}-wal")) if path.exists()]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """While inside, nobody else can write, and on PostgreSQL nobody read either."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                names = ", ".join(table.name for table in Base.metadata.sorted_tables)
                connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
            yield

    def close(self) -> None:
        self._engine.dispose()

    def snapshot(self) -> Snapshot:
        """Every row of every table."""
        with self._readers() as session:
            return {
                table.name: [
                    dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in Base.metadata.sorted_tables
            }

    def restore(self, snapshot: Snapshot) -> None:
        """Put every table back as it was, in one transaction.

        Versions go back with the rows, which they never do otherwise: what the processes keep of one entry's repository must
        not pass for the next one's. So each time it is another repository to them, first seen a moment later.
        """
        self._restored += 1
        while not self._is_restored(snapshot):
            pass

    def _is_restored(self, snapshot: Snapshot) -> bool:
        """Whether it went through. All tables at once are not in the order in which the service takes its locks: who stood in its way, steps back."""
        try:
            self._restore(snapshot)
        except OperationalError as error:
            if isinstance(error.orig, psycopg.errors.DeadlockDetected):
                return False
            raise
        return True

    def _restore(self, snapshot: Snapshot) -> None:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in NOT_PUT_BACK]
        with self._engine.begin() as connection:
            for table in reversed(tables):
                connection.execute(delete(table))
            for table in tables:
                if rows := snapshot[table.name]:
                    connection.execute(insert(table), rows)
            later = timedelta(microseconds=self._restored)
            for row in snapshot[Repository.__tablename__]:
                anew = {Repository.first_seen_at: row["first_seen_at"] + later}
                connection.execute(update(Repository).where(Repository.id == row["id"]).values(anew))

    def rows_by_tenant(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """All that is kept, by client key and by table, in one look. The audit trail is not state: refusals are written there too."""
        rows = self.snapshot()
        keys = {row["id"]: row["client_key"] for row in rows[Installation.__tablename__]}
        owners = {row["id"]: row["installation_id"] for row in rows[Repository.__tablename__]}
        found: dict[str, dict[str, list[dict[str, Any]]]] = {key: _no_rows() for key in sorted(keys.values())}
        for name in _no_rows():
            for row in rows[name]:
                if (owner := _owner_of(name, row, owners)) in keys:
                    found[keys[owner]][name].append(row)
        return found

    def rows_of(self, client_key: str) -> dict[str, list[dict[str, Any]]]:
        """All that is kept for a tenant, by table."""
        return self.rows_by_tenant().get(client_key, _no_rows())

    def fingerprint(self, client_key: str) -> str:
        """Equal for equal rows, byte for byte."""
        return fingerprint_of(self.rows_of(client_key))

    def state(self, client_key: str) -> str | None:
        """`pending`, `active`, `uninstalled`, or None where the tenant has no row."""
        with self._readers() as session:
            state = session.scalar(select(Installation.state).where(Installation.client_key == client_key))
            return None if state is None else state.value

    def secret(self, client_key: str) -> str | None:
        """The secret in force, opened."""
        return next(iter(self.secrets(client_key)), None)

    def secrets(self, client_key: str) -> list[str]:
        """The current and the previous secret, opened."""
        return [self._box.open(text, context=client_key) for text in self.seals(client_key)]

    def repositories(self, client_key: str) -> list[dict[str, Any]]:
        return self.rows_of(client_key)[Repository.__tablename__]

    def deliveries(self, client_key: str) -> list[dict[str, Any]]:
        return self.rows_of(client_key)[Delivery.__tablename__]

    def audit(self, client_key: str) -> list[dict[str, Any]]:
        """The tenant's audit trail, oldest first."""
        table = LifecycleAudit.__table__
        with self._readers() as session:
            rows = session.execute(select(table).where(table.c.client_key == client_key).order_by(table.c.id))
            return [dict(row) for row in rows.mappings()]

    def execute(self, statement: Executable) -> None:
        """Change something behind the service's back."""
        with self._engine.begin() as connection:
            connection.execute(statement)

    def value(self, statement: Select[tuple[Any]]) -> Any:
        """The first value of the first row."""
        with self._readers() as session:
            return session.scalar(statement)

    def seals(self, client_key: str) -> list[str]:
        """The current and the previous secret as they are kept."""
        columns = select(Installation.sealed_secret, Installation.sealed_previous_secret)
        with self._readers() as session:
            sealed = session.execute(columns.where(Installation.client_key == client_key)).one_or_none() or ()
        return [text for text in sealed if text]

    def seal_anew(self, client_key: str, secret: str) -> None:
        """Put a secret back into a row whose seal was changed."""
        sealed = self._box.seal(secret, context=client_key)
        self.execute(update(Installation).where(Installation.client_key == client_key).values(sealed_secret=sealed))

    def text(self) -> str:
        """Every row of every table as text, as a dump of the database would hold it."""
        return repr(self.snapshot())

    def pending_deliveries(self) -> int:
        """How many deliveries still wait to be applied."""
        with self._readers() as session:
            waiting = select(func.count()).where(Delivery.state == DeliveryState.PENDING, _is_served(Delivery))
            return session.scalar(waiting) or 0

    def pending_work(self) -> int:
        """How much waits for a worker: deliveries, what they left to be asked, histories that are read for the first time.

        What an uninstalled tenant was in the middle of waits for a purge, or for it to come back, and for no worker.
        """
        counts = [select(func.count()).where(work.next_attempt_at.is_not(None), _is_served(work)) for work in WORK]
        with self._readers() as session:
            return self.pending_deliveries() + sum(session.scalar(count) or 0 for count in counts)

    def work_until(self, moment: datetime) -> int:
        """How much of it somebody is at, or may be before a moment: the rest waits for a later attempt."""
        now = datetime.now(UTC)
        with self._readers() as session:
            return sum(
                session.scalar(
                    select(func.count()).where(
                        or_((work.next_attempt_at <= moment) & _is_served(work), work.lease_until > now)
                    )
                )
                or 0
                for work in (Delivery, *WORK)
            )

    def hasten(self) -> None:
        """What waits for a moment waits no longer: for several events to be answered by one question, or after a call that failed."""
        now = datetime.now(UTC)
        for work in WORK:
            waiting = (work.next_attempt_at > now) & work.is_free_at(now)
            self.execute(update(work).where(waiting).values(next_attempt_at=now))

    def waiting_work(self) -> str:
        """What waits, for whoever has to find out why: how many rows of each kind, and what they have failed with."""
        with self._readers() as session:
            counts = {
                work.__tablename__: session.scalar(select(func.count()).where(work.next_attempt_at.is_not(None)))
                for work in (Delivery, *WORK)
            }
            errors = [
                error
                for work in (Delivery, *WORK)
                if hasattr(work, "error")
                for error in session.scalars(select(work.error).where(work.error.is_not(None)).distinct())
            ]
        return f"waiting: {counts}; errors: {errors}"

    def put_off_the_night(self) -> None:
        """Nothing that is due once a day falls due during the run: it would move rows under the entries' eyes."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        for table in Base.metadata.sorted_tables:
            for name in DUE & set(table.c.keys()) if table.name not in DAILY_WORK else ():
                self.execute(update(table).where(table.c[name].is_not(None)).values({name: tomorrow}))


def _is_served(work: Any) -> ColumnElement[bool]:
    """Whether a worker may do it: its installation is active."""
    active = select(Installation.id).where(Installation.state == InstallationState.ACTIVE)
    if work is FollowUp:
        return FollowUp.repository_id.in_(select(Repository.id).where(Repository.installation_id.in_(active)))
    return work.installation_id.in_(active)


def fingerprint_of(rows: Mapping[str, list[dict[str, Any]]]) -> str:
    """Equal for equal rows, byte for byte."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _no_rows() -> dict[str, list[dict[str, Any]]]:
    """The tables that hold rows of tenants, each empty."""
    owned = {"installation_id", "repository_id"}
    tables = [table for table in Base.metadata.sorted_tables if table.name not in NOT_STATE]
    return {
        table.name: [] for table in tables if table.name == Installation.__tablename__ or owned & set(table.c.keys())
    }


def _owner_of(table: str, row: Mapping[str, Any], owners: Mapping[int, int]) -> int | None:
    """The id of the installation that a row belongs to."""
    if table == Installation.__tablename__:
        return int(row["id"])
    owner = row["installation_id"] if "installation_id" in row else owners.get(row["repository_id"])
    return None if owner is None else int(owner)
