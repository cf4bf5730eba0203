"""Reads the Procfile: the one list of the service's processes. The demo starts what stands there and nothing else."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

from demo.errors import OptionRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY = re.compile(r"(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>\S.*)")
# These would need a shell, and a shell between us and the process would hide its exit and its signals.
SHELL_WORDS = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<"})


@dataclass(frozen=True)
class ProcessType:
    """One line of the Procfile."""

    name: str
    words: tuple[str, ...]

    def command(self, environment: Mapping[str, str]) -> list[str]:
        """The words with `$NAME` and `${NAME}` taken from `environment`; raises OptionRefused for an unknown name."""
        try:
            return [Template(word).substitute(environment) for word in self.words]
        except (KeyError, ValueError) as problem:
            message = f"Procfile: the process {self.name!r} uses a variable that is not set: {problem}"
            raise OptionRefused(message) from problem


def parse_procfile(text: str) -> list[ProcessType]:
    """Every process type in the order written. Raises OptionRefused for a line that is none, or needs a shell."""
    lines = [line.strip() for line in text.splitlines()]
    return [_parse_line(line) for line in lines if line and not line.startswith("#")]


def _parse_line(line: str) -> ProcessType:
    entry = ENTRY.fullmatch(line)
    if entry is None:
        raise OptionRefused(f"Procfile: not of the form `name: command`: {line!r}")
    words = tuple(shlex.split(entry["command"]))
    if found := SHELL_WORDS.intersection(words):
        raise OptionRefused(f"Procfile: {entry['name']!r} needs a shell for {sorted(found)}; the demo starts none")
    return ProcessType(entry["name"], words)
