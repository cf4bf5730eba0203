"""Deployments as the API tells them, made into facts."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from bitbucket.deployments import Deployment, Environment
from insights.facts.repository import DeploymentFacts, EnvironmentType
from sync.history.deployed import deployment_facts
from tests.bitbucket.test_deployments import DEPLOYMENT, PRODUCTION

LIVE = {"uuid": PRODUCTION, "name": "Live", "environment_type": {"name": "Production"}}


def facts(*told, environments=(LIVE,)):
    read = [msgspec.convert({**DEPLOYMENT, **one}, Deployment) for one in told or ({},)]
    return deployment_facts(read, [msgspec.convert(one, Environment) for one in environments])


def test_one_that_has_ended_is_told_with_its_environment():
    assert facts() == [
        DeploymentFacts(
            uuid=DEPLOYMENT["uuid"],
            environment="Live",
            environment_type=EnvironmentType.PRODUCTION,
            commit="a" * 40,
            completed_at=datetime(2026, 11, 20, 10, 5, tzinfo=UTC),
            was_successful=True,
        )
    ]


@pytest.mark.parametrize("status", [{"name": "FAILED"}, {"name": "STOPPED"}, None])
def test_one_that_failed_or_was_stopped_was_not_successful(status):
    (told,) = facts({"state": {**DEPLOYMENT["state"], "status": status}})
    assert not told.was_successful


@pytest.mark.parametrize(
    "told",
    [
        {"state": {"name": "IN_PROGRESS"}},
        {"state": None},
        {"release": None},
        {"release": {"name": "v3"}},
        {"uuid": None},
        {"uuid": "gibberish"},
    ],
)
def test_what_has_not_ended_or_cannot_be_told_apart_is_left_out(told):
    assert facts(told) == []


def test_an_environment_that_the_list_does_not_know_counts_as_it_is_told():
    told = {"environment": {"uuid": "{aaaaaaaa-0000-4000-8000-0000000000d9}", "name": "Old"}}
    assert [(one.environment, one.environment_type) for one in facts(told)] == [("Old", EnvironmentType.TEST)]


def test_nothing_counts_as_production_that_nobody_says_is():
    assert [one.environment_type for one in facts({}, environments=[])] == [EnvironmentType.TEST]
    assert [one.environment_type for one in facts({"environment": None})] == [EnvironmentType.TEST]
