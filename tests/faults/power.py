"""What a disk could hold after the power failed: all that was synced, and by chance some of the rest, torn and out of order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.faults.recording_disk import Sync, SyncFailed, Truncate, Write

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from tests.faults.recording_disk import Entry

SECTOR_BYTES = 512
"""A disk writes one of them wholly or not at all."""
LOST, WHOLE = 0.3, 0.6


class Platter:
    """A disk, entry by entry of a notebook: what it holds for certain, and what is on its way."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._certain = defaultdict(bytearray, {name: bytearray(content) for name, content in files.items()})
        self._on_the_way: dict[str, list[Write | Truncate]] = defaultdict(list)

    def take(self, entry: Entry) -> None:
        if isinstance(entry, Write | Truncate):
            self._on_the_way[entry.file].append(entry)
        elif isinstance(entry, Sync):
            for one in self._on_the_way.pop(entry.file, ()):
                _apply(self._certain[entry.file], one)
        elif isinstance(entry, SyncFailed):
            # As Linux does it: what could not be written counts as written, and the next call says that all is well.
            self._on_the_way.pop(entry.file, None)

    def certain(self) -> dict[str, bytes]:
        """Every file with nothing but what is certain."""
        return {name: bytes(content) for name, content in self._certain.items()}

    def after_power_loss(self, chance: random.Random) -> dict[str, bytes]:
        """Every file as it is found afterwards."""
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        files = {name: bytearray(content) for name, content in self._certain.items()}
        for name, entries in self._on_the_way.items():
            arrived = [part for one in entries for part in _what_arrives(one, chance, share=share)]
            chance.shuffle(arrived)
            for part in arrived:
                _apply(files.setdefault(name, bytearray()), part)
        return {name: bytes(content) for name, content in files.items()}


def _what_arrives(entry: Write | Truncate, chance: random.Random, *, share: float) -> Iterator[Write | Truncate]:
    """An entry whole, torn, or not at all. `share` is how much of it all arrives: with 1.0 only the order is wrong."""
    if chance.random() >= share:
        return
    if isinstance(entry, Truncate) or share == 1.0 or chance.random() < WHOLE:
        yield entry
        return
    for start in range(0, len(entry.content), SECTOR_BYTES):
        if chance.random() >= LOST:
            yield Write(entry.file, entry.offset + start, entry.content[start : start + SECTOR_BYTES])


def _apply(content: bytearray, entry: Write | Truncate) -> None:
    if isinstance(entry, Truncate):
        del content[entry.size :]
        return
    missing = entry.offset + len(entry.content) - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    content[entry.offset : entry.offset + len(entry.content)] = entry.content
