"""The operator's commands about a person."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.history.people import Person
from tests.tenants import ALICE_KEY, BOB, NOON

ACCOUNT = "557058:0b0b0b0b"


@pytest.fixture
def bob(alice, charlie, services):
    """Bob, whom two installations know; Alice's was installed by him."""
    with services.sessions.begin() as session:
        for installation in (alice, charlie):
            session.add(
                Person(
                    installation_id=installation.id,
                    uuid=BOB,
                    account_id=ACCOUNT,
                    display_name="Bob Example",
                    kind="user",
                    seen_at=NOON,
                )
            )


def names(services):
    with services.readers() as session:
        return list(session.scalars(select(Person.display_name)))


@pytest.mark.parametrize("account", [ACCOUNT, BOB, BOB.upper(), BOB.strip("{}")])
def test_a_report_says_what_is_held_in_each_installation(run, bob, account):
    answer = run("people", "report", account)
    assert answer.exit_code == 0
    assert "Alice & Co" in answer.output
    assert "Charlie" in answer.output
    assert answer.output.count("Bob Example") == 2


def test_a_report_for_programs_counts_the_rows(run, bob):
    alices, charlies = json.loads(run("people", "report", ACCOUNT, "--json").output)
    assert (alices["client_key"], alices["mentions"]) == (ALICE_KEY, {"installations.actor_uuid": 1})
    assert charlies["mentions"] == {}


def test_a_report_about_a_stranger_says_so(run, services):
    answer = run("people", "report", ACCOUNT)
    assert (answer.exit_code, answer.output) == (0, "Nothing is held about this account.\n")


def test_every_account_id_is_listed_once_with_its_newest_telling(run, bob, charlie, services):
    with services.sessions.begin() as session:
        newer = {"account_id": "557058:0a", "kind": "user", "seen_at": NOON}
        session.add(Person(installation_id=charlie.id, uuid="{a}", **newer))
        session.add(Person(installation_id=charlie.id, uuid="email:gil@example.com", kind="user", seen_at=NOON))
        row = session.scalar(select(Person).where(Person.installation_id == charlie.id, Person.uuid == BOB))
        row.seen_at = NOON + timedelta(hours=1)

    listed = run("people", "accounts").output.splitlines()

    assert listed == ["557058:0a\t2026-11-23T12:00:00+00:00", f"{ACCOUNT}\t2026-11-23T13:00:00+00:00"]
    assert [one["account_id"] for one in json.loads(run("people", "accounts", "--json").output)] == [
        "557058:0a",
        ACCOUNT,
    ]


def test_an_account_that_was_erased_is_not_listed(run, bob):
    run("people", "erase", ACCOUNT, "--yes")
    assert run("people", "accounts").output == ""


def test_erasing_asks_first(run, bob, services):
    answer = run("people", "erase", ACCOUNT, given="n\n")
    assert answer.exit_code == 1
    assert "Erase 557058:0b0b0b0b from Alice & Co, Charlie? This cannot be undone" in answer.output
    assert names(services) == ["Bob Example", "Bob Example"]


def test_erasing_leaves_no_name_anywhere(run, bob, services):
    answer = run("people", "erase", ACCOUNT, "--yes")
    assert (answer.exit_code, answer.output) == (0, "Erased from Alice & Co, Charlie.\n")
    assert names(services) == [None, None]
    assert run("people", "report", BOB).output == "Nothing is held about this account.\n"


def test_erasing_a_stranger_is_no_failure(run, services):
    answer = run("people", "erase", ACCOUNT)
    assert (answer.exit_code, answer.output) == (0, "Nothing is held about this account.\n")
