"""An empty database for each of many lives, as tests/equality has it."""

from __future__ import annotations

import pytest

import logs
from tests.databases import postgres_server, postgres_tables, sqlite_template
from tests.equality.conftest import _quiet, fresh_database, sqlite_database

__all__ = ["_quiet", "fresh_database", "postgres_server", "postgres_tables", "sqlite_database", "sqlite_template"]


@pytest.fixture(autouse=True)
def _as_it_is(monkeypatch):
    """No application sets logging up anew."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)
