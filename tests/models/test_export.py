"""Everything that is kept of one installation: every table, nobody else's rows, no secret."""

from __future__ import annotations

import pytest

from models import export
from models.audit import LifecycleAudit
from models.export import WITHHELD, InstallationEnded, columns_of, exported_tables, rows_of
from models.installations import Installation
from models.presence import Presence
from models.tables import Base, Turn
from tests.models.rows_of_every_table import fill_every_table
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    alice_offer,
    charlie_offer,
    install,
    receive,
    uninstall,
)


@pytest.fixture
def tenants(sessions, box):
    """Alice and Charlie have a row in every table."""
    with sessions.begin() as session:
        alice, charlie = install(session, alice_offer(), box=box), install(session, charlie_offer(), box=box)
        fill_every_table(session, alice, ALICE_REPOSITORY, ALICE_WORKSPACE, mark="alice")
        fill_every_table(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE, mark="charlie")
    return alice, charlie


def everything(readers, installation):
    return {table: list(rows_of(readers, installation.id, table)) for table in exported_tables()}


def test_every_table_of_the_schema_is_exported_but_the_operators_trail():
    """And but for those that are about no tenant."""
    assert {table.__tablename__ for table in exported_tables()} == set(Base.metadata.tables) - {
        LifecycleAudit.__tablename__,
        Presence.__tablename__,
        Turn.__tablename__,
    }


def test_every_table_gives_the_installations_row(readers, tenants):
    alice, _ = tenants
    assert {table: len(rows) for table, rows in everything(readers, alice).items()} == dict.fromkeys(
        exported_tables(), 1
    )


def test_nothing_of_another_installation_is_in_it(readers, tenants):
    alice, charlie = tenants
    text = str(everything(readers, alice)).lower()

    assert "charlie" not in text
    assert charlie.principal_uuid not in text
    assert "alice" in text


def test_no_secret_is_in_it(readers, tenants):
    alice, _ = tenants
    text = str(everything(readers, alice))

    assert ALICE_SECRET not in text
    assert alice.sealed_secret not in text


def test_every_sealed_column_is_withheld():
    sealed = {column.name for table in Base.metadata.tables.values() for column in table.c if "sealed" in column.name}
    assert sealed
    assert sealed <= WITHHELD
    assert {column.name for column in columns_of(Installation)} == set(Installation.__table__.c.keys()) - WITHHELD


def test_a_long_table_is_read_in_pages_and_each_row_once(sessions, readers, tenants):
    alice, _ = tenants
    with sessions.begin() as session:
        for number in range(1, 8):
            receive(session, alice, number=number)
    table = next(table for table in exported_tables() if table.__tablename__ == "webhook_deliveries")

    ids = [row["id"] for row in rows_of(readers, alice.id, table, page=3)]

    assert ids == sorted(set(ids))
    assert len(ids) == 8


def test_an_uninstall_stops_the_reading_at_the_next_page(sessions, readers, tenants):
    alice, _ = tenants
    with sessions.begin() as session:
        for number in range(1, 4):
            receive(session, alice, number=number)
    table = next(table for table in exported_tables() if table.__tablename__ == "webhook_deliveries")
    rows = rows_of(readers, alice.id, table, page=2)
    next(rows)
    with sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    next(rows)
    with pytest.raises(InstallationEnded):
        next(rows)


def test_nothing_is_read_of_an_installation_that_has_ended(sessions, readers, tenants):
    alice, _ = tenants
    with sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    with pytest.raises(export.InstallationEnded):
        next(rows_of(readers, alice.id, Installation))
