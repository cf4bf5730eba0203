"""Databases for benchmarks: an SQLite file, or a database of a PostgreSQL server that lives as long as the command does."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from tests.databases import postgres_database
from tests.postgres_cluster import shared_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@contextmanager
def durable_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that waits for the disk at each commit, as one does that is left as it comes."""
    with shared_cluster(f"bench-durable-{os.getpid()}", is_durable=True) as server:
        yield server


@contextmanager
def emptied(*, is_postgres: bool) -> Iterator[str]:
    """The URL of a database without tables, gone at the end."""
    if is_postgres:
        with shared_cluster(f"bench-{os.getpid()}") as server, postgres_database(server) as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


def bytes_of(engine: Engine) -> int:
    """How large a database is on the disk."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    path = Path(engine.url.database or "")
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
