"""The database is lost and its last backup restored, by the commands of docs/operations.md: how much is lost, and how long it takes.

What was acknowledged before the backup is there, and known as a duplicate when it comes again. What came after it is lost with the
database, unless it is sent again; what no webhook tells any more, the comparison finds (tests/equality/test_restored.py).
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

import psycopg
import pytest
from sqlalchemy import select

from models.inbox import Delivery
from tests.faults.books import check_integrity
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import Senders
from tests.faults.workspaces import Post, Tenant, install
from tests.house_figures import ROOT
from tests.postgres_cluster import as_server, find_programs

SHORT_RESTORES, LONG_RESTORES = 1, 3
DELIVERIES = 40
MOST_LOST_SECONDS = MOST_AWAY_SECONDS = 300.0
TENANTS = [Tenant(1), Tenant(2)]


class OnSqlite:
    """The commands for SQLite."""

    def __init__(self, house):
        self.house = house
        self.copy = house.directory / "copy.db"
        self.database = house.directory / "bittern.db"

    def back_up(self):
        run_flask(self.house, "backup", str(self.copy))

    def lose(self):
        path = self.house.engine.url.database
        self.house.engine.dispose()
        with open(path, "r+b") as file:  # noqa: PTH123 -- in its place, as a broken disk does
            file.write(os.urandom(65_536))

    def restore(self):
        run_flask(self.house, "restore", str(self.copy))
        run_flask(self.house, "migrate")


class OnPostgres:
    """The commands for PostgreSQL."""

    def __init__(self, house):
        self.house = house
        self.url = house.environment["BITTERN_DATABASE_URL"]
        # Where the account of the server may write.
        self.copy = house.directory / "postgres" / "copy.dump"

    def back_up(self):
        self._run("pg_dump", "--format=custom", f"--file={self.copy}", f"--dbname={self.url}")

    def lose(self):
        self.house.engine.dispose()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")

    def restore(self):
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        self._run("pg_restore", "--exit-on-error", "--clean", "--if-exists", f"--dbname={self.url}", self.copy)
        run_flask(self.house, "migrate")

    def _run(self, program, *arguments):
        command = as_server(find_programs() / program, *arguments)
        subprocess.run(command, cwd="/", check=True, capture_output=True, timeout=300)


def run_flask(house, *arguments):
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", *arguments]
    subprocess.run(command, cwd=ROOT, env=house.environment, check=True, capture_output=True, timeout=300)


def send(house, webhooks):
    """All of them, acknowledged. Returns their UUIDs."""
    with Senders(house.port, webhooks, threads=4) as senders:
        senders.wait()
    assert {one.status for one in senders.sent} == {202}
    return [one.uuid for one in senders.sent]


def stored(house):
    with house.readers() as session:
        return list(session.scalars(select(Delivery.delivery_uuid)))


@pytest.mark.fault("S4")
@pytest.mark.only_in_faults
@pytest.mark.parametrize(
    ("on", "commands"),
    [(SQLITE, OnSqlite), pytest.param(POSTGRES, OnPostgres, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres"],
)
def test_a_restored_backup_has_lost_nothing_of_before_it(on, commands, open_house, told, figures, is_long):
    for number in range(LONG_RESTORES if is_long else SHORT_RESTORES):
        with open_house(on) as house:
            install(house, TENANTS)
            house.start_web()
            keeper, post = commands(house), Post(house.port)
            events = itertools.cycle(told)
            webhooks = [
                post.webhook(TENANTS[place % len(TENANTS)], one)
                for place, one in zip(range(DELIVERIES), events, strict=False)
            ]
            before, after = webhooks[: DELIVERIES // 2], webhooks[DELIVERIES // 2 :]
            kept = send(house, before)
            backed_up_at = time.monotonic()
            keeper.back_up()
            backup_seconds = time.monotonic() - backed_up_at
            lost = send(house, after)
            house.kill("web")
            lost_at = time.monotonic()
            keeper.lose()
            keeper.restore()
            found = stored(house)
            house.start_web()
            away_seconds = time.monotonic() - lost_at
            send(house, webhooks)
            figures.row(
                system=on,
                restore=number + 1,
                acknowledged_before=len(kept),
                found=len(found),
                sent_again=len(webhooks),
                stored=len(stored(house)),
                backup=f"{backup_seconds:.1f} s",
                lost=f"{len(lost)} of the last {lost_at - backed_up_at:.1f} s",
                away=f"{away_seconds:.1f} s",
            )
            assert sorted(found) == sorted(kept)
            assert sorted(stored(house)) == sorted(kept + lost), "a key of deduplication did not survive"
            assert lost_at - backed_up_at < MOST_LOST_SECONDS
            assert away_seconds < MOST_AWAY_SECONDS
            check_integrity(house)
