"""How often, how fast, how safely."""

from datetime import timedelta

import pytest

from insights.clock.look import look
from insights.deployments.delivery import (
    change_failures,
    deployed_at,
    deployment_frequency,
    hotfix_merges,
    lead_time,
)
from insights.facts.repository import CommitFacts, DeploymentFacts, EnvironmentType
from insights.result import Exclusion, WhyNot
from tests.insights.lives import HOUR, SETTINGS, approved, at, measured, pull_request

NOW = look(SETTINGS, now=at("3 Mon 00:00"))
# A straight line of commits c0 - c1 - ... - c9.
LINE = [
    CommitFacts(
        hash=f"c{number}",
        author=None,
        authored_at=at("Mon 00:00"),
        committed_at=at("Mon 00:00") + number * HOUR,
        parents=(f"c{number - 1}",) if number else (),
    )
    for number in range(10)
]
PARENTS = {commit.hash: commit.parents for commit in LINE}


def deployment(when, commit, *, environment="production", kind=EnvironmentType.PRODUCTION, fine=True):
    return DeploymentFacts(
        uuid=f"{when} {commit} {environment}",
        environment=environment,
        environment_type=kind,
        commit=commit,
        completed_at=at(when),
        was_successful=fine,
    )


def failed(*deployments, commits=LINE, hotfixes=()):
    return change_failures(deployments, commits=commits, hotfixes=hotfixes, look=NOW)


def test_successful_deployments_to_production_are_counted_by_week():
    answer = deployment_frequency(
        [
            deployment("Mon 09:00", "c1"),
            deployment("Sun 09:00", "c2"),
            deployment("2 Tue 09:00", "c3"),
            deployment("2 Tue 10:00", "c3", fine=False),
            deployment("2 Tue 11:00", "c3", kind=EnvironmentType.STAGING),
        ],
        NOW,
        weeks=3,
    )

    assert [week.count for week in answer.value] == [2, 1, 0]
    assert answer.n == 3


def test_a_repository_that_never_deploys_is_silent_and_one_that_paused_is_not():
    assert deployment_frequency([], NOW).why_not is WhyNot.NO_DATA
    assert [week.count for week in deployment_frequency([deployment("Mon 09:00", "c1")], NOW, weeks=1).value] == [0]


def test_a_merge_is_deployed_with_the_first_deployment_that_contains_it():
    deployments = [
        deployment("Wed 09:00", "c5"),
        deployment("Tue 09:00", "c2"),
        deployment("Mon 09:00", "c5", fine=False),
        deployment("Mon 10:00", "c5", kind=EnvironmentType.TEST),
    ]

    assert deployed_at({1: "c1", 2: "c2", 3: "c3", 4: "c9"}, deployments, PARENTS) == {
        1: at("Tue 09:00"),
        2: at("Tue 09:00"),
        3: at("Wed 09:00"),
    }


def test_lead_time_runs_from_the_first_commit_to_production():
    rows = [
        measured(
            pull_request(
                approved("Mon 11:00"), first="Mon 08:00", opened="Mon 10:00", merged="Mon 12:00", number=number
            )
        )
        for number in range(1, 7)
    ]
    deployed = {number: at("Mon 12:00") + number * HOUR for number in range(1, 6)}

    # Mon 08:00 to Mon 13 ... 17: 5 to 9 hours; 7 in the middle. The sixth is not deployed.
    answer = lead_time(rows, deployed, NOW)
    assert (answer.value.p50, answer.n, answer.exclusions) == (7 * HOUR, 5, {Exclusion.NOT_DEPLOYED: 1})


def test_going_back_to_an_earlier_commit_is_a_trace_of_failure():
    answer = failed(deployment("Mon 09:00", "c2"), deployment("Tue 09:00", "c4"), deployment("Tue 20:00", "c2"))

    # The second was followed by going back to c2. The first was followed within 24 hours by the second, which brought new work.
    assert (answer.value.count, answer.value.share, answer.n) == (1, pytest.approx(1 / 3), 3)
    assert answer.value.deployments == ("Tue 09:00 c4 production",)


