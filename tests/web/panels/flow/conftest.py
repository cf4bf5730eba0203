"""A repository with two years of a team's work in it, as sync would have written it, and its last night."""

import pytest

from bench.history import Shape, fill
from models import repositories
from models.installations import Installation
from models.repositories import RepositoryFacts
from sync.nightly import work_out
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON


@pytest.fixture
def fill_repository(services, alice):
    """Writes a history of so many pull requests; returns the repository's row id."""

    def filled(pull_requests=400, *, night=True):
        with services.sessions.begin() as session:
            installation = session.get_one(Installation, alice.id)
            facts = RepositoryFacts(
                ALICE_REPOSITORY, ALICE_WORKSPACE, "heron", "Heron", "alice/heron", True, main_branch="main"
            )
            row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
            if pull_requests:
                fill(session, row, Shape(pull_requests=pull_requests), now=NOON)
            row_id = row.id
        if night:
            work_out(services, row_id)
        return row_id

    return filled
