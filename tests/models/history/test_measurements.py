"""Measurements are kept as they are, found by when they were closed, and known to be of other settings when they are."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.context import context_of
from insights.pull_requests.measurement import measure
from insights.settings import WorkspaceSettings
from models import repositories
from models.history import measurements, measurings, pull_requests
from models.history.pull_requests import PullRequestRow
from models.repositories import RepositoryFacts
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.insights.lives import BOB, DAY, approved, at, commented, pull_request
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, alice_offer, install, new_box

SETTINGS = WorkspaceSettings(main_branch="main")
BASIS = measurements.basis_of(SETTINGS)


@pytest.fixture
def heron(session):
    alice = install(session, alice_offer(), box=new_box())
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, main_branch="main")
    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    session.flush()
    return row


def measured(number, **about):
    events = (commented(at("Mon 11:00"), BOB), approved(at("Mon 12:00"), BOB))
    told = pull_request(opened=at("Mon 10:00"), events=events)
    return measure(msgspec.structs.replace(told, id=number, **about), context_of(SETTINGS))


def store(session, heron, *items, version=1, basis=BASIS):
    measurements.store(session, heron, items, basis=basis, version=version)


def test_what_is_kept_comes_back_as_it_was(session, heron):
    item = measured(7, closed_at=at("Mon 13:00"), state=PullRequestState.MERGED)
    store(session, heron, item)

    assert measurements.some(session, heron, {7, 8}) == [item]


def test_those_that_are_open_and_those_closed_since_are_found(session, heron):
    opened = measured(1)
    early = measured(2, closed_at=at("Mon 13:00"), state=PullRequestState.MERGED)
    late = measured(3, closed_at=at("Mon 13:00") + 2 * DAY, state=PullRequestState.DECLINED)
    store(session, heron, opened, early, late)

    found = measurements.since(session, heron, at("Mon 13:00") + DAY)

    assert {item.id for item in found} == {1, 3}
    assert measurements.count_since(session, heron, at("Mon 13:00") + DAY) == 2
    assert measurements.count_since(session, heron, at("Mon 13:00")) == 3


def test_one_whose_closing_time_is_lost_is_found_where_it_was_opened(session, heron):
    lost = measured(4, state=PullRequestState.MERGED)
    store(session, heron, lost)

    assert measurements.since(session, heron, lost.stamps.opened) == [lost]
    assert measurements.since(session, heron, lost.stamps.opened + DAY) == []


def test_only_what_a_later_version_has_changed_is_read_again(session, heron):
    store(session, heron, measured(1), measured(2), version=1)
    store(session, heron, measured(2, title="Anew"), version=2)

    [changed] = measurements.changed_since(session, heron, version=1)

    assert (changed.id, changed.title) == (2, "Anew")


def test_another_basis_is_only_what_would_give_other_numbers():
    same = msgspec.structs.replace(SETTINGS, week_starts_on=6, are_names_shown=True, stale_days=120)
    others = [
        msgspec.structs.replace(SETTINGS, **change)
        for change in (
            {"required_approvals": 2},
            {"time_zone": "Europe/Berlin"},
            {"weekend": frozenset({4, 5})},
            {"holidays": frozenset({datetime(2026, 12, 25, tzinfo=UTC).date()})},
            {"bots": frozenset({BOB})},
            {"main_branch": "trunk"},
            {"size_limits": (1, 2, 3, 4)},
        )
    ]

    assert measurements.basis_of(same) == BASIS
    assert len({BASIS, *map(measurements.basis_of, others)}) == len(others) + 1


def test_the_order_in_which_bots_were_named_makes_no_difference():
    names = [f"{{{number}}}" for number in range(50)]
    one, other = (msgspec.structs.replace(SETTINGS, bots=frozenset(those)) for those in (names, reversed(names)))

    assert measurements.basis_of(one) == measurements.basis_of(other)


def test_those_of_another_basis_and_those_never_measured_are_outdated_the_newest_first(session, heron):
    rows = [
        PullRequestRow(repository_id=heron.id, number=number, created_at=NOON, updated_at=NOON, as_of=NOON)
        for number in (1, 2, 3, 4)
    ]
    pull_requests.store(session, rows)
    store(session, heron, measured(2))
    store(session, heron, measured(3), basis="of old")

    found = measurements.outdated(session, heron, basis=BASIS, below=100, at_most=2)

    assert list(found) == [4, 3]
    assert list(measurements.outdated(session, heron, basis=BASIS, below=3, at_most=2)) == [1]


def test_a_repository_is_due_when_it_was_measured_with_another_main_branch_and_one_worker_gets_it(session, heron):
    measurings.ensure(session, heron, basis=BASIS, settings_version=0)
    assert list(measurings.due(session, now=NOON, at_most=9)) == []

    heron.main_branch = "trunk"
    session.flush()

    assert list(measurings.due(session, now=NOON, at_most=9)) == [heron.id]
    owner = measurings.claim(session, heron.id, now=NOON, lease=timedelta(seconds=30))
    assert owner
    assert measurings.claim(session, heron.id, now=NOON, lease=timedelta(seconds=30)) is None
    assert list(measurings.due(session, now=NOON, at_most=9)) == []
    assert list(measurings.due(session, now=NOON + timedelta(seconds=31), at_most=9)) == [heron.id]

    measurings.finish(session, heron, owner, basis="anew", settings_version=0)
    assert list(measurings.due(session, now=NOON + timedelta(seconds=31), at_most=9)) == []
    assert measurings.basis_of(session, heron) == "anew"
