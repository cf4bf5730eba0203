"""Runs mutants one after another in a copy of the tree, and tells which the tests caught."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants.mutant import Mutant, OutdatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TIMEOUT_SECONDS = 300.0
LEFT_OUT = (".git", ".venv", "var", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", "*.db")
# What pytest answers with where tests failed; everything else is trouble of another kind.
TESTS_FAILED = 1


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant. Only `caught` is good."""

    mutant: Mutant
    outcome: str
    seconds: float

    @property
    def is_caught(self) -> bool:
        return self.outcome == "caught"


def run(mutants: Iterable[Mutant], *, root: Path) -> Iterator[Verdict]:
    """Yield the verdict on each as it is known."""
    with copied(root) as copy:
        for mutant in mutants:
            began = time.monotonic()
            yield Verdict(mutant, _outcome(mutant, copy), time.monotonic() - began)


@contextlib.contextmanager
def copied(root: Path) -> Iterator[Path]:
    """The tree without what tests do not need, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="bittern-mutants-") as directory:
        copy = Path(directory) / root.name
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        yield copy


def _outcome(mutant: Mutant, copy: Path) -> str:
    path = copy / mutant.path
    source = mutant.source_in(copy)
    try:
        path.write_text(mutant.applied_to(source), encoding="utf-8")
        return _judged(_pytest(mutant, copy))
    except OutdatedError:
        return "outdated"
    finally:
        path.write_text(source, encoding="utf-8")


def _pytest(mutant: Mutant, copy: Path) -> int | None:
    """pytest's exit status; None where it did not end in time, which a test run on healthy code does."""
    # On SQLite alone: the same checks run on both databases, and one that is gone is gone on both.
    marks = "not browser and not postgres and not redis"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:randomly",
        "-m",
        marks,
        *mutant.tests,
    ]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _judged(exit_status: int | None) -> str:
    if exit_status in {TESTS_FAILED, None}:
        return "caught"
    return "survived" if exit_status == 0 else f"not run (pytest ended with {exit_status})"