def test_deploying_the_same_commit_again_is_no_trace():
    assert failed(deployment("Mon 09:00", "c2"), deployment("Mon 10:00", "c2")).value.count == 0


def test_a_revert_of_what_it_brought_is_a_trace():
    commits = [*LINE]
    commits[5] = CommitFacts(
        hash="c5",
        author=None,
        authored_at=at("Mon 00:00"),
        committed_at=at("Mon 05:00"),
        parents=("c4",),
        message="Revert\n\nThis reverts commit c3.".replace("c3", "abcdef3"),
    )
    renamed = {"c3": "abcdef3"}
    commits = [
        CommitFacts(
            hash=renamed.get(one.hash, one.hash),
            author=None,
            authored_at=one.authored_at,
            committed_at=one.committed_at,
            parents=tuple(renamed.get(parent, parent) for parent in one.parents),
            message=one.message,
        )
        for one in commits
    ]
    answer = failed(
        deployment("Mon 09:00", "c2"),
        deployment("Tue 08:00", "c4"),
        deployment("Tue 20:00", "c5"),
        commits=commits,
    )

    # c5 takes back what the second brought, and not what the first did.
    assert answer.value.deployments == ("Tue 08:00 c4 production",)


def test_a_hotfix_within_a_day_is_a_trace_and_later_is_not():
    soon = failed(deployment("Mon 09:00", "c2"), deployment("Tue 09:00", "c4"), hotfixes={"c4"})
    late = failed(deployment("Mon 09:00", "c2"), deployment("Tue 09:01", "c4"), hotfixes={"c4"})

    assert (soon.value.count, late.value.count) == (1, 0)


def test_environments_are_followed_each_by_itself():
    # America lags behind Europe: it gets c2 after Europe has c4. Nobody went back.
    answer = failed(
        deployment("Mon 08:00", "c1", environment="us"),
        deployment("Mon 09:00", "c2", environment="eu"),
        deployment("Mon 12:00", "c4", environment="eu"),
        deployment("Mon 13:00", "c2", environment="us"),
    )

    assert answer.value.count == 0


def test_a_deployment_of_the_last_day_is_not_judged_yet():
    answer = failed(deployment("2 Sun 12:00", "c2"), deployment("2 Fri 12:00", "c1"))

    assert (answer.n, answer.exclusions) == (1, {Exclusion.TOO_YOUNG: 1})
    assert failed().why_not is WhyNot.NO_DATA


@pytest.mark.parametrize(("when", "judged"), [("2 Sun 00:00", 1), ("2 Sun 00:01", 0)])
def test_a_deployment_is_judged_from_24_hours_after_it(when, judged):
    # Now is the third Monday 00:00: 24 hours after the second Sunday 00:00.
    assert failed(deployment(when, "c2")).n == judged


def test_hotfixes_come_from_branches_with_the_models_prefix():
    facts = [
        pull_request(opened="Mon 09:00", number=1, source_branch="hotfix/1", merge_commit="c1"),
        pull_request(opened="Mon 09:00", number=2, source_branch="feature/hotfix", merge_commit="c2"),
        pull_request(opened="Mon 09:00", number=3, source_branch="hotfix/3", merge_commit=None),
    ]

    assert hotfix_merges(facts, "hotfix/") == {"c1"}
    assert hotfix_merges(facts, None) == hotfix_merges(facts, "") == frozenset()


def test_a_deployment_before_the_first_commits_date_takes_no_negative_time():
    row = measured(pull_request(first="Mon 08:00", opened="Mon 10:00", merged="Mon 12:00"))
    rows = [row] * 5

    assert lead_time(rows, {1: at("Mon 07:00")}, NOW).value.p50 == timedelta(0)
