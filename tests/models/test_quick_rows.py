"""Rows that are read in every request, and are never older than the request: whoever has changed them, in whatever process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from connect.lifecycle import InstallationState
from models import installations
from models.installations import Installation
from models.quick_reads import QuickReads
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
