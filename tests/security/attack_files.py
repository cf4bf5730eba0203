"""Finds the attack files to run, and the entries in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.security.recipes.errors import RecipeError
from tests.security.recipes.variants import each_variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN = Path(__file__).parent / "attacks" / "entries.json"
# Seconds each, of waiting for what must not happen or must end by itself: `make attacks` runs them, `make test` does not.
LONG_IDS = r"(?:LEK-0[1-6]|INP-1[89]|OUT-(?:07|10)|WHK-16)$"


@dataclass(frozen=True)
class Case:
    """One entry, or one variant of it, with the file's fixtures. `problem` is why it cannot be run."""

    name: str
    entry: Mapping[str, Any]
    fixtures: Mapping[str, Any] = field(repr=False)
    problem: RecipeError | None = None

    @property
    def mode(self) -> str:
        return str(self.entry.get("mode", "classic"))


def file_to_run(chosen: Path | None) -> Path:
    """The caller's file, else ours."""
    return OWN if chosen is None else chosen


def chosen_ids(file: Path | None, ids: str | None) -> str:
    """What ids must begin with: what the caller says, else all of the caller's file, or of ours what does not take long."""
    return ids or ("" if file is not None else f"(?!{LONG_IDS})")


def cases_in(path: Path, *, ids: str = "") -> list[Case]:
    """The cases of a file whose id begins with `ids`."""
    return list(_cases_of(json.loads(path.read_text(encoding="utf-8")), ids))


def left_out(path: Path, *, ids: str) -> int:
    """How many entries of a file have another id."""
    return sum(re.match(ids, entry["id"]) is None for entry in json.loads(path.read_text(encoding="utf-8"))["attacks"])


def _cases_of(document: Mapping[str, Any], ids: str) -> Iterator[Case]:
    for entry in document["attacks"]:
        if not re.match(ids, entry["id"]):
            continue
        try:
            for name, variant in each_variant(entry):
                yield Case(name, variant, document["fixtures"])
        except RecipeError as problem:
            # Not run, and not silent: the case fails with this.
            yield Case(f"{entry['id']}-unclear", entry, document["fixtures"], problem)
