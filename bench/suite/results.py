"""What a part found, as a file of `bench/results/`: the figures, the command, and what they were measured on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "results"


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
    (folder / f"{name}.json").write_text(json.dumps(asdict(outcome), indent=1) + "\n", encoding="utf-8")


def read(*, folder: Path = FOLDER) -> dict[str, Outcome]:
    """What each part found last, by its name."""
    return {
        path.stem: Outcome(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))
    }
