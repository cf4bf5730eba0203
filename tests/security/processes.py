"""The memory of the service's processes: what an attack made them take up, at its worst moment."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RESET_PEAK = "5"


@dataclass(frozen=True)
class Memory:
    """Resident bytes of each process at a moment, whose peaks are counted anew from then on."""

    resident_bytes: Mapping[int, int]

    def growth_bytes(self) -> int:
        """How much more the process that grew most has held at any moment since."""
        return max(
            (_field(pid, "VmHWM") - before for pid, before in self.resident_bytes.items() if _is_there(pid)), default=0
        )


def measure(environment_mark: str) -> Memory:
    """The processes whose environment holds a text: web server, its workers, worker."""
    found = {}
    for pid in _processes_with(environment_mark):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)
            found[pid] = _field(pid, "VmRSS")
    assert found, "none of the service's processes was found"
    return Memory(found)


def command_lines(environment_mark: str) -> str:
    """The arguments of the same processes, which everybody on the machine can read."""
    return _told(environment_mark, "cmdline")


def environments(environment_mark: str) -> str:
    """What the same processes were given to live in, as a dump of them would hold it."""
    return _told(environment_mark, "environ")


def _told(environment_mark: str, name: str) -> str:
    return "\n".join(
        Path(f"/proc/{pid}/{name}").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        for pid in _processes_with(environment_mark)
        if _is_there(pid)
    )


def _processes_with(mark: str) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes():
                yield int(path.parent.name)


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _field(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
