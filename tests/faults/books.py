"""The books of a running house: what was sent, what was acknowledged, what is stored. Compared at the end of a test."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from models.inbox import Delivery, DeliveryState
from tests.faults.running import seconds_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.running import Running
    from tests.faults.senders import Sent


@dataclass(frozen=True)
class Books:
    """Deliveries by their ids. Sent without an answer and stored all the same is no loss: nobody was told anything."""

    sent: int
    acknowledged: int
    lost: frozenset[str]
    never_sent: frozenset[str]
    stored_twice: frozenset[str]
    unanswered_but_stored: int
    statuses: Counter[int | None]

    @classmethod
    def of(cls, house: Running, sent: Iterable[Sent]) -> Books:
        attempts = list(sent)
        uuids = {one.uuid for one in attempts}
        acknowledged = {one.uuid for one in attempts if one.is_acknowledged}
        with house.readers() as session:
            stored = Counter(session.scalars(select(Delivery.delivery_uuid)))
        return cls(
            sent=len(attempts),
            acknowledged=len(acknowledged),
            lost=frozenset(acknowledged - stored.keys()),
            never_sent=frozenset(stored.keys() - uuids),
            stored_twice=frozenset(uuid for uuid, count in stored.items() if count > 1),
            unanswered_but_stored=len(stored.keys() - acknowledged),
            statuses=Counter(one.status for one in attempts),
        )

    def check(self) -> None:
        assert self.lost == frozenset()
        assert self.never_sent == frozenset()
        assert self.stored_twice == frozenset()


def check_integrity(house: Running) -> None:
    """SQLite's own word on its file."""
    if house.engine.dialect.name == "sqlite":
        with house.readers() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def count(house: Running, state: DeliveryState) -> int:
    with house.readers() as session:
        return session.scalar(select(func.count()).where(Delivery.state == state)) or 0


def drain(house: Running, *, within: float) -> float:
    """Wait until no delivery waits any more. Returns the seconds."""
    return seconds_until(lambda: count(house, DeliveryState.PENDING) == 0, what="an empty inbox", within=within)
