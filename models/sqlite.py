"""Which SQLite library is used, and whether it may have several connections on one WAL database.

Also used for the queue's own file in jobs/, so that both files are kept by the same library.
"""

import importlib
import sqlite3
from dataclasses import dataclass
from functools import cache
from types import ModuleType

# Fixed in 3.51.3 and in these back ports; every version from 3.7.0 on has the race (https://sqlite.org/wal.html#walresetbug).
_FIRST_SAFE = (3, 51, 3)
_SAFE_BACK_PORTS = {(3, 44): 6, (3, 50): 7}


@dataclass(frozen=True, slots=True)
class SqliteLibrary:
    """A DB-API module and the version of the SQLite library inside it."""

    module: ModuleType
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        """For people: the module and the version."""
        return f"{self.module.__name__.split('.', maxsplit=1)[0]} with SQLite {'.'.join(map(str, self.version))}"

    @property
    def is_wal_safe(self) -> bool:
        """Whether the library is free of the WAL-reset race, which can lose commits or corrupt the file."""
        back_port = _SAFE_BACK_PORTS.get(self.version[:2])
        return self.version >= _FIRST_SAFE or (back_port is not None and self.version[2] >= back_port)

    @property
    def journal_mode(self) -> str:
        """WAL where it is safe, else the rollback journal: slower, and without the race."""
        return "wal" if self.is_wal_safe else "delete"


@cache
def sqlite_library() -> SqliteLibrary:
    """The newest SQLite library at hand: the one in the `pysqlite3` wheel, where installed and newer, else Python's own."""
    own = _library(sqlite3)
    try:
        wheel = _library(importlib.import_module("pysqlite3.dbapi2"))
    except ImportError:
        return own
    return wheel if wheel.version > own.version else own


def _library(module: ModuleType) -> SqliteLibrary:
    major, minor, patch = module.sqlite_version_info
    return SqliteLibrary(module=module, version=(major, minor, patch))
