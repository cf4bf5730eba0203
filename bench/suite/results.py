"""What a part found, under `bench/results/`: its figures as its command tells them, and in one file of all parts, how they were had."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "results"
RUNS: Final = "runs.json"


@dataclass(frozen=True)
class Outcome:
    """One run of one part."""

    command: str
    seconds: float
    measured_on: str
    is_quick: bool
    machine: dict[str, Any]
    figures: dict[str, Any]

    @property
    def reservation(self) -> str:
        """Why its figures are not to be relied on; nothing where they are."""
        if self.is_quick:
            return "a short run, to see that it works"
        return "measured while the machine was busy with other work" if self.machine["is_busy"] else ""


def write(name: str, outcome: Outcome, *, folder: Path = FOLDER) -> None:
    """Keep what a part found last."""
    folder.mkdir(parents=True, exist_ok=True)
    run = asdict(outcome)
    _store(folder / f"{name}.json", run.pop("figures"))
    _store(folder / RUNS, dict(sorted({**_runs(folder), name: run}.items())))


def read(*, folder: Path = FOLDER) -> dict[str, Outcome]:
    """What each part found last, by its name. Figures that somebody has put there by hand are left alone."""
    return {
        name: Outcome(**run, figures=json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        for name, run in _runs(folder).items()
    }


def _runs(folder: Path) -> dict[str, Any]:
    path = folder / RUNS
    runs: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return runs


def _store(path: Path, told: object) -> None:
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
