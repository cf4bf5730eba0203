"""Nightly figures: what insights say of the whole history, once a day, anew under other settings, and never another's."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bench.history import Shape, fill
from insights.clock.look import look
from insights.flow.forecast_honesty import forecast_honesty
from insights.flow.headline import Changes, changes
from insights.result import Exclusion
from insights.settings import ClockKind, WorkspaceSettings
from insights.statistics.bootstrap import Interval
from insights.statistics.change import Change, ChangeWord
from models import repositories, turns, workspace_settings
from models.history import measurements, nights, repository_facts
from models.history.pull_requests import PullRequest
from models.installations import Installation
from models.repositories import Repository, RepositoryFacts
from sync import nightly
from sync.nightly import work_out, work_out_due
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, BOB, NOON, uninstall

SETTINGS = WorkspaceSettings(main_branch="main")


@pytest.fixture
def repository(services, alice):
    """The row id of a repository with a history."""
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        facts = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE, full_name="alice/heron", main_branch="main")
        row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
        fill(session, row, Shape(pull_requests=300), now=NOON)
        return row.id


def night_of(services, row_id, *, settings_version=0):
    with services.readers() as session:
        return nights.read(session, session.get(Repository, row_id), settings_version=settings_version)


def due(services, now):
    with services.readers() as session:
        return list(nights.due(session, now=now, at_most=10))


def write_settings(services, alice, **members):
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        return workspace_settings.write(session, installation, WorkspaceSettings(**members), by_uuid=BOB, now=NOON)


def test_a_night_says_what_the_insights_say(services, repository):
    work_out(services, repository)
    found = night_of(services, repository)
    with services.readers() as session:
        rows = measurements.since(session, session.get(Repository, repository), NOON - nightly.REACH)

    assert found.made_at == NOON
    for kind in ClockKind:
        seen = look(SETTINGS, now=NOON, kind=kind)
        assert found.clocks[kind].honesty == forecast_honesty(rows, seen)
        assert found.clocks[kind].changes.pickup.word is changes(rows, seen).pickup.word
    assert found.answers.n > 0
    assert found.deployments.value
    assert found.failures.n > 0


def test_the_lead_time_is_of_those_whose_merge_is_in_a_deployment(services, repository):
    with services.sessions.begin() as session:
        row = session.get(Repository, repository)
        merged = [
            one
            for one in measurements.since(session, row, NOON - timedelta(days=60))
            if one.merged_at and one.exclusion is None
        ]
        deployed = [one.commit for one in repository_facts.deployments_since(session, row, NOON - timedelta(days=20))]
        for item, commit in zip(merged, deployed, strict=False):
            # As Bitbucket tells it of a pull request: cut to twelve digits.
            one = update(PullRequest).where(PullRequest.repository_id == row.id, PullRequest.number == item.id)
            session.execute(one.values(merge_commit=commit[:12]))
    work_out(services, repository)
    lead = night_of(services, repository).clocks[ClockKind.WALL].lead

    assert lead.n == min(len(merged), len(deployed)) > 0
    assert lead.exclusions[Exclusion.NOT_DEPLOYED] > 0


def test_a_repository_without_a_night_is_due_and_then_not_before_a_day_has_passed(services, clock, repository):
    assert due(services, NOON) == [repository]
    assert work_out_due(services) == 1

    assert due(services, NOON + timedelta(hours=23)) == []
    assert due(services, NOON + timedelta(hours=25)) == [repository]


def test_a_night_of_other_settings_is_none(services, alice, repository):
    work_out(services, repository)
    stored = write_settings(services, alice, time_zone="Asia/Tokyo")

    assert night_of(services, repository, settings_version=stored.version) is None
    assert due(services, NOON) == [repository]
    work_out(services, repository)
    assert night_of(services, repository, settings_version=stored.version) is not None
    assert night_of(services, repository, settings_version=0) is None


def test_while_a_history_comes_in_its_night_follows_within_minutes(services, clock, repository):
    work_out(services, repository)
    with services.sessions.begin() as session:
        repositories.touch(session.get(Repository, repository), now=NOON + timedelta(minutes=5))

    assert due(services, NOON + timedelta(minutes=9)) == []
    assert due(services, NOON + timedelta(minutes=11)) == [repository]


def test_a_repository_that_we_have_known_for_long_waits_for_its_night(services, repository):
    work_out(services, repository)
    with services.sessions.begin() as session:
        row = session.get(Repository, repository)
        row.first_seen_at = NOON - timedelta(days=30)
        repositories.touch(row, now=NOON + timedelta(minutes=5))

    assert due(services, NOON + timedelta(hours=2)) == []


def test_an_uninstalled_workspace_is_not_worked_for(services, repository):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert due(services, NOON) == []


def test_a_repository_that_is_gone_is_not_worked_for(services, alice, repository):
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        facts = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE)
        later = NOON + timedelta(minutes=1)
        repositories.let_go(session, installation, facts, as_of=later, now=later)

    assert due(services, NOON) == []


def test_one_history_that_cannot_be_worked_out_keeps_no_other_from_it(
    services, alice, repository, monkeypatch, log_entries
):
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        facts = RepositoryFacts("{aaaaaaaa-0000-4000-8000-0000000000a2}", ALICE_WORKSPACE, main_branch="main")
        other, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
        other_id = other.id
    real = nightly.night_of

    def night_of_others(session, row, settings, *, now):
        if row.id == repository:
            raise ValueError("a fact that cannot be")
        return real(session, row, settings, now=now)

    monkeypatch.setattr(nightly, "night_of", night_of_others)
    assert work_out_due(services) == 1
    # Nothing comes of trying again at once: the watch waits for its next look.
    assert work_out_due(services) == 0

    assert night_of(services, repository) is None
    assert night_of(services, other_id) is not None
    assert [entry["repository"] for entry in log_entries if entry["event"] == "nightly.failed"] == [repository] * 2


def test_the_night_of_a_repository_is_worked_out_by_one_of_many_workers(services, repository, monkeypatch):
    """While one is at it another finds nothing to do, and afterwards nothing is due."""
    real, found_meanwhile = nightly.night_of, []

    def night_of_one(*arguments, now):
        found_meanwhile.append(work_out_due(services))
        return real(*arguments, now=now)

    monkeypatch.setattr(nightly, "night_of", night_of_one)
    assert work_out_due(services) == 1
    assert found_meanwhile == [0]
    assert work_out_due(services) == 0


def test_a_worker_that_was_killed_at_a_night_leaves_it_to_others(services, repository, clock):
    with services.sessions.begin() as session:
        turns.take(session, f"night {repository}", now=services.now(), lasts=nightly.TURN_LASTS)
    assert work_out_due(services) == 0
    clock.advance(seconds=nightly.TURN_LASTS.total_seconds())
    assert work_out_due(services) == 1


def test_a_night_that_another_has_worked_out_since_is_not_worked_out_again(services, repository, monkeypatch):
    monkeypatch.setattr(nights, "due", due_before_the_other(services, nights.due))
    monkeypatch.setattr(nightly, "work_out", lambda *_: pytest.fail("it was done already"))
    assert work_out_due(services) == 0


def due_before_the_other(services, real):
    """The list as it was before another worker came first."""
    others = work_out

    def due(session, *, now, at_most, of=None):
        found = real(session, now=now, at_most=at_most, of=of)
        if of is None:
            for repository_id in found:
                others(services, repository_id)
        return found

    return due


def test_it_stops_between_two_repositories_when_it_is_told_to(services, repository):
    work_out_due(services, is_stopping=lambda: True)

    assert night_of(services, repository) is None


def test_a_repository_without_anything_has_a_silent_night(services, alice):
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        facts = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE)
        row_id = repositories.record(session, installation, facts, as_of=NOON, now=NOON)[0].id
    work_out(services, row_id)
    found = night_of(services, row_id)

    assert found.commits.value is None
    assert found.deployments.value is None
    assert found.clocks[ClockKind.WORK].honesty.value is None
    assert found.clocks[ClockKind.WORK].changes.pickup.word is ChangeWord.TOO_FEW


def test_an_interval_without_an_end_is_kept_as_none():
    change = Change(word=ChangeWord.UP, n_before=12, n_now=12, interval=Interval(1.5, float("inf")))
    bounded = Change(word=ChangeWord.UP, n_before=12, n_now=12, interval=Interval(1.5, 2.0))
    kept = nightly._finite(Changes(open_to_merge=change, pickup=bounded, review=bounded))

    assert kept.open_to_merge.interval is None
    assert kept.open_to_merge.word is ChangeWord.UP
    assert kept.pickup == bounded
