"""Running git: always a list of arguments, never a shell, never the machine's own configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from simulator.world.errors import GitFailed

_INHERITED = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")
# A repository may belong to somebody else (safe.directory); it must not be repacked under us (gc.auto), and its own
# configuration must not start programs (core.fsmonitor, core.hooksPath) or colour what we parse.
_CONFIGURATION = {
    "safe.directory": "*",
    "gc.auto": "0",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "color.ui": "never",
    "diff.renames": "true",
    "user.name": "Bitbucket",
    "user.email": "noreply@bitbucket.example",
}


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment |= {
        "LC_ALL": "C.UTF-8",
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(_CONFIGURATION)),
    }
    for number, (key, value) in enumerate(_CONFIGURATION.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def attempt(
    directory: Path, *arguments: str, stdin: bytes | Path | None = None, extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in `directory`; the caller looks at the exit status. `extra` is added to git's environment.

    `stdin` is what git reads, or the file that holds it.
    """
    command, environment = ["git", *arguments], _environment() | (extra or {})
    if isinstance(stdin, Path):
        with stdin.open("rb") as file:
            return subprocess.run(command, cwd=directory, env=environment, stdin=file, capture_output=True, check=False)
    return subprocess.run(command, cwd=directory, env=environment, input=stdin or b"", capture_output=True, check=False)


def run(
    directory: Path, *arguments: str, stdin: bytes | Path | None = None, extra: dict[str, str] | None = None
) -> bytes:
    """Run git in `directory` and answer its standard output; raises GitFailed."""
    done = attempt(directory, *arguments, stdin=stdin, extra=extra)
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} ended with {done.returncode}"
        raise GitFailed(message)
    return done.stdout


def text(directory: Path, *arguments: str, stdin: bytes | Path | None = None) -> str:
    """Run git in `directory` and answer its standard output as text without the last line end; raises GitFailed."""
    return run(directory, *arguments, stdin=stdin).decode(errors="replace").removesuffix("\n")
