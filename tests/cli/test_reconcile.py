"""The operator's command about the comparison with Bitbucket."""

import json

import pytest

from models import censuses, reconciles, repositories
from models.reconciles import Drift
from models.repositories import RepositoryFacts
from tests.tenants import (
    ALICE_KEY,
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_KEY,
    NOON,
)
from tests.web.fake_bitbucket import REPOSITORY, page


@pytest.fixture
def herons(alice, services):
    """Two repositories of Alice's, planned."""
    made = []
    for uuid, name in ((ALICE_REPOSITORY, "heron"), (ALICE_OTHER_REPOSITORY, "crane")):
        facts = RepositoryFacts(uuid, workspace_uuid=ALICE_WORKSPACE, full_name=f"alice/{name}")
        with services.sessions.begin() as session:
            row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
            session.flush()
            reconciles.plan(session, row, at=NOON)
        made.append(row)
    return made


def test_what_was_found_is_shown_for_each_repository(run, herons, services):
    with services.sessions.begin() as session:
        reconciles.note(session, herons[0], {Drift.REF: 2})

    shown = run("reconcile").output
    read = json.loads(run("reconcile", "--json").output)

    assert "alice/heron" in shown
    assert [(one["repository"], one["found"], one["found_ever"]) for one in read] == [
        ("alice/crane", {}, 0),
        ("alice/heron", {"ref": 2}, 2),
    ]


def test_those_of_an_installation_are_made_due_and_rung_for(run, herons, alice, services, doorbell):
    answer = run("reconcile", ALICE_KEY)

    assert (answer.exit_code, answer.output) == (0, "2 due now.\n")
    with services.readers() as session:
        rows = [reconciles.of(session, one) for one in herons]
        census = censuses.of(session, alice)
    assert sorted(doorbell.rung) == sorted([*(("reconcile", row.id) for row in rows), ("census", census.id)])


@pytest.mark.parametrize("wanted", [ALICE_OTHER_REPOSITORY, "alice/crane"])
def test_one_of_them_can_be_named(run, herons, services, doorbell, wanted):
    run("reconcile", ALICE_KEY, "--repository", wanted, "--whole")

    with services.readers() as session:
        row = reconciles.of(session, herons[1])
        assert (row.is_whole, reconciles.of(session, herons[0]).is_whole) == (True, False)
    assert doorbell.rung == [("reconcile", row.id)]


def test_one_that_is_not_the_installations_is_not_found(run, herons, charlie):
    answer = run("reconcile", CHARLIE_KEY, "--repository", ALICE_REPOSITORY)
    assert answer.exit_code == 1
    assert "has no repository" in answer.output


def test_a_client_key_that_nobody_has_is_not_found(run, herons):
    assert run("reconcile", "nobody").exit_code == 1


def test_it_can_be_done_here_to_its_end(run, herons, bitbucket):
    bitbucket.answers(f"{REPOSITORY}/refs", page())

    answer = run("reconcile", ALICE_KEY, "--repository", ALICE_REPOSITORY, "--here")

    assert answer.exit_code == 0
    assert "alice/heron: compared with 2 calls; found nothing that was not known." in answer.output


def test_what_stops_it_is_said(run, herons, bitbucket):
    bitbucket.answers(f"{REPOSITORY}/refs", {"type": "error", "error": {"message": "Down."}}, status=503)

    answer = run("reconcile", ALICE_KEY, "--repository", ALICE_REPOSITORY, "--here")

    assert "not at its end yet (503 Down.)" in answer.output


def test_the_workspace_is_listed_too_where_all_are_compared(run, herons, bitbucket, services, alice):
    bitbucket.answers(f"/2.0/repositories/{ALICE_WORKSPACE}", page({"uuid": ALICE_REPOSITORY, "name": "Heron"}))
    bitbucket.answers(f"{REPOSITORY}/refs", page())

    run("reconcile", ALICE_KEY, "--here")

    with services.readers() as session:
        assert censuses.of(session, alice).repositories == 1
        # The other one is not over there any more.
        assert [row.uuid for row in repositories.held(session, alice)] == [ALICE_REPOSITORY]
