"""An empty database for each of many lives, on SQLite and on PostgreSQL, and figures at the end."""

from __future__ import annotations

import contextlib
import gc
import itertools
import shutil

import pytest
import structlog

from tests.databases import BOTH, postgres_server, postgres_tables, sqlite_template
from tests.faults.figures import Figures

__all__ = ["postgres_server", "postgres_tables", "sqlite_template"]


@pytest.fixture(params=BOTH)
def fresh_database(request, tmp_path):
    """Opens an empty, migrated database: `with fresh_database() as url`. Its `__name__` is the kind's."""
    opened = _sqlite(request, tmp_path) if request.param == "sqlite" else _postgres(request)
    opened.__name__ = request.param
    return opened


@pytest.fixture
def sqlite_database(request, tmp_path):
    """As `fresh_database`, on SQLite alone."""
    return _sqlite(request, tmp_path)


def _sqlite(request, folder):
    template, number = request.getfixturevalue("sqlite_template"), itertools.count()

    @contextlib.contextmanager
    def opened():
        own = folder / str(next(number))
        own.mkdir()
        shutil.copyfile(template, own / "bittern.db")
        yield f"sqlite:///{own / 'bittern.db'}"
        shutil.rmtree(own)

    return opened


def _postgres(request):
    url, empty = request.getfixturevalue("postgres_tables")

    @contextlib.contextmanager
    def opened():
        try:
            yield url
        finally:
            empty()

    return opened


@pytest.fixture
def figures(request, record_property):
    return Figures(record_property, title=request.module.__doc__.partition("\n")[0])


@pytest.fixture(autouse=True, scope="module")
def _seldom_collected():
    """What is imported stays, and a life leaves its rubbish at its end: looking for it all the time takes a quarter of the run."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _quiet():
    with structlog.testing.capture_logs():
        yield
