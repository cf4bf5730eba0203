"""What the service's processes wrote: their log entries, and the connections that the egress recorder saw."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Journal:
    """Reads growing files, always on from a mark."""

    paths: tuple[Path, ...]
    _marks: dict[Path, int] = field(default_factory=dict)

    def mark(self) -> None:
        """From here on is what `text` and `entries` give."""
        self._marks = {path: path.stat().st_size for path in self.paths if path.exists()}

    @property
    def text(self) -> str:
        found = []
        for path in self.paths:
            if path.exists():
                with path.open("rb") as file:
                    file.seek(self._marks.get(path, 0))
                    found.append(file.read().decode("utf-8", "replace"))
        return "\n".join(found)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The JSON objects among the lines."""
        found = []
        for line in self.text.splitlines():
            if line.startswith("{"):
                try:
                    found.append(json.loads(line))
                except ValueError:
                    continue
        return found

    def reasons(self, request_id: str | None) -> set[str]:
        """The reasons that entries about a request carry."""
        return {
            str(entry["reason"])
            for entry in self.entries
            if "reason" in entry and entry.get("request_id") == request_id
        }


@dataclass
class Egress:
    """The record of connections; loopback addresses of our own making are what is allowed."""

    path: Path
    allowed: frozenset[tuple[str, str]]

    def foreign(self) -> list[tuple[str, str, str]]:
        """Every connection or look-up since the start that was not to an allowed place."""
        if not self.path.exists():
            return []
        rows = [tuple(json.loads(line)) for line in self.path.read_text(encoding="utf-8").splitlines()]
        return [(what, host, port) for what, host, port in rows if (host, port) not in self.allowed]
