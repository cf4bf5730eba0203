"""A repository of Alice's whose history can be written, on both databases, in a transaction that is rolled back."""

import pytest

from models import repositories
from models.repositories import RepositoryFacts
from sync.history.writing import writing
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import (
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
    alice_offer,
    charlie_offer,
    install,
    new_box,
)


@pytest.fixture
def alice(session):
    """Alice's installation."""
    return install(session, alice_offer(), box=new_box())


@pytest.fixture
def charlie(session):
    return install(session, charlie_offer(), box=new_box())


@pytest.fixture
def heron(session, alice):
    """Alice's repository, locked."""
    return held(session, alice, ALICE_REPOSITORY, ALICE_WORKSPACE)


@pytest.fixture
def crane(session, charlie):
    """Charlie's repository, locked."""
    return held(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE)


def held(session, installation, uuid, workspace_uuid):
    facts = RepositoryFacts(uuid, workspace_uuid=workspace_uuid, name="Heron", main_branch="main")
    row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    session.flush()
    return row


@pytest.fixture
def write(session, heron):
    """Opens the history of Alice's repository for writing: `with write() as projection`."""
    return lambda **how: writing(session, heron, **{"now": NOON, **how})
