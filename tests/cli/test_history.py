"""The operator's commands about histories: how far they are, and having them read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cli.history import shown_span
from models import backfills, repositories
from models.backfill_stages import Stage
from models.repositories import RepositoryFacts
from tests.tenants import (
    ALICE_KEY,
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    CHARLIE_KEY,
    NOON,
    uninstall,
)


@pytest.fixture
def heron(services, alice):
    """A repository of Alice's whose history is being read."""
    with services.sessions.begin() as session:
        backfills.begin(session, alice, now=NOON)
        row, _ = repositories.record(
            session, alice, RepositoryFacts(ALICE_REPOSITORY, full_name="alice/heron"), as_of=NOON, now=NOON
        )
        backfills.ensure(session, row, since=NOON - timedelta(days=371), now=NOON)
        backfill = backfills.of_repository(session, row)
        backfill.stage, backfill.open_total, backfill.closed_total = Stage.CLOSED_PULL_REQUESTS, 30, 1214
    return row


def backfill_of(services, repository):
    with services.readers() as session:
        return backfills.of_repository(session, repository)


def test_it_says_how_far_each_history_is(run, heron):
    shown = run("status", COLUMNS="160").output
    assert f"Alice & Co ({ALICE_KEY}): 0 of 700 calls this hour; its repositories are being listed" in shown
    assert "alice/heron" in shown
    assert "0 of 1,214 pull requests" in shown
    assert "closed pull requests" in shown


def test_programs_get_it_as_json(run, heron):
    (told,) = json.loads(run("status", "--json").output)
    (repository,) = told["repositories"]
    assert (told["client_key"], told["is_listed"], told["calls_per_hour"]) == (ALICE_KEY, False, 700)
    assert (repository["repository"], repository["stage"], repository["total"]) == (
        "alice/heron",
        "closed_pull_requests",
        1214,
    )
    assert repository["eta_seconds"] > 3600


def test_one_installation_is_shown_alone(run, heron, charlie):
    assert "Charlie" in run("status").output
    shown = run("status", ALICE_KEY).output
    assert "Alice" in shown
    assert "Charlie" not in shown


def test_an_installation_that_is_not_there_ends_it(run):
    assert run("status", "nobody").exit_code == 1
    assert run("backfill", "nobody").exit_code == 1


def test_a_finished_history_is_told_as_one(run, heron, services):
    with services.sessions.begin() as session:
        row = backfills.of_repository(session, heron)
        row.stage, row.skipped = Stage.DONE, 2
    shown = run("status", COLUMNS="160").output
    assert "1,244 pull requests, 2 things could not be had" in shown
    assert "100%" in shown


def test_watching_ends_when_all_is_read(run, heron, services, alice):
    with services.sessions.begin() as session:
        backfills.of_repository(session, heron).stage = Stage.DONE
        backfills.listing_of(session, alice).finished_at = NOON
    answer = run("status", "--watch")
    assert answer.exit_code == 0
    assert "alice/heron" in answer.output


def test_a_backfill_has_the_repositories_listed_and_read(run, heron, services, alice, doorbell):
    with services.sessions.begin() as session:
        repositories.record(session, alice, RepositoryFacts(ALICE_OTHER_REPOSITORY), as_of=NOON, now=NOON)
    answer = run("backfill", ALICE_KEY)
    assert answer.exit_code == 0
    assert "2 repositories are read by the worker." in answer.output
    assert doorbell.rung == [("backfill", alice.id)]
    with services.readers() as session:
        assert len(backfills.of_installation(session, alice)) == 2
    assert backfill_of(services, heron).stage is Stage.CLOSED_PULL_REQUESTS


@pytest.mark.parametrize("name", [ALICE_REPOSITORY, "alice/heron"])
def test_one_repository_can_be_read_anew(run, heron, services, name):
    answer = run("backfill", ALICE_KEY, "--repository", name, "--anew")
    assert "1 repository is read by the worker." in answer.output
    assert backfill_of(services, heron).stage is Stage.OPEN_PULL_REQUESTS


def test_nothing_is_read_for_a_repository_that_is_not_the_installation_s(run, heron, charlie, services):
    answer = run("backfill", CHARLIE_KEY, "--repository", ALICE_REPOSITORY, "--anew")
    assert answer.exit_code == 1
    assert backfill_of(services, heron).stage is Stage.CLOSED_PULL_REQUESTS


def test_nothing_is_read_for_an_installation_that_has_ended(run, heron, services, doorbell):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    answer = run("backfill", ALICE_KEY)
    assert answer.exit_code == 1
    assert doorbell.rung == []
    assert ALICE_KEY not in run("status").output


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=61), "2 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=7, minutes=6), "7 h 6 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=52), "2 d 4 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_spans_are_told_in_their_two_largest_units(span, shown):
    assert shown_span(span) == shown
