"""What a change of the settings would change: the figures of the same pull requests under both."""

from datetime import UTC, datetime, timedelta

import pytest

from insights.settings import Target, WorkspaceSettings
from models import repositories
from tests.sync.history.stories import Story
from tests.sync.history.telling import tell
from tests.tenants import ALICE_REPOSITORY
from web.panels.setup.preview import preview

DEFAULTS = WorkspaceSettings()
SOON = datetime(2026, 11, 1, tzinfo=UTC)
"""Just after the last that the team has done."""


@pytest.fixture(scope="module")
def deliveries():
    """What a team did for a while."""
    story = Story(seed=5).tell(150)
    try:
        return story.deliveries()
    finally:
        story.close()


@pytest.fixture
def busy(services, alice, deliveries):
    with services.sessions.begin() as session:
        tell(session, alice, deliveries)
        repositories.find(session, alice, ALICE_REPOSITORY).main_branch = "main"
    return alice


def shown(services, installation, after, *, now=SOON, before=DEFAULTS):
    with services.readers() as session:
        return preview(session, installation, before=before, after=after, now=now)


def test_where_nothing_is_held_there_is_nothing_to_compare(services, alice):
    found = shown(services, alice, WorkspaceSettings(required_approvals=2))

    assert found.repositories == ()
    assert found.note


def test_the_same_settings_change_no_figure(services, busy):
    (repository,) = shown(services, busy, WorkspaceSettings()).repositories

    assert repository.lines
    assert repository.different == ()
    assert repository.same == repository.lines


def test_a_target_shows_how_often_it_was_met(services, busy):
    after = WorkspaceSettings(pickup_target=Target(share=0.5, within=timedelta(days=30)))
    (repository,) = shown(services, busy, after).repositories
    met = next(line for line in repository.lines if line.figure == "Pickup target met")

    assert met.before == "—"
    assert met.after.endswith("%")
    assert [line.figure for line in repository.different] == ["Pickup target met"]


def test_naming_everybody_a_bot_leaves_nobody_to_count(services, busy):
    from models.history import people

    with services.readers() as session:
        row = repositories.find(session, busy, ALICE_REPOSITORY)
        everybody = frozenset(account.uuid for account in people.facts(session, row))
    (repository,) = shown(services, busy, WorkspaceSettings(bots=everybody)).repositories
    figures = {line.figure: (line.before, line.after) for line in repository.different}

    assert figures["Merged pull requests counted"][0] != "0"
    assert figures["Merged pull requests counted"][1] == "0"
    assert figures["Pull requests by bots"][1] != figures["Pull requests by bots"][0]


def test_pull_requests_of_long_ago_are_not_measured(services, busy):
    found = shown(services, busy, WorkspaceSettings(required_approvals=2), now=SOON + timedelta(days=400))
    counted = {line.figure: line.before for repository in found.repositories for line in repository.lines}

    assert counted.get("Merged pull requests counted", "0") == "0"


def test_nothing_of_another_workspace_is_compared(services, busy, charlie):
    assert shown(services, charlie, WorkspaceSettings(required_approvals=2)).repositories == ()


def test_the_newest_are_measured_where_there_are_many_and_it_says_so(services, busy, monkeypatch):
    from web.panels.setup import preview as module

    monkeypatch.setattr(module, "MOST_PULL_REQUESTS", 2)
    (repository,) = shown(services, busy, WorkspaceSettings()).repositories

    assert repository.note == "the newest 2 pull requests"
