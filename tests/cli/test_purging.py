"""Deleting by command what uninstalled workspaces have left: looked at first, named by client key, so many at a time."""

import re

import pytest

from models import installations, repositories
from models.repositories import RepositoryFacts
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_KEY,
    CHARLIE_REPOSITORY,
    NOON,
    alice_offer,
    quarantine,
    receive,
    uninstall,
)


@pytest.fixture
def gone(services, alice, charlie):
    """Both have uninstalled, and their time has come."""
    with services.sessions.begin() as session:
        for installation, uuid in ((alice, ALICE_REPOSITORY), (charlie, CHARLIE_REPOSITORY)):
            repositories.record(session, installation, RepositoryFacts(uuid), as_of=NOON, now=NOON)
            receive(session, installation)
            uninstall(session, installation.client_key, retention_days=0)


def purged(services):
    with services.readers() as session:
        return {row.client_key for row in installations.every(session) if row.purged_at is not None}


def purge(run, *arguments, **changes):
    return run("installations", "purge", *arguments, **changes)


def code_in(answer):
    return re.search(r"--confirm (\w+)", answer.output)[1]


def test_it_lists_what_is_due_and_deletes_nothing(run, gone, services):
    answer = purge(run)

    assert answer.exit_code == 0
    assert "Nothing was deleted." in answer.output
    assert CHARLIE_KEY in answer.output
    assert purged(services) == set()


def test_it_deletes_what_was_listed_with_its_code(run, gone, services):
    answer = purge(run, "--confirm", code_in(purge(run)))

    assert "Deleted what 2 of 2 installations had left.\n" in answer.output
    assert purged(services) == {ALICE_KEY, CHARLIE_KEY}


def test_those_that_are_named_go_and_no_others(run, gone, services):
    code = code_in(purge(run, CHARLIE_KEY))

    assert purge(run, CHARLIE_KEY, "--confirm", code).exit_code == 0
    assert purged(services) == {CHARLIE_KEY}


def test_the_code_of_another_list_deletes_nothing(run, gone, services):
    code = code_in(purge(run, CHARLIE_KEY))

    for answer in (purge(run, "--confirm", code), purge(run, ALICE_KEY, "--confirm", code)):
        assert (answer.exit_code, "Nothing was deleted" in answer.stderr) == (1, True)
    assert purged(services) == set()


def test_a_list_that_has_changed_since_has_another_code(run, gone, services, charlie):
    code = code_in(purge(run, CHARLIE_KEY))
    with services.sessions.begin() as session:
        receive(session, charlie, number=2)

    assert purge(run, CHARLIE_KEY, "--confirm", code).exit_code == 1
    assert purged(services) == set()


def test_it_goes_on_in_portions(run, gone, services):
    first = purge(run, BITTERN_PURGES_PER_DAY="1")

    assert "1 more are due; at most 1 go in one run." in first.output
    assert purge(run, "--confirm", code_in(first)).exit_code == 0
    assert len(purged(services)) == 1
    assert purge(run, "--confirm", code_in(purge(run))).exit_code == 0
    assert len(purged(services)) == 2


def test_more_than_may_go_in_one_run_are_refused(run, gone, services):
    answer = purge(run, ALICE_KEY, CHARLIE_KEY, BITTERN_PURGES_PER_DAY="1")

    assert (answer.exit_code, answer.stderr) == (
        1,
        "2 are named, and at most 1 may go in one run. Nothing was deleted.\n",
    )
    assert purged(services) == set()


@pytest.mark.parametrize("name", ["1", "alice", ALICE_WORKSPACE, ALICE_WORKSPACE.strip("{}").upper()])
def test_no_other_kind_of_id_names_what_is_deleted(run, gone, services, name):
    answer = purge(run, name)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"{name} is no client key. What is deleted is named by that alone: {ALICE_KEY}")
    assert purged(services) == set()


@pytest.mark.parametrize("name", [ALICE_REPOSITORY, "connection:404", "*", "", "%"])
def test_what_names_no_installation_is_refused(run, gone, services, name):
    answer = purge(run, CHARLIE_KEY, name)

    assert (answer.exit_code, "There is no such installation" in answer.stderr) == (1, True)
    assert purged(services) == set()


def test_what_is_active_or_not_due_yet_is_refused(run, services, alice, charlie):
    with services.sessions.begin() as session:
        uninstall(session, CHARLIE_KEY, retention_days=30)

    assert "is active: nothing of it is deleted." in purge(run, ALICE_KEY).stderr
    assert "is kept until 2026-12-23 12:00 UTC" in purge(run, CHARLIE_KEY).stderr
    assert purge(run).output == "No installation's time has come.\n"


def test_what_was_purged_is_said_to_be_so(run, services, gone):
    purge(run, CHARLIE_KEY, "--confirm", code_in(purge(run, CHARLIE_KEY)))

    assert "was purged already, at 2026-11-23 12:00 UTC." in purge(run, CHARLIE_KEY).stderr


def test_what_was_never_proved_is_said_to_have_left_nothing(run, services):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    assert "was never proved, and has left nothing." in purge(run, ALICE_KEY).stderr
