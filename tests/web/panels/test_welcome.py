"""The page after an install: what a token proves it says, and what a client key claims it does not."""

from urllib.parse import quote

import pytest

from models import backfills, repositories
from models.repositories import RepositoryFacts
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, CHARLIE_SECRET, NOON, alice_offer, quarantine, uninstall
from tests.web.panels.asking import bearer, page_token, text
from tests.web.signing import signed_url

PROGRESS = "/pages/welcome/progress"
GENERAL = "Bittern is installed Open the overview of any repository"


def test_a_verified_token_says_whose_install_it_was(client, alice):
    assert "Bittern is installed in Alice &amp; Co" in client.get(signed_url("/connect/welcome")).get_data(as_text=True)


def test_an_install_that_is_not_proved_yet_says_so(client, services):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    assert "is being installed in Alice" in text(client.get(signed_url("/connect/welcome")))


@pytest.mark.parametrize("query", ["", f"?client_key={quote(ALICE_KEY)}", "?account=alice"])
def test_an_address_without_a_token_gets_the_general_page(client, alice, query):
    answer = client.get(f"/connect/welcome{query}")

    assert answer.status_code == 200
    assert GENERAL in text(answer)
    assert "Alice" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("address", "headers", "reason"),
    [
        (signed_url("/connect/welcome", secret=CHARLIE_SECRET), {}, "auth.signature"),
        ("/connect/welcome?jwt=a.b.c", {}, "auth.malformed"),
        ("/connect/welcome?jwt=", {}, "auth.missing"),
        ("/connect/welcome", {"Authorization": "JWT a.b.c"}, "auth.malformed"),
    ],
)
def test_a_token_that_does_not_verify_is_refused_as_anywhere(client, alice, refusals, address, headers, reason):
    answer = client.get(address, headers=headers)

    assert answer.status_code == 401
    assert "Alice" not in answer.get_data(as_text=True)
    assert refusals() == [reason]


def test_a_workspace_that_is_gone_is_not_named(client, alice, services):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert "Alice" not in client.get(signed_url("/connect/welcome")).get_data(as_text=True)


def test_other_parameters_that_bitbucket_adds_are_part_of_the_signature(client, alice):
    assert "Alice" in client.get(signed_url(f"/connect/welcome?client_key={quote(ALICE_KEY)}&x=1")).get_data(
        as_text=True
    )
    assert "Alice" not in client.get(signed_url("/connect/welcome") + "&x=1").get_data(as_text=True)


def test_a_signed_address_that_names_the_viewer_twice_names_nobody(client, alice, refusals):
    answer = client.get(signed_url("/connect/welcome?user=a&User=b"))

    assert "Alice" not in answer.get_data(as_text=True)
    assert refusals() == ["auth.ambiguous"]


def welcome_page(client):
    """The page as it is first painted, and the token that its script was given."""
    answer = client.get(signed_url("/connect/welcome"))
    return answer, page_token(answer)


def test_it_shows_how_the_history_fills(client, alice, services):
    facts = RepositoryFacts(ALICE_REPOSITORY, full_name="alice/heron", is_private=True)
    with services.sessions.begin() as session:
        row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
        backfills.begin(session, alice, now=NOON)
        backfills.ensure(session, row, since=NOON, now=NOON)

    answer, token = welcome_page(client)

    assert "The history is about to be read." in text(answer)
    assert "alice/heron not begun Reading" in text(answer)
    assert token


def test_its_script_asks_for_newer_figures_and_gets_a_304_while_there_are_none(client, alice, services):
    _, token = welcome_page(client)
    first = client.get(PROGRESS, headers=bearer(token))
    again = client.get(
        PROGRESS, headers=bearer(first.headers["X-Page-Token"], **{"If-None-Match": first.headers["ETag"]})
    )

    assert (first.status_code, again.status_code) == (200, 304)
    assert "What happens next" in first.get_data(as_text=True)
    assert again.get_data() == b""


def test_its_token_is_good_for_nothing_else(client, alice):
    _, token = welcome_page(client)

    for path in ("/panels/repository/refresh", "/pages/repository/refresh", "/pages/repository/access"):
        assert client.get(path, headers=bearer(token)).status_code == 401
    assert client.post("/pages/configure", data={"page_token": token}).status_code == 401
    assert client.get(PROGRESS).status_code == 401


def test_progress_ends_with_the_installation(client, alice, services):
    _, token = welcome_page(client)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert client.get(PROGRESS, headers=bearer(token)).status_code == 401


def test_an_install_that_is_not_proved_yet_gets_no_token(client, services):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    assert welcome_page(client)[1] is None
