"""The measurement as a command: see the package."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import secrets
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from bench import processes
from bench.databases import durable_postgres
from bench.panel_requests import addresses, contestants
from bench.panel_requests.contestants import CLIENT_CORE, ROOT
from bench.webhooks import commits
from bench.webhooks.senders import Senders, payload
from models.database import create_engine
from models.inbox import Delivery
from settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATABASES: Final = ("sqlite", "postgres")
MANY: Final = 16
MANY_THREADS: Final = f"gunicorn-{MANY}-threads"
"""As gunicorn, with twice the threads: more deliveries come together into one commit."""
SERVERS: Final = {
    "gunicorn": contestants.gunicorn,
    MANY_THREADS: functools.partial(contestants.gunicorn, options=("--threads", str(MANY))),
    "granian": contestants.granian,
}
THREADS: Final = 8
STEADY_CONNECTIONS: Final = 16
BURST_CONNECTIONS: Final = 256

Figures = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on each database, and print what it came to."""
    options = _options(arguments)
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    figures: dict[str, Figures] = {}
    # Not in /tmp, which may be memory: what is asked is how long a disk takes.
    (ROOT / "var/bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "var/bench") as folder:
        for database in options.databases:
            with _database(database, Path(folder)) as url:
                figures |= _measured(database, url, Path(folder), options)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    Console(width=140).print(_table(figures))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="how long each way is measured in a round (5)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each has its turn; the median counts (3)")
    parser.add_argument("--burst", type=int, default=10_000, help="how many deliveries come at once (10,000)")
    parser.add_argument("--databases", nargs="+", default=list(DATABASES), choices=DATABASES)
    parser.add_argument("--servers", nargs="+", default=list(SERVERS), choices=SERVERS)
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    return parser.parse_args(arguments)


@contextlib.contextmanager
def _database(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder / 'bittern.db'}"
        return
    with durable_postgres() as server:
        yield server


def _measured(database: str, url: str, folder: Path, options: argparse.Namespace) -> Mapping[str, Figures]:
    """The bare commits and the webhooks of each server in turn, some rounds long."""
    environment = {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": secrets.token_urlsafe(32),
        "BITTERN_DATABASE_URL": url,
        "BITTERN_LOG_LEVEL": "WARNING",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / f"metrics-{database}"),
    }
    environment["BITTERN_DATABASE_CONNECTIONS"] = str(2 * MANY)
    (folder / f"metrics-{database}").mkdir()
    keys = SecretStr(environment["BITTERN_SECRET_KEYS"])
    addresses.install(Settings(base_url=environment["BITTERN_BASE_URL"], secret_keys=keys, database_url=url))
    rounds: dict[str, list[Figures]] = {}
    for _ in range(options.rounds):
        for writers in (1, THREADS):
            rate = commits.per_second(url, payload=payload(), writers=writers, seconds=options.seconds)
            rounds.setdefault(f"{database}-commits-{writers}", []).append({"per_second": rate})
        for server in options.servers:
            served = SERVERS[server](server, "app:create_app()", environment)
            rounds.setdefault(f"{database}-{server}", []).append(_webhooks(served, url, folder, options))
    return _with_shares(database, {name: _medians(ones) for name, ones in rounds.items()})


def _webhooks(served: contestants.Contestant, url: str, folder: Path, options: argparse.Namespace) -> Figures:
    before = _stored(url)
    with contestants.running(served, log_path=folder / f"{served.name}.log") as server:
        warm = Senders(server.port, connections=STEADY_CONNECTIONS).send(seconds=min(2.0, options.seconds))
        busy = processes.processor_seconds(server.process.pid)
        steady = Senders(server.port, connections=STEADY_CONNECTIONS).send(seconds=options.seconds)
        busy = processes.processor_seconds(server.process.pid) - busy
        burst = Senders(server.port, connections=BURST_CONNECTIONS).send(count=options.burst)
    acknowledged = len(warm.took) + len(steady.took) + len(burst.took)
    if _stored(url) - before != acknowledged:
        raise RuntimeError(f"{acknowledged} were acknowledged, {_stored(url) - before} are in the inbox")
    return {
        "per_second": steady.per_second,
        "per_processor_second": len(steady.took) / busy,
        "processor_us_each": 1e6 * busy / len(steady.took),
        "p50_ms": steady.percentile_ms(0.5),
        "p99_ms": steady.percentile_ms(0.99),
        "burst_deliveries": float(len(burst.took)),
        "burst_per_second": burst.per_second,
        "burst_p50_ms": burst.percentile_ms(0.5),
        "burst_p99_ms": burst.percentile_ms(0.99),
        "burst_longest_ms": burst.percentile_ms(1.0),
    }


def _stored(url: str) -> int:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            rows = select(func.count()).select_from(Delivery).where(Delivery.event_key != "bench:commit")
            return int(connection.scalar(rows) or 0)
    finally:
        engine.dispose()


def _medians(rounds: Sequence[Figures]) -> Figures:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _with_shares(database: str, figures: Mapping[str, Figures]) -> Mapping[str, Figures]:
    for name, one in figures.items():
        if "commits" not in name:
            for writers in (1, THREADS):
                bare = figures[f"{database}-commits-{writers}"]["per_second"]
                one[f"to_commits_of_{writers}"] = one["per_second"] / bare
    return figures


def _table(figures: Mapping[str, Figures]) -> Table:
    table = Table(title="Webhooks acknowledged, each committed and synced; one web process on one core")
    columns: dict[str, tuple[str, str]] = {
        "a second": ("per_second", ",.0f"),
        "a processor second": ("per_processor_second", ",.0f"),
        "µs each": ("processor_us_each", ",.0f"),
        "to 1 writer": ("to_commits_of_1", ".2f"),
        f"to {THREADS} writers": (f"to_commits_of_{THREADS}", ".2f"),
        "p99 ms": ("p99_ms", ",.0f"),
        "burst/s": ("burst_per_second", ",.0f"),
        "p50 ms ": ("burst_p50_ms", ",.0f"),
        "p99 ms ": ("burst_p99_ms", ",.0f"),
        "longest": ("burst_longest_ms", ",.0f"),
    }
    table.add_column("")
    for title in columns:
        table.add_column(title, justify="right")
    for name, one in figures.items():
        cells: list[Any] = [format(one[key], form) if key in one else "" for key, form in columns.values()]
        table.add_row(name, *cells)
    return table


if __name__ == "__main__":
    main()
