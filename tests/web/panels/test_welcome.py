"""The page after an install: what a token proves it says, and what a client key claims it does not."""

from urllib.parse import quote

import pytest

from tests.tenants import ALICE_KEY, CHARLIE_SECRET, alice_offer, quarantine, uninstall
from tests.web.panels.asking import text
from tests.web.signing import signed_url

GENERAL = "Bittern is installed Open the overview of any repository"


def test_a_verified_token_says_whose_install_it_was(client, alice):
    assert "Bittern is installed in Alice &amp; Co" in client.get(signed_url("/connect/welcome")).get_data(as_text=True)


def test_an_install_that_is_not_proved_yet_says_so(client, services):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    assert "is being installed in Alice" in text(client.get(signed_url("/connect/welcome")))


@pytest.mark.parametrize("query", ["", f"?client_key={quote(ALICE_KEY)}", "?account=alice", "?jwt=", "?jwt=a.b.c"])
def test_anybody_else_gets_the_general_page(client, alice, query):
    answer = client.get(f"/connect/welcome{query}")

    assert answer.status_code == 200
    assert GENERAL in text(answer)
    assert "Alice" not in answer.get_data(as_text=True)


def test_a_token_that_does_not_verify_says_nothing_and_is_logged(client, alice, refusals):
    answer = client.get(signed_url("/connect/welcome", secret=CHARLIE_SECRET))

    assert GENERAL in text(answer)
    assert refusals() == ["auth.signature"]


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
