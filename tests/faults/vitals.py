"""What a process holds at a moment, as the kernel counts it: memory, file descriptors, threads."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MIB = 1024 * 1024


@dataclass(frozen=True)
class Vitals:
    """Of several processes together; `largest_bytes` is the resident memory of the largest of them."""

    resident_bytes: int
    largest_bytes: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pids: Iterable[int]) -> Vitals:
        resident, descriptors, threads = [0], 0, 0
        for pid in pids:
            # It may have ended, or be just about to.
            with contextlib.suppress(OSError):
                resident.append(field(pid, "VmRSS") * 1024)
                threads += field(pid, "Threads")
                descriptors += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(sum(resident), max(resident), descriptors, threads)


def field(pid: int, name: str) -> int:
    """A number of /proc/PID/status; sizes are in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition(":")
        if key == name:
            return int(rest.split()[0])
    return 0
