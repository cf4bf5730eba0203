"""The inbox: webhook deliveries that were acknowledged, until they are applied. The rows are the work; the queue only wakes workers.

A delivery is claimed with a lease, under a name that is made anew for each claim. Everything that a worker writes about it is
guarded by that name, so a worker whose lease has passed on stores nothing. Attempts are counted when they begin: a delivery
that kills its worker comes to an end too.

Locks are always taken in the order installation, delivery, repository.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy import (
    Connection,
    Dialect,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models.base import UUID_LENGTH, Base, Leased, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows
from models.errors import LeaseLost
from models.installations import Installation
from models.leaps import installations_with
from models.quick_connections import QuickConnections
from models.quick_inserts import InsertUnlessThere

if TYPE_CHECKING:
    from connect.webhooks import WebhookDelivery

MAX_ATTEMPTS: Final = 5
"""After so many failures a delivery is a dead letter."""


class DeliveryState(StrEnum):
    """What has become of a delivery."""

    PENDING = "pending"
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"


def _where(state: str) -> dict[str, Any]:
    return dict.fromkeys(("sqlite_where", "postgresql_where"), text(f"state = '{state}'"))


class Delivery(Leased, Base):
    """One acknowledged delivery. Its payload is kept only as long as somebody may still need it: pending and dead ones."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    delivery_uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    body_sha256: Mapped[str] = mapped_column(String(64))
    event_key: Mapped[str] = mapped_column(OutsideText(64))
    repository_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    workspace_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    attempt_number: Mapped[int] = mapped_column()
    event_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState))
    attempts: Mapped[int] = mapped_column(default=0)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(OutsideText(500))

    __table_args__ = (
        # Named, because the conventional name is longer than PostgreSQL allows.
        UniqueConstraint("installation_id", "delivery_uuid", "body_sha256", name="uq_webhook_deliveries_delivery"),
        # Of the rows in one state only, so that they stay small however long the history is: what claims look through, and
        # what an operator looks at.
        Index("ix_webhook_deliveries_pending", "installation_id", "next_attempt_at", "id", **_where("pending")),
        Index("ix_webhook_deliveries_dead", "installation_id", **_where("dead")),
        Index(None, "processed_at"),
    )

    def decoded_payload(self) -> dict[str, Any]:
        """The bare body of the webhook; empty once the delivery is closed."""
        payload: dict[str, Any] = json.loads(self.payload)
        return payload


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to apply one delivery until the lease ends. `owner` names this claim and no other; `attempts` counts it."""

    delivery_id: int
    installation_id: int
    owner: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and how long the oldest has waited. Dead letters do not wait: somebody must look at them."""

    pending: int
    dead: int
    oldest_received_at: datetime | None


def add(session: Session, installation: Installation, delivery: "WebhookDelivery", *, now: datetime) -> int | None:
    """Put a delivery into the inbox. Returns its row id, or None where this delivery is there already."""
    return add_all(session.connection(), [(installation, delivery)], now=now)[0]


def add_all(
    connection: Connection, some: "Sequence[tuple[Installation, WebhookDelivery]]", *, now: datetime
) -> list[int | None]:
    """Put deliveries into the inbox by one statement. Returns for each what `add` does; of two that are equal, the first is put there."""
    values = [_values_of(installation, delivery, now=now) for installation, delivery in some]
    ids = _adding(connection.dialect, len(values)).execute(connection, values)
    keys = ((installation.id, delivery.delivery_uuid, delivery.body_sha256) for installation, delivery in some)
    return [ids.pop(key, None) for key in keys]


def add_alone(
    connections: QuickConnections, installation: Installation, delivery: "WebhookDelivery", *, now: datetime
) -> int | None:
    """As `add`, in PostgreSQL and by a statement that is a transaction of its own: committed when this returns."""
    ids = _adding(connections.dialect, 1).execute_alone(connections, [_values_of(installation, delivery, now=now)])
    return next(iter(ids.values()), None)


