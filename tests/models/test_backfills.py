"""Backfills: whose turn it is, what is claimed under which name, and that nobody else may write under it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from connect.lifecycle import Installed, Principal, PrincipalKind
from models import backfills, collecting, quota, repositories
from models.backfill_stages import Stage
from models.backfills import Backfill, RepositoryListing
from models.errors import LeaseLost
from models.history import deletion
from models.installations import Offer
from models.repositories import RepositoryFacts
from tests.models.test_claims import plan_of
from tests.tenants import (
    ALICE_KEY,
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    BOB,
    CHARLIE_REPOSITORY,
    NOON,
    install,
    uninstall,
)

LEASE = timedelta(seconds=6)
SINCE = NOON - timedelta(days=371)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def hold(session):
    """Has the installation hold a repository whose history is to be read."""

    def hold(installation, uuid, *, stage=Stage.OPEN_PULL_REQUESTS, is_read=True):
        repository, _ = repositories.record(session, installation, RepositoryFacts(uuid), as_of=NOON, now=NOON)
        if is_read:
            backfills.ensure(session, repository, since=SINCE, now=NOON)
            backfills.of_repository(session, repository).stage = stage
        session.flush()
        return repository

    return hold


def claim(session, *, now=NOON):
    return backfills.claim_next(session, now=now, lease=LEASE)


def claimed_repository(session, **when):
    claimed = claim(session, **when)
    return None if claimed is None else session.get(Backfill, claimed.row_id).repository_id


def test_an_installation_begins_with_the_list_of_its_repositories(session, alice):
    backfills.begin(session, alice, now=NOON)
    claimed = claim(session)
    assert (claimed.table, claimed.installation_id, claimed.attempts) == (RepositoryListing, alice.id, 1)
    assert claim(session) is None


def test_beginning_again_disturbs_no_list_that_is_under_way(session, alice):
    backfills.begin(session, alice, now=NOON)
    claimed = claim(session)
    backfills.begin(session, alice, now=LATER)
    assert backfills.leased_listing(session, claimed).asked_at == NOON


def test_beginning_again_after_the_end_lists_anew(session, alice):
    backfills.begin(session, alice, now=NOON)
    row = backfills.leased_listing(session, claim(session))
    row.finished_at, row.next_attempt_at, row.lease_owner, row.lease_until = NOON, None, None, None
    row.repositories = 12
    session.flush()
    backfills.begin(session, alice, now=LATER)
    session.expire_all()
    row = backfills.listing_of(session, alice)
    assert (row.finished_at, row.next_attempt_at, row.repositories) == (None, LATER, 0)


def test_a_history_is_asked_for_once(session, alice):
    repository, _ = repositories.record(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
    assert backfills.ensure(session, repository, since=SINCE, now=NOON)
    assert not backfills.ensure(session, repository, since=SINCE, now=LATER)
    assert backfills.of_repository(session, repository).asked_at == NOON


def test_the_list_comes_before_the_histories(session, alice, hold):
    hold(alice, ALICE_REPOSITORY)
    backfills.begin(session, alice, now=NOON)
    assert [claim(session).table, claim(session).table] == [RepositoryListing, Backfill]


def test_the_earlier_stage_comes_first(session, alice, hold):
    hold(alice, ALICE_REPOSITORY, stage=Stage.CLOSED_ACTIVITY)
    other = hold(alice, ALICE_OTHER_REPOSITORY, stage=Stage.OPEN_DIFFSTATS)
    assert claimed_repository(session) == other.id


def test_a_repository_that_somebody_looks_at_comes_first_among_those_that_are_not_of_use_yet(session, alice, hold):
    hold(alice, ALICE_REPOSITORY, stage=Stage.OPEN_PULL_REQUESTS)
    other = hold(alice, ALICE_OTHER_REPOSITORY, stage=Stage.OPEN_DIFFSTATS)
    backfills.prefer(session, other, now=NOON)
    assert claimed_repository(session) == other.id


def test_a_repository_that_is_of_use_waits_for_those_that_are_not(session, alice, hold):
    first = hold(alice, ALICE_REPOSITORY, stage=Stage.OPEN_BUILDS)
    other = hold(alice, ALICE_OTHER_REPOSITORY, stage=Stage.MAIN_BRANCH)
    backfills.prefer(session, other, now=NOON)
    assert claimed_repository(session) == first.id


def test_turns_go_around_the_installations(session, alice, charlie, hold):
    hold(alice, ALICE_REPOSITORY)
    hold(alice, ALICE_OTHER_REPOSITORY)
    hold(charlie, CHARLIE_REPOSITORY)
    turns = [claim(session, now=NOON + timedelta(seconds=turn)).installation_id for turn in (1, 2, 3)]
    assert turns == [alice.id, charlie.id, alice.id]


@pytest.mark.parametrize("obstacle", ["blocked_until", "rests_until", "backfill_after"])
def test_an_installation_that_has_to_wait_holds_up_nobody(session, alice, charlie, hold, obstacle):
    hold(alice, ALICE_REPOSITORY)
    hold(charlie, CHARLIE_REPOSITORY)
    row = quota._locked(session, alice.id, now=NOON)
    setattr(row, obstacle, LATER)
    session.flush()
    assert (claim(session).installation_id, claim(session)) == (charlie.id, None)
    assert claim(session, now=LATER).installation_id == alice.id


def test_a_page_is_claimed_by_one_at_a_time_until_the_lease_ends(session, alice, hold):
    hold(alice, ALICE_REPOSITORY)
    first = claim(session)
    assert claim(session, now=NOON + LEASE - timedelta(milliseconds=1)) is None
    second = claim(session, now=NOON + LEASE)
    assert (second.row_id, second.attempts) == (first.row_id, 2)
    with pytest.raises(LeaseLost):
        backfills.leased(session, first)
    with pytest.raises(LeaseLost):
        backfills.renew(session, first, until=LATER)
    with pytest.raises(LeaseLost):
        backfills.give_back(session, first, retry_at=LATER, error="late")
    assert backfills.leased(session, second).lease_owner == second.owner


def test_a_claim_that_is_renewed_lasts_longer(session, alice, hold):
    hold(alice, ALICE_REPOSITORY)
    claimed = claim(session)
    backfills.renew(session, claimed, until=LATER)
    assert claim(session, now=LATER - timedelta(seconds=1)) is None
    assert claim(session, now=LATER) is not None


def test_a_page_that_is_given_back_is_due_when_it_says(session, alice, hold):
    hold(alice, ALICE_REPOSITORY)
    backfills.give_back(session, claim(session), retry_at=LATER, error="no answer")
    assert claim(session) is None
    again = claim(session, now=LATER)
    assert again.attempts == 2
    backfills.give_back(session, again, retry_at=LATER, error="no budget", counts=False)
    assert claim(session, now=LATER).attempts == 2


def test_nothing_is_claimed_for_who_has_ended_let_go_or_stopped(session, alice, charlie, hold):
    gone = hold(alice, ALICE_REPOSITORY)
    hold(alice, ALICE_OTHER_REPOSITORY)
    hold(charlie, CHARLIE_REPOSITORY)
    repositories.let_go(session, alice, RepositoryFacts(gone.uuid), as_of=NOON, now=NOON)
    collecting.stop(session, alice, ALICE_OTHER_REPOSITORY, by_uuid=BOB, now=NOON)
    session.flush()
    assert backfills.due(session, now=NOON, at_most=5) == [charlie.id]
    assert (claim(session).installation_id, claim(session)) == (charlie.id, None)


def test_an_uninstalled_workspace_has_no_turn(session, alice, hold):
    hold(alice, ALICE_REPOSITORY)
    uninstall(session, ALICE_KEY)
    session.flush()
    assert claim(session) is None


def test_what_was_never_asked_for_is_found(session, alice, charlie, hold):
    assert set(backfills.unlisted(session, at_most=5)) == {alice.id, charlie.id}
    backfills.begin(session, alice, now=NOON)
    assert backfills.unlisted(session, at_most=5) == [charlie.id]
    hold(alice, ALICE_OTHER_REPOSITORY)
    unread = hold(alice, ALICE_REPOSITORY, is_read=False)
    assert backfills.unread(session, at_most=5) == [unread.id]
    collecting.stop(session, alice, ALICE_REPOSITORY, by_uuid=BOB, now=NOON)
    assert backfills.unread(session, at_most=5) == []


def test_reading_anew_takes_the_page_away_from_whoever_is_at_it(session, alice, hold):
    repository = hold(alice, ALICE_REPOSITORY, stage=Stage.BUILDS)
    claimed = claim(session)
    backfills.restart(session, repository, since=SINCE, now=LATER)
    with pytest.raises(LeaseLost):
        backfills.leased(session, claimed)
    session.expire_all()
    row = backfills.of_repository(session, repository)
    assert (row.stage, row.pages, row.next_attempt_at) == (Stage.OPEN_PULL_REQUESTS, 0, LATER)


def test_a_history_that_is_done_is_not_preferred(session, alice, hold):
    repository = hold(alice, ALICE_REPOSITORY, stage=Stage.DONE)
    backfills.prefer(session, repository, now=NOON)
    assert backfills.of_repository(session, repository).wanted_at is None
    assert backfills.unfinished_of(session, alice.id) == []


def test_stages_follow_one_another_to_the_end():
    stages = [Stage.OPEN_PULL_REQUESTS]
    while stages[-1] is not Stage.DONE:
        stages.append(stages[-1].following)
    assert stages == list(Stage)
    assert [one for one in Stage if one.is_before_first_use] == [
        Stage.OPEN_PULL_REQUESTS,
        Stage.OPEN_ACTIVITY,
        Stage.OPEN_DIFFSTATS,
        Stage.OPEN_BUILDS,
    ]


def test_repositories_are_counted_by_stage(session, alice, hold):
    hold(alice, ALICE_REPOSITORY, stage=Stage.BUILDS)
    counted = backfills.count_by_stage(session)
    assert (counted[Stage.BUILDS], counted[Stage.DONE]) == (1, 0)


def install_others(session, *, box, count=200):
    """Tenants whose histories are read."""
    for number in range(count):
        workspace = f"{{cccccccc-0000-4000-8000-{number:012d}}}"
        principal = Principal(workspace, PrincipalKind.WORKSPACE, display_name=str(number))
        event = Installed(f"connection:other-{number}", "bittern", principal, shared_secret="s" * 40)
        installation = install(session, Offer(event, "s" * 40, 1_000), box=box)
        repository, _ = repositories.record(session, installation, RepositoryFacts(workspace), as_of=NOON, now=NOON)
        backfills.ensure(session, repository, since=SINCE, now=NOON)
        done = backfills.of_repository(session, repository)
        done.stage, done.next_attempt_at = Stage.DONE, None
    session.flush()
    session.execute(text("ANALYZE"))


def ways_of(session, statement):
    """The plan of a statement. PostgreSQL reads the tables of a test as a whole, small as they are, unless there is another way and it must."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))
    return plan_of(session, statement)


