"""What a database commits per second with nothing in front of it: the row of a webhook, synced to the disk each time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert

from models.database import create_engine, create_sessions
from models.inbox import Delivery, DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import Engine


def per_second(database_url: str, *, payload: str, writers: int, seconds: float) -> float:
    """Commits per second by so many writers at the same time, each for itself."""
    engine = create_engine(database_url, connections=writers)
    try:
        together = threading.Barrier(writers)
        with ThreadPoolExecutor(writers) as threads:
            ran = [threads.submit(_write, engine, together, payload, seconds) for _ in range(writers)]
            return sum(one.result() for one in ran) / seconds
    finally:
        engine.dispose()


def _write(engine: Engine, together: threading.Barrier, payload: str, seconds: float) -> int:
    """How many were committed within the time. The statement is compiled once; nothing but the database is in the way."""
    sessions, commits = create_sessions(engine), 0
    with sessions.begin() as session:
        session.connection()
    together.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with sessions.begin() as session:
            session.execute(_INSERT, _row(payload))
        commits += 1
    return commits


_INSERT = insert(Delivery.__table__)  # type: ignore[arg-type]  # a mapped class has a table


def _row(payload: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "installation_id": 1,
        "delivery_uuid": str(uuid4()),
        "body_sha256": "0" * 64,
        "event_key": "bench:commit",
        "attempt_number": 1,
        "received_at": now,
        "payload": payload,
        "state": DeliveryState.IGNORED,
        "attempts": 0,
        "processed_at": now,
    }