_KEY: Final = ("installation_id", "delivery_uuid", "body_sha256")
_GIVEN: Final = (
    *_KEY,
    *("event_key", "repository_uuid", "workspace_uuid", "attempt_number", "event_time", "received_at"),
    *("payload", "state", "attempts", "next_attempt_at"),
)


@lru_cache(maxsize=256)
def _adding(dialect: Dialect, count: int) -> InsertUnlessThere:
    return InsertUnlessThere(dialect, Delivery, _GIVEN, key=_KEY, count=count)


def _values_of(installation: Installation, delivery: "WebhookDelivery", *, now: datetime) -> tuple[object, ...]:
    """What is stored of a delivery, in the order of `_GIVEN`."""
    return (
        installation.id,
        delivery.delivery_uuid,
        delivery.body_sha256,
        delivery.event_key,
        delivery.repository_uuid,
        delivery.workspace_uuid,
        delivery.attempt_number,
        delivery.event_time,
        now,
        _text_of(delivery.payload),
        DeliveryState.PENDING,
        0,
        now,
    )


def _text_of(payload: dict[str, Any]) -> str:
    """A payload as ASCII, so that whatever a string of it holds is text that both databases take."""
    try:
        return msgspec.json.encode(payload).decode("ascii")
    except UnicodeError:
        return json.dumps(payload, ensure_ascii=True, separators=(",", ":"))


def claim_next(session: Session, *, now: datetime, lease: timedelta) -> Claim | None:
    """Claim a due delivery of the active installation that has waited longest for its turn; None where nothing is due.

    One tenant's backlog never holds up another's first delivery. Commit before the work begins.
    """
    passed_over: list[int] = []
    while (installation_id := session.scalar(_next_in_turn(now, passed_over=passed_over))) is not None:
        claim = _claim_of(session, installation_id, now=now, lease=lease)
        if claim is not None:
            return claim
        passed_over.append(installation_id)  # others have taken its due deliveries since
    return None


def claim(session: Session, delivery_id: int, *, now: datetime, lease: timedelta) -> Claim | None:
    """Claim this delivery, whoever's turn it is; None where it is not due, not free, or its installation is not active."""
    active = (
        select(Delivery.installation_id)
        .join(Installation)
        .where(Delivery.id == delivery_id, Installation.state == InstallationState.ACTIVE)
    )
    installation_id = session.scalar(active)
    return None if installation_id is None else _take(session, delivery_id, installation_id, now=now, lease=lease)


def leased(session: Session, claimed: Claim) -> Delivery:
    """The delivery of a claim, kept from other writers until the commit. Raises LeaseLost where the claim is not good any more."""
    row = session.scalar(select(Delivery).where(*_is_held(claimed)).with_for_update())
    if row is None:
        raise LeaseLost(f"delivery {claimed.delivery_id} is no longer ours")
    return row


def finish(session: Session, claimed: Claim, *, now: datetime, ignored_because: str | None = None) -> None:
    """Close a delivery in the transaction that applied it, and let its payload go. Raises LeaseLost."""
    state = DeliveryState.DONE if ignored_because is None else DeliveryState.IGNORED
    _release(session, claimed, state=state, processed_at=now, error=ignored_because, payload="{}", next_attempt_at=None)


def fail(session: Session, claimed: Claim, *, error: str, now: datetime, retry_at: datetime | None) -> None:
    """Give a delivery back until `retry_at`; without one it is a dead letter. Raises LeaseLost."""
    state = DeliveryState.DEAD if retry_at is None else DeliveryState.PENDING
    processed_at = now if retry_at is None else None
    _release(session, claimed, state=state, processed_at=processed_at, error=error, next_attempt_at=retry_at)


