"""Where an administrator wants nothing collected, every page about the repository says so, and nothing is asked or kept."""

from urllib.parse import quote

import pytest

from models import collecting, inbox, repositories
from models.history.refs import Ref
from models.inbox import DeliveryState
from models.repositories import RepositoryFacts
from sync.deliveries import apply_next
from tests.tenants import ALICE_REPOSITORY, BOB, CHARLIE_REPOSITORY, NOON, receive
from tests.web.panels.asking import bearer, page_token, panel, text
from tests.web.signing import signed_url

PAGES = ("/panels/repository", "/pages/repository")


@pytest.fixture
def heron(services, alice):
    facts = RepositoryFacts(ALICE_REPOSITORY, full_name="alice/heron", is_private=True)
    with services.sessions.begin() as session:
        row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
        return row


def stop(services, installation, repository_uuid=None):
    with services.sessions.begin() as session:
        collecting.stop(session, installation, repository_uuid, by_uuid=BOB, now=NOON)


def address(path, repository=ALICE_REPOSITORY):
    return signed_url(f"{path}?repository={quote(repository)}&user={quote(BOB)}")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scope", [None, ALICE_REPOSITORY])
def test_the_page_says_so_and_nobody_is_asked(client, services, alice, heron, bitbucket, path, scope):
    stop(services, alice, scope)

    answer = client.get(address(path))

    assert (answer.status_code, bitbucket.read_paths) == (200, [])
    assert "Nothing is collected here" in text(answer)
    assert page_token(answer) is None


def test_an_open_page_stays_as_it_is(client, services, alice, heron):
    token = page_token(client.get(panel()))
    stop(services, alice, ALICE_REPOSITORY)

    answer = client.get("/panels/repository/refresh", headers=bearer(token))

    assert answer.status_code == 409
    assert "Nothing is collected here" in answer.get_data(as_text=True)


def test_a_repository_of_somebody_else_is_not_met_either(client, services, alice, bitbucket):
    stop(services, alice)

    assert client.get(panel(CHARLIE_REPOSITORY)).status_code in {200, 404}
    assert bitbucket.read_paths == []


def test_another_repository_goes_on(client, services, alice, heron):
    stop(services, alice, CHARLIE_REPOSITORY)

    assert "Nothing is collected here" not in text(client.get(panel()))


@pytest.mark.parametrize("scope", [None, ALICE_REPOSITORY])
def test_webhooks_are_taken_in_and_set_aside(services, alice, heron, scope):
    stop(services, alice, scope)
    change = {"new": {"type": "branch", "name": "topic", "target": {"hash": "a" * 40}}, "old": None, "created": True}
    with services.sessions.begin() as session:
        row_id = receive(session, alice, number=1, push={"changes": [change]})
    assert apply_next(services, row_id)

    with services.readers() as session:
        delivery = session.get(inbox.Delivery, row_id)
        assert (delivery.state, delivery.payload) == (DeliveryState.IGNORED, "{}")
        assert delivery.error == "An administrator has deleted the history, and nothing is collected."
        assert session.query(Ref).count() == 0


@pytest.mark.parametrize("event", ["repo:updated", "repo:deleted", "repo:created"])
def test_of_a_workspace_that_wants_nothing_no_repository_is_noted(services, alice, event):
    stop(services, alice)
    with services.sessions.begin() as session:
        row_id = receive(session, alice, number=1, event_key=event)
    assert apply_next(services, row_id)

    with services.readers() as session:
        assert session.query(repositories.Repository).count() == 0
