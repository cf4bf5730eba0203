"""Finds the attack files to run, and the entries in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.security.recipes.errors import RecipeError
from tests.security.recipes.variants import each_variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN = Path(__file__).parent / "attacks" / "lifecycle_and_controls.json"
SHARED = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "attacks" / "attacks.json"
# What this runner is answerable for by now; `--attack-ids` names others.
DEFAULT_IDS = r"(?:(?:LIF|CTL)-|(?:QSH-09|TEN-15|WEB-13|WEB-15|WEB-16)$)"


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


def files_to_run(chosen: Path | None) -> list[Path]:
    """The caller's file, else ours and, where it is there, the shared one."""
    return [chosen] if chosen is not None else [OWN, *([SHARED] if SHARED.exists() else [])]


def cases_in(paths: list[Path], *, ids: str) -> list[Case]:
    """The cases of all files whose id begins with `ids`; an entry that two files hold alike is one case."""
    found: dict[str, Case] = {}
    for path in paths:
        for case in _cases_of(json.loads(path.read_text(encoding="utf-8")), ids):
            known = found.get(case.name)
            if known is None:
                found[case.name] = case
            elif _essence(known.entry) != _essence(case.entry):
                name = f"{case.name}@{path.stem}"
                found[name] = replace(case, name=name)
    return list(found.values())


def left_out(paths: list[Path], *, ids: str) -> int:
    """How many entries of the files have another id."""
    entries = [entry for path in paths for entry in json.loads(path.read_text(encoding="utf-8"))["attacks"]]
    return sum(re.match(ids, entry["id"]) is None for entry in entries)


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


def _essence(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry does and expects, without the words about it."""
    names = ("target", "mode", "state", "request", "token", "expect", "repeat_params", "variant")
    return {name: entry[name] for name in names if entry.get(name) is not None}