def exhausted(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """Deliveries whose last attempt has ended without a word, because it killed its worker: row ids, for `bury`."""
    rows = select(Delivery.id).where(*_is_exhausted(now)).limit(at_most)
    return session.scalars(rows).all()


def bury(session: Session, delivery_ids: Sequence[int], *, now: datetime) -> int:
    """Make dead letters of deliveries that are exhausted. Returns how many."""
    rows = update(Delivery).where(Delivery.id.in_(delivery_ids), *_is_exhausted(now))
    error = f"The worker stopped {MAX_ATTEMPTS} times while it applied this delivery."
    dead = {"state": DeliveryState.DEAD, "processed_at": now, "error": error, "lease_owner": None, "lease_until": None}
    return changed_rows(session, rows.values(dead))


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of deliveries that a worker could claim now, the longest due first."""
    rows = select(Delivery.id).join(Installation)
    rows = rows.where(Installation.state == InstallationState.ACTIVE, *_is_claimable(now))
    return session.scalars(rows.order_by(Delivery.next_attempt_at, Delivery.id).limit(at_most)).all()


def obsolete(session: Session, *, processed_before: datetime, dead_before: datetime, at_most: int) -> Sequence[int]:
    """Closed deliveries that nobody needs any more, neither for deduplication nor as dead letters: row ids, for `forget`."""
    is_closed = Delivery.state.in_((DeliveryState.DONE, DeliveryState.IGNORED))
    closed = select(Delivery.id).where(is_closed, Delivery.processed_at < processed_before)
    dead = select(Delivery.id).where(_IS_DEAD, Delivery.processed_at < dead_before)
    return session.scalars(union_all(closed, dead).limit(at_most)).all()


def forget(session: Session, delivery_ids: Sequence[int]) -> int:
    """Delete closed deliveries. Returns how many; what is pending stays, whatever the ids say."""
    closed = delete(Delivery).where(Delivery.id.in_(delivery_ids), Delivery.state != DeliveryState.PENDING)
    return changed_rows(session, closed)


def last_received_at(
    session: Session, installation: Installation, *, repository_uuid: str | None = None
) -> datetime | None:
    """When the last delivery of an installation came in, or the last about one repository; None where none is known any more."""
    rows = select(func.max(Delivery.received_at, type_=UtcDateTime()))
    return session.scalar(rows.where(*_of(installation, repository_uuid)))


def outcomes(
    session: Session, installation: Installation, *, since: datetime, repository_uuid: str | None = None
) -> dict[DeliveryState, int]:
    """What has become of the deliveries that came in from a moment on."""
    rows = select(Delivery.state, func.count()).where(
        *_of(installation, repository_uuid), Delivery.received_at >= since
    )
    return dict.fromkeys(DeliveryState, 0) | dict(session.execute(rows.group_by(Delivery.state)).all())


def count_dead(session: Session, installation: Installation, *, repository_uuid: str | None = None) -> int:
    """How many deliveries were given up."""
    return session.scalar(select(func.count()).where(*_of(installation, repository_uuid), _IS_DEAD)) or 0


def dead_letters(session: Session, installation: Installation, *, at_most: int = 100) -> Sequence[Delivery]:
    """The installation's dead letters, oldest first."""
    rows = select(Delivery).where(Delivery.installation_id == installation.id, _IS_DEAD)
    return session.scalars(rows.order_by(Delivery.id).limit(at_most)).all()


def replay(session: Session, installation: Installation, delivery_id: int, *, now: datetime) -> bool:
    """Make a dead letter due again, with all its attempts. False where the installation has no such dead letter."""
    dead = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.installation_id == installation.id, Delivery.state == DeliveryState.DEAD
    )
    values = {
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "processed_at": None,
        "error": None,
    }
    return changed_rows(session, dead.values(values)) == 1


def backlog(session: Session) -> Backlog:
    """How much waits over all installations, for metrics and the operator."""
    pending = session.execute(
        select(func.count(), func.min(Delivery.received_at, type_=UtcDateTime())).where(
            Delivery.state == DeliveryState.PENDING
        )
    ).one()
    dead = session.scalar(select(func.count()).where(_IS_DEAD)) or 0
    return Backlog(pending=pending[0], dead=dead, oldest_received_at=pending[1])


