"""The comparison as a command: see the package."""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.panel_requests import addresses, contestants, load
from settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.panel_requests.contestants import Contestant
    from bench.panel_requests.load import Outcome

ADDRESSES = 2000
WARM_UP_SECONDS = 2.0

Figures = dict[str, dict[str, float]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every contestant in turn, some rounds long, and print what each came to."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as name:
        directory = Path(name)
        entered = _entered(directory)
        figures = _figures(_rounds(entered, directory, seconds=options.seconds, rounds=options.rounds))
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    Console().print(_table(figures))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.panel_requests", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long each contestant is asked in a round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each has its turn; the median counts (3)")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    return parser.parse_args(arguments)


def _entered(directory: Path) -> list[Contestant]:
    """Everybody who takes part, with what they need."""
    environment = {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": secrets.token_urlsafe(32),
        "BITTERN_DATABASE_URL": f"sqlite:///{directory / 'bittern.db'}",
        "BITTERN_LOG_LEVEL": "WARNING",
    }
    addresses.install(
        load_settings(**{name.removeprefix("BITTERN_").lower(): value for name, value in environment.items()})
    )
    addresses.write_signed(directory / "signed", page="/bench/panel", count=ADDRESSES)
    (directory / "plain").write_text("/\n")
    their_environment = {
        "STORAGE": str(directory / "express.db"),
        "BASE_URL": "https://bittern.example.com",
        "CLIENT_KEY": addresses.CLIENT_KEY,
        "SHARED_SECRET": addresses.SHARED_SECRET,
    }
    package = "bench.panel_requests.applications"
    return [
        contestants.express(their_environment),
        contestants.gunicorn("bittern", f"{package}:bittern()", environment),
        contestants.gunicorn("hello", f"{package}:hello()", environment, is_signed=False),
    ]


def _rounds(
    entered: Sequence[Contestant], directory: Path, *, seconds: float, rounds: int
) -> Mapping[str, list[tuple[Outcome, int]]]:
    """What each came to in each round, with its memory in bytes. Turns alternate, so that noise hits everybody."""
    found: dict[str, list[tuple[Outcome, int]]] = {one.name: [] for one in entered}
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Asking", total=rounds * len(entered))
        for _ in range(rounds):
            for contestant in entered:
                found[contestant.name].append(_turn(contestant, directory, seconds=seconds))
                progress.advance(task)
    return found


def _turn(contestant: Contestant, directory: Path, *, seconds: float) -> tuple[Outcome, int]:
    targets = directory / ("signed" if contestant.is_signed else "plain")
    with contestants.running(contestant, log_path=directory / f"{contestant.name}.log") as server:
        load.ask(server.port, targets=targets, seconds=WARM_UP_SECONDS)
        outcome = load.ask(server.port, targets=targets, seconds=seconds)
        return outcome, server.resident_bytes()


def _figures(found: Mapping[str, list[tuple[Outcome, int]]]) -> Figures:
    """The median of each contestant's rounds, and how it stands to the Express framework."""
    figures: Figures = {}
    for name, rounds in found.items():
        figures[name] = {
            "requests_per_second": statistics.median(outcome.per_second for outcome, _ in rounds),
            "p50_ms": statistics.median(outcome.p50_ms for outcome, _ in rounds),
            "p99_ms": statistics.median(outcome.p99_ms for outcome, _ in rounds),
            "bytes_per_answer": statistics.median(outcome.bytes / outcome.requests for outcome, _ in rounds),
            "memory_megabytes": statistics.median(memory for _, memory in rounds) / 1e6,
        }
    peer = figures["express"]["requests_per_second"]
    for one in figures.values():
        one["to_express"] = one["requests_per_second"] / peer
    return figures


def _table(figures: Figures) -> Table:
    table = Table(
        "server", "requests/s", "to Express", "p50 ms", "p99 ms", "bytes", "MB", title="One process, one core"
    )
    for name, one in figures.items():
        table.add_row(
            name,
            f"{one['requests_per_second']:,.0f}",
            f"{one['to_express']:.2f}",
            f"{one['p50_ms']:.1f}",
            f"{one['p99_ms']:.1f}",
            f"{one['bytes_per_answer']:,.0f}",
            f"{one['memory_megabytes']:.0f}",
        )
    return table


if __name__ == "__main__":
    main()
