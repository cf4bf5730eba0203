"""A mutant: one small change of one file, and the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class OutdatedError(Exception):
    """The text that a mutant changes is not in its file, or not once: the code has moved on, and the mutant must follow."""


@dataclass(frozen=True)
class Mutant:
    """`before` occurs exactly once in the file; `tests` are the smallest selection that must fail with `after` in its place."""

    name: str
    path: str
    before: str
    after: str
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """The file's text with the change. Raises OutdatedError."""
        if source.count(self.before) != 1:
            raise OutdatedError(f"{self.name}: {self.before!r} stands {source.count(self.before)} times in {self.path}")
        return source.replace(self.before, self.after)

    def source_in(self, root: Path) -> str:
        return (root / self.path).read_text(encoding="utf-8")


def family(path: str, *tests: str, **mutants: tuple[str, str]) -> list[Mutant]:
    """The mutants of one file, all for the same tests: by name, what stands there and what takes its place."""
    return [
        Mutant(f"{path.removesuffix('.py')}:{name}", path, before, after, tests)
        for name, (before, after) in mutants.items()
    ]