def lines_about(plan, *tables):
    return [line for line in plan.splitlines() if any(f" {table}" in line for table in tables)]


def test_tenants_whose_histories_are_read_are_not_looked_at(session, alice, box, hold):
    hold(alice, ALICE_REPOSITORY)
    install_others(session, box=box)
    plan = ways_of(session, backfills._next_in_turn([]).params(now=NOON))
    assert "ix_backfills_waiting" in plan
    assert "ix_repository_listings_waiting" in plan
    assert [line for line in lines_about(plan, "backfills", "installations", "quotas") if is_whole(line)] == []
    assert backfills.due(session, now=NOON, at_most=10) == [alice.id]


def test_histories_that_were_asked_for_are_not_looked_at(session, alice, box, hold):
    wanted = hold(alice, ALICE_REPOSITORY, is_read=False)
    install_others(session, box=box)
    plan = ways_of(session, backfills._unread().limit(10))
    assert "ix_repositories_not_asked" in plan
    assert [line for line in lines_about(plan, "backfills", "repositories") if is_whole(line)] == []
    assert backfills.unread(session, at_most=10) == [wanted.id]


def is_whole(line):
    """Whether a line of a plan says that a table is read from end to end."""
    return "Seq Scan" in line or ("SCAN " in line and "INDEX" not in line and "SCAN with" not in line)


def test_a_history_that_was_deleted_is_asked_for_again(session, alice, hold):
    repository = hold(alice, ALICE_REPOSITORY)
    assert backfills.unread(session, at_most=10) == []
    while deletion.delete_batch(session, deletion.of_repository(repository), at_most=100):
        pass
    session.expire_all()
    assert backfills.unread(session, at_most=10) == [repository.id]
