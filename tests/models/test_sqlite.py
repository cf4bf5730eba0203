"""Which SQLite library is used, and what is known of it."""

from __future__ import annotations

import importlib
import sqlite3
import sys
from types import SimpleNamespace

import pytest

from models.sqlite import SqliteLibrary, sqlite_library


def library(*version):
    return SqliteLibrary(module=sqlite3, version=version)


@pytest.mark.parametrize(
    "version", [(3, 51, 3), (3, 51, 10), (3, 52, 0), (4, 0, 0), (3, 44, 6), (3, 44, 9), (3, 50, 7)]
)
def test_a_fixed_library_may_have_several_connections_on_a_wal_file(version):
    assert library(*version).is_wal_safe
    assert library(*version).journal_mode == "wal"


@pytest.mark.fault("D3")
@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 50, 6), (3, 51, 2), (3, 45, 6), (3, 49, 7)])
def test_a_library_with_the_race_keeps_to_the_rollback_journal(version):
    assert not library(*version).is_wal_safe
    assert library(*version).journal_mode == "delete"


def test_a_library_says_what_it_is():
    assert library(3, 40, 1).name == "sqlite3 with SQLite 3.40.1"


@pytest.fixture
def wheel(monkeypatch):
    """Puts something in the place of the `pysqlite3` wheel."""

    def put(version):
        module = None if version is None else SimpleNamespace(__name__="pysqlite3.dbapi2", sqlite_version_info=version)
        monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", module)

    sqlite_library.cache_clear()
    yield put
    sqlite_library.cache_clear()


def test_the_wheel_is_used_where_its_library_is_newer(wheel):
    wheel((99, 0, 1))
    assert sqlite_library().name == "pysqlite3 with SQLite 99.0.1"


@pytest.mark.parametrize("version", [(3, 0, 0), None], ids=["older", "not installed"])
def test_otherwise_it_is_the_library_of_python(wheel, version):
    wheel(version)
    assert sqlite_library().module is sqlite3
    assert sqlite_library().version == sqlite3.sqlite_version_info


@pytest.mark.fault("D3")
def test_the_requirements_bring_a_library_without_the_race():
    importlib.import_module("pysqlite3") if sys.platform == "linux" else pytest.skip("the wheel is for Linux")
    assert sqlite_library().is_wal_safe
