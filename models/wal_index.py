"""Whether anything was committed to an SQLite database since one last looked, seen without asking SQLite.

In WAL mode the head of the log's index changes with each commit, by whatever process, as its last step; it lies in memory that all
processes share, and is what SQLite's own readers go by to see whether what they have kept still holds
(https://sqlite.org/walformat.html, "The WAL-Index File Format"). A statement is a dozen calls of the kernel, and at each of them
another thread may take the interpreter. A look is none.
"""

import mmap
import os
from pathlib import Path
from threading import Lock
from typing import Any, Final
from weakref import finalize

HEAD_BYTES: Final = 48
_IS_INITIALISED: Final = 12
"""Where in the head it says so: zero until somebody has opened the log."""


class WalIndex:
    """The index of one database's log, for as long as its connection is open: while there is one, nobody empties or replaces the file."""

    def __init__(self, connection: Any, mapped: mmap.mmap) -> None:  # noqa: ANN401 - the driver's own
        self._mapped = mapped
        # Nobody asks anything over it. It is closed when the last who looks has let go.
        finalize(self, connection.close)

    def head(self) -> bytes:
        """What stands for all that is committed now, both copies of it."""
        return self._mapped[: 2 * HEAD_BYTES]


def is_whole(head: bytes) -> bool:
    """Whether a head stands for anything: in the middle of a commit its copies differ, and SQLite has to be asked."""
    return head[:HEAD_BYTES] == head[HEAD_BYTES:] and head[_IS_INITIALISED] != 0


def open_index(connection: Any, database: str) -> WalIndex | None:  # noqa: ANN401 - the driver's own
    """The index of the database that this connection, which is given away, has open. None where it keeps no such log."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode")
    is_wal = cursor.fetchone() == ("wal",)
    cursor.execute("PRAGMA schema_version").fetchone()  # the first who reads makes the index
    cursor.close()
    mapped = _mapping(Path(f"{os.path.realpath(database)}-shm")) if is_wal else None
    if mapped is None:
        connection.close()
        return None
    return WalIndex(connection, mapped)


_lock: Final = Lock()
_mappings: Final[dict[tuple[int, int], tuple[int, mmap.mmap]]] = {}
"""Descriptors and what they map, by device and inode.

Whoever closes a file takes away the locks that SQLite has on it in the same process. So these are open for as long as the file has a
name, which SQLite takes from it when its last connection is closed.
"""


def _mapping(path: Path) -> mmap.mmap | None:
    with _lock:
        _close_nameless()
        try:
            named = path.stat()
            if named.st_size < 2 * HEAD_BYTES:  # looked at first: what has been opened here must not be closed again
                return None
            inode = named.st_dev, named.st_ino
            if inode not in _mappings:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                _mappings[inode] = descriptor, mmap.mmap(descriptor, 2 * HEAD_BYTES, access=mmap.ACCESS_READ)
            return _mappings[inode][1]
        except OSError:  # not to be had: SQLite is asked then
            return None


def _close_nameless() -> None:
    for inode, (descriptor, _) in list(_mappings.items()):
        if os.fstat(descriptor).st_nlink == 0:
            del _mappings[inode]  # whoever still looks at what it maps, closes that by letting go
            os.close(descriptor)