def _of(installation: Installation, repository_uuid: str | None) -> tuple[ColumnElement[bool], ...]:
    ours = Delivery.installation_id == installation.id
    return (ours,) if repository_uuid is None else (ours, Delivery.repository_uuid == repository_uuid)


def _next_in_turn(now: datetime, *, passed_over: Sequence[int]) -> Select[int]:
    """The active installation with a due delivery that was served longest ago."""
    waiting = installations_with(Delivery.installation_id, _IS_PENDING, name="waiting")
    # A scalar subquery in the order of the index: of an EXISTS, PostgreSQL may make a join over the whole backlog.
    due_ones = select(Delivery.id).where(Delivery.installation_id == Installation.id, *_is_claimable(now))
    a_due_one = due_ones.order_by(Delivery.next_attempt_at, Delivery.id).limit(1)
    row = select(Installation.id).join(waiting, waiting.c.id == Installation.id)
    row = row.where(
        Installation.state == InstallationState.ACTIVE,
        Installation.id.not_in(passed_over),
        a_due_one.scalar_subquery().is_not(None),
    )
    return row.order_by(Installation.served_at, Installation.id).limit(1)


def _claim_of(session: Session, installation_id: int, *, now: datetime, lease: timedelta) -> Claim | None:
    """A claim on one of the installation's due deliveries; afterwards it is the last in turn."""
    # Written before the delivery is looked for: this orders claims of one installation, and keeps the order of locks.
    changed_rows(session, update(Installation).where(Installation.id == installation_id).values(served_at=now))
    due = select(Delivery.id).where(Delivery.installation_id == installation_id, *_is_claimable(now))
    oldest = due.order_by(Delivery.next_attempt_at, Delivery.id).limit(1).with_for_update(skip_locked=True)
    delivery_id = session.scalar(oldest)
    return None if delivery_id is None else _take(session, delivery_id, installation_id, now=now, lease=lease)


def _take(session: Session, delivery_id: int, installation_id: int, *, now: datetime, lease: timedelta) -> Claim | None:
    owner = uuid4().hex
    free = update(Delivery).where(Delivery.id == delivery_id, *_is_claimable(now))
    # When it was due stays as it was: a worker that is lost has cost it no more than the lease, and not its place before what came later.
    until = now + lease
    values = {"lease_owner": owner, "lease_until": until, "attempts": Delivery.attempts + 1}
    if changed_rows(session, free.values(values)) != 1:
        return None
    attempts = session.scalar(select(Delivery.attempts).where(Delivery.id == delivery_id)) or 0
    if attempts > 1:
        # One that kills its worker takes the work of others down with it: each time they get twice as long without it.
        later = until + lease * (2 ** (attempts - 1) - 1)
        changed_rows(session, update(Delivery).where(Delivery.id == delivery_id).values(next_attempt_at=later))
    return Claim(delivery_id, installation_id, owner, attempts)


def _release(session: Session, claimed: Claim, **values: object) -> None:
    released = update(Delivery).where(*_is_held(claimed)).values(lease_owner=None, lease_until=None, **values)
    if changed_rows(session, released) != 1:
        raise LeaseLost(f"delivery {claimed.delivery_id} is no longer ours")


def _is(state: DeliveryState) -> ColumnElement[bool]:
    # Written into the statement, so that both databases see for certain that the index of rows in that state will do.
    return Delivery.state == bindparam(None, state, literal_execute=True)


_IS_PENDING: Final = _is(DeliveryState.PENDING)
_IS_DEAD: Final = _is(DeliveryState.DEAD)


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_IS_PENDING, Delivery.attempts < MAX_ATTEMPTS, Delivery.is_due_at(now), Delivery.is_free_at(now))


def _is_exhausted(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_IS_PENDING, Delivery.attempts >= MAX_ATTEMPTS, Delivery.is_free_at(now))


def _is_held(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.id == claimed.delivery_id,
        Delivery.lease_owner == claimed.owner,
        _IS_PENDING,
    )
