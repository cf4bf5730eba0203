"""What happens over there, and what we hold of it: for tests of comparisons."""

from __future__ import annotations

from models import reconciles, repositories
from models.history import pull_request_facts
from simulator.world import actions
from tests.tenants import ALICE_REPOSITORY

LOST = {"is_lost": lambda _delivery: True}


def open_one(simulated, branch, **how):
    story = simulated.story
    ana, ben, *_ = story.people
    actions.push_commit(story.world, story.repository, actor=ana, branch=branch, message=branch, files={branch: "x\n"})
    simulated.wait(minutes=1)
    return actions.open_pull_request(
        story.world, story.repository, author=ana, title=branch, source=branch, reviewers=[ben], **how
    )


def act(simulated, deed, *about, by=1, **how):
    simulated.wait(minutes=10)
    return deed(simulated.story.world, *about, actor=simulated.story.people[by], **how)


def facts_of(simulated, number=1):
    with simulated.services.readers() as session:
        return pull_request_facts.one(session, simulated.held(session), number)


def row_of(simulated):
    with simulated.services.readers() as session:
        return reconciles.of(session, simulated.held(session))


def version_of(simulated):
    with simulated.services.readers() as session:
        return repositories.find_any(session, simulated.alice, ALICE_REPOSITORY).version
