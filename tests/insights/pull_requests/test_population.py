"""Who belongs to a cohort, and the first reason why not."""

import pytest

from insights.pull_requests.population import exclusion_of, is_sync, long_lived_branch
from insights.result import Exclusion
from insights.settings import BranchingModel, WorkspaceSettings
from tests.insights.lives import DIRECTORY, RENOVATE, pull_request

MODEL = BranchingModel(development="develop", production="production", release_prefix="release/")
SETTINGS = WorkspaceSettings(main_branch="main", branching_model=MODEL, long_lived_branches=("support/*", "next"))


@pytest.mark.parametrize("name", ["main", "develop", "production", "support/4", "next"])
def test_the_main_branch_the_models_and_those_set_are_long_lived(name):
    assert long_lived_branch(name, SETTINGS)


@pytest.mark.parametrize("name", ["", "feature/main", "support/4/fix", "x/support/4", "nextgen", "release/1", "Main"])
def test_any_other_branch_is_not(name):
    assert not long_lived_branch(name, SETTINGS)


def test_without_settings_or_a_main_branch_nothing_is_long_lived():
    assert not long_lived_branch("", WorkspaceSettings())
    assert not long_lived_branch("main", WorkspaceSettings())


@pytest.mark.parametrize(
    ("source", "from_fork", "expected"),
    [
        ("develop", False, True),
        ("production", False, True),
        ("release/7", False, True),
        ("hotfix/7", False, False),
        ("feature/develop", False, False),
        ("develop", True, False),
        ("", False, False),
    ],
)
def test_a_sync_pull_request_comes_from_a_long_lived_branch_of_the_model(source, from_fork, expected):
    facts = pull_request(opened="Mon 09:00", source_branch=source, is_from_fork=from_fork)

    assert is_sync(facts, MODEL) is expected
    assert not is_sync(facts, BranchingModel())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"destination_branch": "feature/x", "author": RENOVATE}, Exclusion.OTHER_DESTINATION),
        ({"source_branch": "develop", "author": RENOVATE}, Exclusion.SYNC),
        ({"closed_at": None, "author": RENOVATE}, Exclusion.MERGE_TIME_UNKNOWN),
        ({"author": RENOVATE}, Exclusion.BOT_AUTHOR),
        ({"author": None}, None),
    ],
)
def test_the_first_reason_is_the_one_that_counts(fields, expected):
    facts = pull_request(opened="Mon 09:00", merged="Mon 12:00", **fields)

    assert exclusion_of(facts, directory=DIRECTORY, settings=SETTINGS) == expected
