"""Alice's workspace, of which Bob is an administrator, with one repository that is held."""

import pytest

from models import repositories
from models.repositories import RepositoryFacts
from tests.tenants import ALICE_REPOSITORY, NOON
from tests.web.panels.setup.asking import configure, form_token, make_administrator


@pytest.fixture
def heron(services, alice):
    """A repository of Alice's."""
    facts = RepositoryFacts(ALICE_REPOSITORY, name="Heron", full_name="alice/heron", slug="heron", is_private=True)
    with services.sessions.begin() as session:
        row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
        return row


@pytest.fixture
def administrator(alice, bitbucket):
    """Bob administers the workspace, as Bitbucket says."""
    make_administrator(bitbucket)


@pytest.fixture
def opened(client, administrator, heron):
    """The page of the workspace, opened by Bob."""
    answer = client.get(configure())
    assert answer.status_code == 200
    return answer


@pytest.fixture
def token(opened):
    """The token of its forms."""
    return form_token(opened)
