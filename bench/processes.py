"""What a process and all that it has started cost: processor time and memory, as Linux counts them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
# After the name in parentheses, which may hold anything: utime and stime, of itself and of the children that it has waited for.
_TIMES: Final = slice(11, 15)


@dataclass(frozen=True)
class Memory:
    """`proportional` counts what processes share once between them, `resident` in each."""

    proportional_bytes: int
    resident_bytes: int


def family(pid: int) -> Iterator[int]:
    """The process and all that it has started, as far as they live."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def processor_seconds(pid: int) -> float:
    """How long processors were busy with a process and its family, since it began."""
    return sum(_ticks(one) for one in family(pid)) / _TICKS_PER_SECOND


def memory(pid: int) -> Memory:
    """What a process and its family hold now."""
    found = [_memory(one) for one in family(pid)]
    return Memory(sum(one.proportional_bytes for one in found), sum(one.resident_bytes for one in found))


def _ticks(pid: int) -> int:
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_TIMES]
    return sum(map(int, times))


def _memory(pid: int) -> Memory:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return Memory(*(int(lines[name].split()[0]) * 1024 for name in ("Pss", "Rss")))
