"""A comparison in one go: to its end where it can be, and no further than the quota where it cannot."""

from __future__ import annotations

import pytest

from bitbucket.messages import Headers, Response
from models import reconciles
from simulator.world import actions
from sync.reconcile.at_once import compare_at_once, is_over
from tests.sync.asking import facts_of, with_one_pull_request


@pytest.fixture
def heron(simulated):
    """Our row of the repository, in which something was not told."""
    there = with_one_pull_request(simulated)
    simulated.wait(hours=1)
    actions.decline(simulated.story.world, there.pull_requests[1], actor=simulated.story.people[1])
    simulated.wait(hours=1)
    with simulated.services.readers() as session:
        return simulated.held(session)


def test_it_comes_to_its_end_with_all_that_it_asked(simulated, heron):
    assert not is_over(simulated.services, heron)
    steps = list(compare_at_once(simulated.services, heron))
    assert steps[-1] == 0
    assert is_over(simulated.services, heron)
    assert facts_of(simulated).state == "DECLINED"


def test_without_calls_left_it_ends_too_and_says_that_it_is_not_over(simulated, heron):
    simulated.transport.troubles = [Response(429, Headers({}), b"Rate limit for this resource has been exceeded")]
    assert list(compare_at_once(simulated.services, heron)) == []
    assert not is_over(simulated.services, heron)
    with simulated.services.readers() as session:
        assert reconciles.of(session, heron).next_attempt_at > simulated.services.now()


def test_it_is_not_over_while_a_question_of_it_is_open(simulated, heron):
    steps = compare_at_once(simulated.services, heron)
    while next(steps) == 0:
        pass
    assert not is_over(simulated.services, heron)
