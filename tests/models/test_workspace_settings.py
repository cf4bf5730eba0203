"""The settings of workspaces, as rows: defaults, versions, and nobody else's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from insights.settings import BranchingModel, Target, WorkspaceSettings
from models import workspace_settings
from models.workspace_settings import StoredSettings
from tests.tenants import NOON

BY = "{aaaaaaaa-0000-4000-8000-000000000001}"
DECIDED = WorkspaceSettings(
    time_zone="Europe/Zurich",
    weekend=frozenset({4, 5}),
    holidays=frozenset({date(2026, 12, 25)}),
    long_lived_branches=("release/*",),
    branching_model=BranchingModel(development="develop"),
    bots=frozenset({"{b0b0b0b0-0000-4000-8000-000000000001}"}),
    size_limits=(5, 20, 100, 400),
    are_names_shown=True,
    pickup_target=Target(share=0.8, within=timedelta(hours=4)),
)


@pytest.fixture
def change(session):
    def change(installation, settings):
        return workspace_settings.write(session, installation, settings, by_uuid=BY, now=NOON)

    return change


def test_a_workspace_that_decided_nothing_has_the_defaults(session, alice):
    assert workspace_settings.read(session, alice) == StoredSettings(0, WorkspaceSettings())


def test_what_was_decided_is_read_back_whole(session, alice, change):
    assert change(alice, DECIDED) == StoredSettings(1, DECIDED)
    assert workspace_settings.read(session, alice) == StoredSettings(1, DECIDED)


def test_each_change_is_one_version_later(session, alice, change):
    change(alice, DECIDED)
    assert change(alice, WorkspaceSettings()) == StoredSettings(2, WorkspaceSettings())


def test_deciding_the_same_again_is_no_change(session, alice, change):
    assert change(alice, WorkspaceSettings()).version == 0
    change(alice, DECIDED)
    assert change(alice, DECIDED).version == 1


def test_they_are_the_workspaces_own(session, alice, charlie, change):
    change(alice, DECIDED)
    assert workspace_settings.read(session, charlie) == StoredSettings(0, WorkspaceSettings())
