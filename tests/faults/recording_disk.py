"""A disk for SQLite that writes down what is done to it, in order, and fails where it is told to.

It is SQLite's own, with a notebook in between: files are real, locks and shared memory are those of the operating system. What was
written down is enough to say what a disk could hold had the power failed at any moment: tests.faults.power does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class SyncFailed:
    """The system has said so once; what it had not yet written it may have forgotten, for good."""

    file: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something was told to somebody outside."""

    what: object


Entry = Write | Truncate | Sync | SyncFailed | Said
KINDS = {"-wal": "wal", "-journal": "journal", "": "db"}


@dataclass
class Notebook:
    """What was done, by all connections of all threads."""

    entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)


class RecordingDisk(apsw.VFS):
    """The disk. `on_write` and `on_sync` are asked before each, with the kind of the file; what they raise is what SQLite sees."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.notebook = Notebook()
        self.on_write: Callable[[str], None] = _allowed
        self.on_sync: Callable[[str], None] = _allowed
        super().__init__(name, "")

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's name
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: RecordingDisk, name, flags) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._file = Path(path).name if path else ""
        self._disk = disk
        self._kind = kind_of(self._file)
        super().__init__("", name, flags)

    def xWrite(self, content, offset):  # noqa: N802
        self._disk.on_write(self._kind)
        super().xWrite(content, offset)
        self._note(Write(self._file, offset, bytes(content)))

    def xTruncate(self, size):  # noqa: N802
        super().xTruncate(size)
        self._note(Truncate(self._file, size))

    def xSync(self, flags):  # noqa: N802
        try:
            self._disk.on_sync(self._kind)
        except apsw.Error:
            self._note(SyncFailed(self._file))
            raise
        super().xSync(flags)
        self._note(Sync(self._file))

    def _note(self, entry: Entry) -> None:
        if self._file:
            self._disk.notebook.add(entry)


def kind_of(file: str) -> str:
    """What a file is to SQLite: the database, its log, its rollback journal; without a name, a temporary one."""
    if not file:
        return "tmp"
    return next(kind for suffix, kind in KINDS.items() if file.endswith(suffix))


def _allowed(_kind: str) -> None:
    return
