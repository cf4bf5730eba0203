"""The suite as a command: see the package."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench.suite import document, machine, results
from bench.suite.parts import FILE, PARTS, Part, chosen
from bench.suite.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

console = Console(stderr=True, highlight=False, markup=False)


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for. A part that fails is said at the end; the others go on."""
    options = _options(arguments)
    if options.list:
        _list()
        return 0
    try:
        parts = [] if options.write_only else chosen(options.only)
    except KeyError as unknown:
        console.print(f"There is no part {unknown}. Known are: {', '.join(part.name for part in PARTS)}.")
        return 2
    failed = _run_all(parts, is_quick=options.quick)
    written = document.write(results.read())
    console.print(f"Written: {', '.join(str(path) for path in written)}")
    for name in failed:
        console.print(f"FAILED: {name}. What is known of it in docs/performance.md is from an earlier run.")
    return 1 if failed else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.suite", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="PART", help="these parts")
    parser.add_argument("--quick", action="store_true", help="a short run of each, to see that it works")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    parser.add_argument(
        "--write-only", action="store_true", help="write docs/performance.md from the results that are there"
    )
    return parser.parse_args(arguments)


def _list() -> None:
    for part in PARTS:
        usual = "" if part.is_usual else ", only by its name"
        console.print(f"{part.name:20} {part.title} (about {part.minutes:g} min{usual})")


def _run_all(parts: Sequence[Part], *, is_quick: bool) -> list[str]:
    failed = []
    left = sum(part.minutes for part in parts)
    for number, part in enumerate(parts, start=1):
        expected = "" if is_quick else f", about {part.minutes:g} of {left:.0f} min left"
        console.print(f"[{number}/{len(parts)}] {part.title}{expected}")
        try:
            results.write(part.name, _run(part, is_quick=is_quick))
        except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
            console.print(f"  {error}")
            failed.append(part.name)
        left -= part.minutes
    return failed


def _run(part: Part, *, is_quick: bool) -> Outcome:
    facts, began = machine.facts(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as folder:
        file = Path(folder) / "figures.json"
        figures = _figures(part.module, part.arguments(is_quick=is_quick), file)
    seconds = round(time.monotonic() - began, 1)
    console.print(f"  done in {seconds:.0f} s")
    today = datetime.now(UTC).date().isoformat()
    return Outcome(part.command(is_quick=is_quick), seconds, today, is_quick, facts, figures)


def _figures(module: str, arguments: Sequence[str], file: Path) -> dict[str, Any]:
    """Run a command. What it says of its progress goes to the terminal as it comes."""
    command = [sys.executable, "-m", module, *(str(file) if one == FILE else one for one in arguments)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8") if FILE in arguments else ran.stdout)
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
