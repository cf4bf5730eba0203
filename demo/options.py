"""What can be asked of the demo on its command line."""

from __future__ import annotations

import argparse
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.errors import OptionRefused

if TYPE_CHECKING:
    from collections.abc import Sequence


LOG_DIRECTORY = Path(__file__).resolve().parent.parent / "var" / "demo"


@dataclass(frozen=True)
class Options:
    """The demo's arguments, checked."""

    repository: Path | None
    is_check: bool
    port: int | None
    bittern_port: int | None
    seed: int | None
    is_small: bool
    log_directory: Path
    ends_with_parent: bool

    @property
    def simulator_arguments(self) -> list[str]:
        """The arguments of `python -m simulator` that follow from these, its port left out."""
        arguments = [] if self.repository is None else ["--repo", str(self.repository)]
        if self.seed is not None:
            arguments += ["--seed", str(self.seed)]
        return [*arguments, "--small"] if self.is_small else arguments


def parse_options(arguments: Sequence[str]) -> Options:
    """Raises OptionRefused for a repository that is none; SystemExit, as argparse does, for anything misspelt."""
    parsed = _parser().parse_args(list(arguments))
    return Options(
        repository=_git_repository(parsed.repo) if parsed.repo else None,
        is_check=parsed.check,
        port=parsed.port,
        bittern_port=parsed.bittern_port,
        seed=parsed.seed,
        is_small=parsed.small,
        log_directory=Path(parsed.logs).resolve(),
        ends_with_parent=parsed.end_with_parent,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description="Bittern inside a local Bitbucket.")
    parser.add_argument("--repo", metavar="PATH", help="show this git repository; without it a seeded team works")
    parser.add_argument("--check", action="store_true", help="open every panel once, say what came, and end")
    parser.add_argument("--port", type=_port, help="where the local Bitbucket listens (default 7990, or a free one)")
    parser.add_argument("--bittern-port", type=_port, help="where Bittern listens (default 7991, or a free one)")
    parser.add_argument("--seed", type=int, help="another seed gives another team")
    parser.add_argument("--small", action="store_true", help="a team with a short history, quicker to make")
    parser.add_argument("--logs", metavar="DIR", default=str(LOG_DIRECTORY), help="where the processes write")
    parser.add_argument("--end-with-parent", action="store_true", help="end when the process that started this is gone")
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port; a port is between 1 and 65535")
    return number


def _git_repository(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise OptionRefused(f"REPO={text}: there is no such directory")
    # Branches, not HEAD: what is checked out may be a branch that has no commit yet.
    branches = ["git", "-C", str(path), "for-each-ref", "--count=1", "refs/heads", "refs/remotes"]
    if not subprocess.run(branches, capture_output=True, check=False).stdout:
        raise OptionRefused(f"REPO={text}: not a git repository with a branch that has at least one commit")
    return path
