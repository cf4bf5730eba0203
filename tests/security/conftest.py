"""Which entries run on which database, and the laboratory that they run in: one at a time, since each is many processes."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import make_url

from tests.databases import postgres_database, postgres_server
from tests.security import scoreboard
from tests.security.attack_files import cases_in, chosen_ids, file_to_run, left_out
from tests.security.laboratory import open_laboratory
from tests.security.recipes.cast import Cast
from tests.security.stage import set_stage

__all__ = ["postgres_server"]

GIVEN = "given"
ON_THE_DATABASE = ("LIF", "TEN", "WHK", "CTL")
"""Entries that stand or fall with rows and transactions. `make test` runs the others on SQLite alone, `make attacks` all on both."""


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        options = metafunc.config.option
        cases = cases_in(file_to_run(options.attacks), ids=chosen_ids(options.attacks, options.attack_ids))
        is_short = not (options.attacks or options.attack_ids)
        databases = {GIVEN: ()} if options.database else {"sqlite": (), "postgres": (pytest.mark.postgres,)}
        chosen = [
            pytest.param(database, case, id=f"{database}-{case.name}", marks=marks)
            for database, marks in databases.items()
            for case in cases
            if not (is_short and database == "postgres") or case.name.startswith(ON_THE_DATABASE)
        ]
        metafunc.parametrize(("database", "case"), chosen)


def pytest_report_collectionfinish(config):
    """Says what is not run: an entry must not be missed in silence."""
    options = config.option
    ids = chosen_ids(options.attacks, options.attack_ids)
    count = left_out(file_to_run(options.attacks), ids=ids)
    return f"attacks: {count} entries are left out, whose ids do not match {ids} (--attack-ids)" if count else []


def pytest_terminal_summary(terminalreporter):
    scoreboard.write_summary(terminalreporter)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Entries of one laboratory together, in the order that chance gave them."""
    items.sort(key=laboratory_of)


def laboratory_of(item):
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if not params.keys() >= {"case", "database"}:
        return "", "", ""
    return params["database"], params["case"].mode, repr(params["case"].fixtures)


class LaboratoryHall:
    """Keeps the laboratory that is in use and closes it when another is wanted. One that did not open is not tried again."""

    def __init__(self):
        self._in_use = None
        self._stage = None
        self._failure = None
        self._stack = contextlib.ExitStack()

    def stage_for(self, key, open_stage):
        if key != self._in_use:
            self.close()
            self._in_use = key
            try:
                self._stage = open_stage(self._stack)
            except Exception as failure:
                self._failure = failure
                raise
        elif self._failure is not None:
            raise RuntimeError(f"the laboratory did not open, as an earlier test says: {type(self._failure).__name__}")
        return self._stage

    def close(self):
        self._stage = self._in_use = self._failure = None
        self._stack.close()


@pytest.fixture(scope="session")
def hall():
    hall = LaboratoryHall()
    yield hall
    hall.close()


@pytest.fixture(scope="session")
def postgres_for_laboratories(hall, postgres_server):
    """A server that outlives the laboratory on it: this is torn down before either."""
    yield postgres_server
    hall.close()


@pytest.fixture
def stage(request, hall, database, case):
    """The laboratory as every entry finds it."""

    def open_stage(stack):
        cast = Cast.from_fixtures(case.fixtures, mode=case.mode)
        url = database_url(request, database, stack)
        return set_stage(stack.enter_context(open_laboratory(cast, database_url=url)))

    stage = hall.stage_for((database, case.mode, repr(case.fixtures)), open_stage)
    stage.reset()
    return stage


def database_url(request, database, stack):
    """None for an SQLite file of the laboratory's own, else a new database on a PostgreSQL server."""
    if database == GIVEN:
        given = request.config.option.database
        if make_url(given if "://" in given else f"{given}://").get_backend_name() == "sqlite":
            return None
        return stack.enter_context(postgres_database(given))
    if database == "sqlite":
        return None
    return stack.enter_context(postgres_database(request.getfixturevalue("postgres_for_laboratories")))
