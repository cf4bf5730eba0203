"""The passport of one commit."""

from insights.commits.passport import Arrival, History, no_passport, passport, pull_request_of
from insights.facts.pull_requests import BuildFacts, BuildState
from insights.facts.repository import CommitFacts, DeploymentFacts, EnvironmentType, TagFacts
from insights.result import WhyNot
from tests.insights.lives import at, pull_request

A, B, C, D = (letter * 40 for letter in "abcd")


def commit(name, *parents, message="", patch=None, when="Mon 09:00"):
    return CommitFacts(
        hash=name,
        author=None,
        authored_at=at(when),
        committed_at=at(when),
        parents=parents,
        message=message,
        patch_id=patch,
    )


COMMITS = (
    commit(A, when="Mon 09:00", patch="p"),
    commit(B, A, when="Tue 09:00"),
    commit(C, B, when="Wed 09:00", message=f"This reverts commit {A}."),
    commit(D, when="Thu 09:00", patch="p"),
)


def deployment(name, target, when, *, environment="production", fine=True, kind=EnvironmentType.PRODUCTION):
    return DeploymentFacts(
        uuid=name,
        environment=environment,
        environment_type=kind,
        commit=target,
        completed_at=at(when),
        was_successful=fine,
    )


def test_it_tells_where_the_commit_went_and_what_became_of_it():
    tags = (TagFacts(name="v2", commit=C, at=at("Thu 09:00")), TagFacts(name="v1", commit=B, at=at("Wed 08:00")))
    staging = deployment("1", B, "Tue 12:00", environment="staging", kind=EnvironmentType.STAGING)
    first = deployment("3", B, "Wed 12:00")
    deployments = (
        deployment("4", C, "Thu 12:00"),
        first,
        deployment("2", B, "Wed 10:00", fine=False),
        staging,
    )
    answer = passport(COMMITS[0], History(commits=COMMITS, tags=tags, deployments=deployments))

    found = answer.value
    assert found.first_tag.name == "v1"
    assert found.arrivals == (Arrival("staging", staging), Arrival("production", first))
    assert (found.reverted_by, found.reverts, found.same_patch) == (C, (), (D,))
    assert (found.pull_request, answer.n) == (None, 4)


def test_a_revert_says_what_it_reverts():
    assert passport(COMMITS[2], History(commits=COMMITS)).value.reverts == (A,)


def test_the_last_word_of_each_build_is_told():
    def build(state, when, key="ci", target=A):
        return BuildFacts(commit=target, key=key, state=state, created_at=at(when), at=at(when))

    builds = (
        build(BuildState.SUCCESSFUL, "Mon 12:00"),
        build(BuildState.FAILED, "Mon 11:00"),
        build(BuildState.FAILED, "Mon 11:00", key="lint"),
        build(BuildState.FAILED, "Mon 13:00", target=B),
    )
    answer = passport(COMMITS[0], History(commits=COMMITS, builds=builds))

    assert answer.value.builds == {"ci": BuildState.SUCCESSFUL, "lint": BuildState.FAILED}


def test_the_pull_request_that_a_commit_merged_comes_before_one_that_held_it():
    held = pull_request(opened="Mon 09:00", merged="Mon 12:00", number=1, commits=(A, B))
    merged_by = pull_request(opened="Tue 09:00", merged="Tue 12:00", number=2, merge_commit=A)
    still_open = pull_request(opened="Mon 08:00", number=3, head=A)
    elsewhere = pull_request(opened="Mon 08:00", number=4, head=D)

    assert pull_request_of(A, [still_open, held, merged_by, elsewhere]) == 2
    assert pull_request_of(B, [still_open, held]) == 1
    assert pull_request_of(A, [still_open, held]) == 1
    assert pull_request_of(A, [still_open]) == 3
    assert pull_request_of(C, [still_open, held]) is None


def test_the_pull_request_can_be_opened_from_the_passport():
    brought = pull_request(opened="Mon 09:00", merged="Mon 12:00", number=7, commits=(A,))
    answer = passport(COMMITS[0], History(commits=COMMITS, pull_requests=(brought,)))

    assert (answer.value.pull_request, answer.members) == (7, (7,))


def test_a_commit_that_nobody_knows_has_none():
    assert no_passport().why_not is WhyNot.NOT_KNOWN
