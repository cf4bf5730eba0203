"""Rows that are read in every request, and are never older than the request: whoever has changed them, in whatever process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from connect.lifecycle import InstallationState
from demo.ports import any_free_port
from models import installations
from models.database import create_engine
from models.installations import Installation
from models.quick_reads import QuickReads
from models.quick_rows import rows_of
from tests.house_figures import ROOT
from tests.tenants import ALICE_KEY, ALICE_SECRET, alice_offer, install, new_box, uninstall

NEW_SECRET = "rotated-secret-0123456789-0123456789-0123456"

# Another process, which says what it finds each time that it is asked, and keeps what it keeps in between.
READER = """
import sys
from models.database import create_engine
from models.quick_reads import QuickReads

quick = QuickReads(create_engine(sys.argv[1]))
for client_key in sys.stdin:
    found = quick.installation(client_key.strip())
    print(found and f"{found.state.value} {found.sealed_secret}", flush=True)
"""


@pytest.fixture
def quick(engine):
    return QuickReads(engine)


@pytest.fixture
def installed(sessions, box):
    """Alice's installation, committed."""
    with sessions.begin() as session:
        install(session, alice_offer(), box=box)


@pytest.fixture
def change(sessions):
    """Change Alice's installation in a transaction of its own."""

    def change(how):
        with sessions.begin() as session:
            how(session, installations.by_client_key(session, ALICE_KEY))

    return change


def test_a_row_says_what_a_session_reads(quick, readers, installed):
    found = quick.installation(ALICE_KEY)

    with readers() as session:
        read = installations.by_client_key(session, ALICE_KEY)
        for column in Installation.__table__.columns:
            assert getattr(found, column.key) == getattr(read, column.key), column.key


def test_it_is_the_very_same_while_nothing_has_changed(quick, installed):
    assert quick.installation(ALICE_KEY) is quick.installation(ALICE_KEY)


def test_what_nobody_has_is_not_found(quick, installed):
    assert quick.installation("connection:404") is None
    assert quick.installation("a\x00b") is None


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (
            lambda session, _row: install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=new_box()),
            (InstallationState.ACTIVE, NEW_SECRET),
        ),
        (lambda session, _row: uninstall(session, ALICE_KEY), (InstallationState.UNINSTALLED, ALICE_SECRET)),
        (lambda session, row: session.delete(row), None),
    ],
    ids=["rotated", "uninstalled", "deleted"],
)
def test_it_never_outlives_a_change(quick, installed, change, how, expected):
    assert quick.installation(ALICE_KEY) is not None
    change(how)

    found = quick.installation(ALICE_KEY)

    assert (found and (found.state, installations.secret_of(found, new_box()))) == expected


def test_another_process_sees_a_rotation_and_an_uninstall_at_its_next_look(engine, installed, change, box):
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", READER, url]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:

        def look():
            reader.stdin.write(f"{ALICE_KEY}\n")
            reader.stdin.flush()
            state, _, sealed = reader.stdout.readline().strip().partition(" ")
            return state, box.open(sealed, context=ALICE_KEY)

        assert look() == look() == ("active", ALICE_SECRET)
        change(lambda session, _row: install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=box))
        assert look() == ("active", NEW_SECRET)
        change(lambda session, _row: uninstall(session, ALICE_KEY))
        assert look() == ("uninstalled", NEW_SECRET)
        reader.stdin.close()
        assert reader.wait() == 0


def test_what_is_not_committed_is_not_seen(quick, sessions, installed):
    with sessions() as session:
        uninstall(session, ALICE_KEY)
        session.flush()
        assert quick.installation(ALICE_KEY).state is InstallationState.ACTIVE
        session.rollback()


def cut_off_connections(engine):
    """All that the pool holds: by the server, and where there is none, by closing them."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        return
    # It is waited for their end, as whoever asks after a restart comes after it.
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'bittern' AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        connection.execute(text(others))


def test_a_connection_that_was_cut_off_costs_no_request(quick, engine, installed):
    quick.installation(ALICE_KEY)
    cut_off_connections(engine)
    assert quick.installation(ALICE_KEY) is not None


def test_what_the_database_refuses_is_raised_as_sqlalchemy_does(engine):
    with pytest.raises(DBAPIError, match="no_such_table"):
        rows_of(engine, "SELECT 1 FROM no_such_table", ())


@pytest.mark.parametrize(
    "where", ["sqlite:////nowhere/at/all/bittern.db", "postgresql://bittern@127.0.0.1:{port}/bittern"]
)
def test_a_database_that_cannot_be_reached_is_unavailable_and_no_accident(where):
    engine = create_engine(where.format(port=any_free_port()))
    with pytest.raises(OperationalError):
        rows_of(engine, "SELECT 1", ())


def test_it_gives_its_connection_back(quick, engine, installed):
    for _ in range(3):
        quick.installation(ALICE_KEY)

    assert engine.pool.checkedout() == 0


def test_together_they_come_over_one_connection_and_each_is_as_of_its_own_moment(quick, engine, installed, change):
    taken = []
    event.listen(engine, "checkout", lambda *_: taken.append(1))
    with quick.together():
        assert quick.installation(ALICE_KEY).state is InstallationState.ACTIVE
        before = len(taken)
        assert quick.installation(ALICE_KEY) is not None
        assert len(taken) == before == 1
        change(lambda session, _row: uninstall(session, ALICE_KEY))
        assert quick.installation(ALICE_KEY).state is InstallationState.UNINSTALLED


def test_a_connection_goes_back_as_it_came(quick, engine, installed):
    """Also after an error: whoever gets it next may write, and take it back."""
    quick.installation(ALICE_KEY)
    with pytest.raises(DBAPIError), quick.together():
        rows_of(engine, "SELECT * FROM no_such_table", ())
    with engine.connect() as connection:
        assert not getattr(connection.connection.dbapi_connection, "autocommit", False)


def test_a_connection_that_breaks_meanwhile_is_not_used_again(quick, engine, installed):
    if engine.dialect.name == "sqlite":
        pytest.skip("nobody cuts SQLite's connections")
    with quick.together():
        quick.installation(ALICE_KEY)
        cut_off_connections(engine)
        with pytest.raises(DBAPIError):
            quick.installation(ALICE_KEY)
    assert quick.installation(ALICE_KEY) is not None
