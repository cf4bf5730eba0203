"""Upgrades from every schema that there ever was, with a row in each of its tables: all of them are there afterwards, and can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import column, insert, inspect, select, table

from models import installations, schema
from models.database import create_engine, create_sessions
from models.errors import SchemaUnfit
from models.schema import head_version, require_current_schema, schema_version, upgrade
from models.tables import Base
from tests.models.rows_of_every_table import values_of
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_SECRET, new_box

RELEASED = [
    script.revision
    for script in reversed(list(ScriptDirectory(str(schema._MIGRATIONS)).walk_revisions()))
    if not script.is_head
]
# Tables whose rows a migration lets go on purpose, with that migration: the next comparison with Bitbucket asks again.
MADE_ANEW = {"follow_ups": "0004"}


@pytest.fixture
def empty_engine(empty_database_url):
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


def migrate_to(engine, revision):
    """Make the schema of an earlier version, as that version's `migrate` did."""
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir()
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema._config(connection), revision)
    assert schema_version(engine) == revision


def fill(engine, revision):
    """A row in each table of that schema. Returns them by table, as they were written."""
    written = {}
    with engine.begin() as connection:
        inspector = inspect(connection)
        there = set(inspector.get_table_names()) - {name for name, since in MADE_ANEW.items() if revision < since}
        for known in Base.metadata.sorted_tables:
            if known.name not in there:
                continue
            # The first row of each table is what others refer to.
            values = values_of(known, dict.fromkeys(there, 1), ALICE_REPOSITORY, "mark")
            if known.name == "installations":
                values |= {"client_key": ALICE_KEY, "sealed_secret": new_box().seal(ALICE_SECRET, context=ALICE_KEY)}
            names = {one["name"] for one in inspector.get_columns(known.name)} & values.keys()
            written[known.name] = {name: values[name] for name in sorted(names)}
            # Without the defaults of columns that came later.
            plain = table(known.name, *(column(name, known.c[name].type) for name in names))
            connection.execute(insert(plain).values(written[known.name]))
    return written


@pytest.mark.parametrize("revision", RELEASED)
def test_every_row_of_an_earlier_version_is_there_after_the_upgrade(empty_engine, revision):
    migrate_to(empty_engine, revision)
    written = fill(empty_engine, revision)
    assert written
    with pytest.raises(SchemaUnfit, match="flask bittern migrate"):
        require_current_schema(empty_engine)

    upgrade(empty_engine)

    require_current_schema(empty_engine)
    with empty_engine.connect() as connection:
        for name, values in written.items():
            columns = Base.metadata.tables[name].c
            (row,) = connection.execute(select(*(columns[one] for one in values))).mappings()
            assert dict(row) == values, name
    with create_sessions(empty_engine)() as session:
        for mapper in Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()
        alice = installations.by_client_key(session, ALICE_KEY)
        assert installations.secret_of(alice, new_box()) == ALICE_SECRET


def test_the_first_version_is_among_them():
    assert RELEASED[0] == "0001"
    assert head_version() not in RELEASED
