"""The facts use Bitbucket's own words: Atlassian's description of the API is asked where it is at hand."""

import json
from pathlib import Path

import pytest

from insights.facts.accounts import AccountKind
from insights.facts.pull_requests import (
    BuildState,
    EventKind,
    FileChange,
    FileStatus,
    PullRequestFacts,
    PullRequestState,
    ReviewState,
)
from insights.facts.repository import CommitFacts
from tests.insights.lives import at

DESCRIPTION = Path(__file__).parents[4] / "shared" / "bitbucket" / "openapi.json"
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def schemas():
    if not DESCRIPTION.exists():
        pytest.skip("Atlassian's description of the API is not beside the project (../shared)")
    return json.loads(DESCRIPTION.read_text())["components"]["schemas"]


def words_of(schema, name):
    """The values that a schema, or one of those it is put together from, allows for a property."""
    for part in (schema, *schema.get("allOf", ())):
        if name in part.get("properties", {}):
            found = part["properties"][name]
            return set(found.get("enum") or found["items"]["enum"]) - {None}
    raise AssertionError(f"no property {name}")


@pytest.mark.parametrize(
    ("schema", "name", "words"),
    [
        ("pullrequest", "state", PullRequestState),
        ("participant", "state", ReviewState),
        ("diffstat", "status", FileStatus),
        ("commitstatus", "state", BuildState),
    ],
)
def test_a_state_is_spelled_as_bitbucket_spells_it(schemas, schema, name, words):
    allowed = words_of(schemas[schema], name)
    known = {word.value for word in words}

    # The description may know states that a pull request passes through on its way; ours must all be Bitbucket's.
    assert known <= allowed
    assert allowed - known <= {"QUEUED", "merge conflict", "local deleted", "remote deleted", "subrepo conflict"}


def test_an_app_user_is_a_schema_of_its_own(schemas):
    assert AccountKind.APP.value in schemas
    assert AccountKind.TEAM.value in schemas


def test_only_a_running_build_is_not_over():
    assert [state for state in BuildState if not state.is_final] == [BuildState.INPROGRESS]


def test_a_commit_with_two_parents_is_a_merge():
    def commit(*parents):
        return CommitFacts(
            hash="h", author=None, authored_at=at("Mon 09:00"), committed_at=at("Mon 09:00"), parents=parents
        )

    assert [commit().is_merge, commit("a").is_merge, commit("a", "b").is_merge] == [False, False, True]


def test_facts_cannot_be_changed():
    facts = PullRequestFacts(id=1, author=None, created_at=at("Mon 09:00"))

    with pytest.raises(AttributeError):
        facts.title = "other"
    with pytest.raises(AttributeError):
        FileChange(path="a").path = "b"


def test_what_is_not_told_has_a_value_that_assumes_nothing():
    facts = PullRequestFacts(id=1, author=None, created_at=at("Mon 09:00"))

    assert (facts.is_open, facts.closed_at, facts.first_commit_at, facts.files) == (True, None, None, None)
    assert (facts.events, facts.participants, facts.builds) == ((), (), ())


def test_at_one_time_things_happen_in_the_order_that_bitbucket_does_them():
    order = list(EventKind)

    assert order.index(EventKind.OPENED) == 0
    assert order.index(EventKind.PUSHED) < order.index(EventKind.APPROVALS_RESET) < order.index(EventKind.APPROVED)
    assert order[-3:] == [EventKind.MERGED, EventKind.DECLINED, EventKind.SUPERSEDED]
