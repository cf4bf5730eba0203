"""The comparison as a command: see the package."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import processes
from bench.panel_requests import contestants, load
from bench.panel_requests.entered import GROUPS, entered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.panel_requests.contestants import Contestant
    from bench.panel_requests.load import Outcome
    from bench.processes import Memory

WARM_UP_SECONDS = 2.0

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Turn:
    """What one round of a contestant came to. `processor_seconds` is what the server had of processors meanwhile."""

    outcome: Outcome
    processor_seconds: float
    memory: Memory


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every contestant in turn, some rounds long, and print what each came to."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as name:
        directory = Path(name)
        with entered(directory, options.groups) as everybody:
            chosen = [one for one in everybody if not options.only or one.name in options.only]
            figures = _figures(_rounds(chosen, directory, seconds=options.seconds, rounds=options.rounds))
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    Console(width=140).print(_table(figures))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.panel_requests", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long each contestant is asked in a round (10)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each has its turn; the median counts (3)")
    parser.add_argument("--groups", nargs="+", default=list(GROUPS[:2]), choices=GROUPS, help="who takes part")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of these only some")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    return parser.parse_args(arguments)


def _rounds(chosen: Sequence[Contestant], directory: Path, *, seconds: float, rounds: int) -> Mapping[str, list[Turn]]:
    """What each came to in each round. Turns alternate, so that noise hits everybody."""
    found: dict[str, list[Turn]] = {one.name: [] for one in chosen}
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Asking", total=rounds * len(chosen))
        for _ in range(rounds):
            for contestant in chosen:
                found[contestant.name].append(_turn(contestant, directory, seconds=seconds))
                progress.advance(task)
    return found


def _turn(contestant: Contestant, directory: Path, *, seconds: float) -> Turn:
    targets = directory / contestant.targets
    with contestants.running(contestant, log_path=directory / f"{contestant.name}.log") as server:
        load.ask(server.port, targets=targets, seconds=WARM_UP_SECONDS, encodings=contestant.encodings)
        before = processes.processor_seconds(server.process.pid)
        outcome = load.ask(server.port, targets=targets, seconds=seconds, encodings=contestant.encodings)
        busy = processes.processor_seconds(server.process.pid) - before
        return Turn(outcome, busy, processes.memory(server.process.pid))


def _figures(found: Mapping[str, list[Turn]]) -> Figures:
    """The median of each contestant's rounds, and how it stands to the Express framework and to plain Flask on its server."""
    figures = {name: _medians(turns) for name, turns in found.items()}
    for name, one in figures.items():
        peers = {"express": "express", "hello": f"hello-{name.partition('-')[2]}"}
        for peer, its_name in peers.items():
            if its_name in figures:
                theirs = figures[its_name]
                one[f"to_{peer}"] = one["requests_per_second"] / theirs["requests_per_second"]
                one[f"per_core_to_{peer}"] = (
                    one["requests_per_processor_second"] / theirs["requests_per_processor_second"]
                )
    return figures


def _medians(turns: Sequence[Turn]) -> dict[str, float]:
    values = [
        {
            "requests_per_second": turn.outcome.per_second,
            "requests_per_processor_second": turn.outcome.requests / turn.processor_seconds,
            "processor_us_per_request": 1e6 * turn.processor_seconds / turn.outcome.requests,
            "p50_ms": turn.outcome.p50_ms,
            "p99_ms": turn.outcome.p99_ms,
            "bytes_per_answer": turn.outcome.bytes / turn.outcome.requests,
            "pss_megabytes": turn.memory.proportional_bytes / 1e6,
            "rss_megabytes": turn.memory.resident_bytes / 1e6,
        }
        for turn in turns
    ]
    return {name: statistics.median(value[name] for value in values) for name in values[0]}


def _table(figures: Figures) -> Table:
    table = Table(title="Panel requests: one server, one core, 16 connections")
    columns = {
        "requests/s": ("requests_per_second", ",.0f"),
        "a processor second": ("requests_per_processor_second", ",.0f"),
        "µs each": ("processor_us_per_request", ",.0f"),
        "to Express": ("per_core_to_express", ".2f"),
        "to hello": ("per_core_to_hello", ".2f"),
        "p50 ms": ("p50_ms", ".1f"),
        "p99 ms": ("p99_ms", ".1f"),
        "bytes": ("bytes_per_answer", ",.0f"),
        "MB (PSS)": ("pss_megabytes", ".0f"),
        "MB (RSS)": ("rss_megabytes", ".0f"),
    }
    table.add_column("server")
    for title in columns:
        table.add_column(title, justify="right")
    for name, one in figures.items():
        table.add_row(name, *(format(one[key], form) if key in one else "" for key, form in columns.values()))
    return table


if __name__ == "__main__":
    main()
