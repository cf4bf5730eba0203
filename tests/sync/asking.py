"""Marking questions about a repository of the simulated Bitbucket, and looking at what the answers made of our rows."""

from __future__ import annotations

from datetime import timedelta

from models import repositories
from models.history import follow_ups, pull_request_facts
from simulator.world import actions
from tests.tenants import ALICE_REPOSITORY


def with_one_pull_request(simulated):
    """The repository over there, with one open pull request that we know."""
    story = simulated.story
    ana, ben, *_ = story.people
    files = {"src/a.py": "1\n2\n", "src/b.py": "1\n"}
    actions.push_commit(story.world, story.repository, actor=ana, branch="topic", message="Begin", files=files)
    actions.open_pull_request(story.world, story.repository, author=ana, title="Topic", source="topic", reviewers=[ben])
    simulated.deliver()
    simulated.answer_all()
    return story.repository


def ask(simulated, kind, subject, *, is_routine=False):
    """Mark one question that is due at once. Returns its row id; None where it is being asked."""
    services = simulated.services
    with services.sessions.begin() as session:
        row = repositories.find_any(session, simulated.alice, ALICE_REPOSITORY)
        follow_ups.mark(session, row, kind, [subject], now=services.now(), delay=timedelta(), is_routine=is_routine)
    with services.readers() as session:
        due = follow_ups.due_about(session, row, now=services.now(), at_most=9)
    return due[-1] if due else None


def facts_of(simulated, number=1):
    with simulated.services.readers() as session:
        return pull_request_facts.one(session, simulated.held(session), number)
