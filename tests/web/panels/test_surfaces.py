"""The refresh: a page that asks for newer figures with its own token, and nothing more than that token says."""

from urllib.parse import quote

import pytest

from bitbucket.errors import ConnectionFailed
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    BOB,
    CHARLIE_KEY,
    uninstall,
)
from tests.web.fake_bitbucket import ANA, pull_request
from tests.web.panels.asking import REFRESH, bearer, page_token, panel
from tests.web.panels.held import tell
from tests.web.signing import signed_headers


@pytest.fixture
def token(client, alice):
    return page_token(client.get(panel()))


def test_the_page_refreshes_itself_with_its_own_token(client, token, alice, services, clock):
    clock.advance(seconds=20)
    tell(services, alice, pull_request(42, title="New since"))

    answer = client.get(REFRESH, headers=bearer(token))

    assert answer.status_code == 200
    assert "New since" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert answer.headers["X-As-Of"] == "2026-11-23T12:00:20Z"
    assert answer.headers["X-Page-Token"]


def test_a_refresh_that_would_say_the_same_is_not_sent_again(client, token):
    first = client.get(REFRESH, headers=bearer(token))

    again = client.get(REFRESH, headers=bearer(token, **{"If-None-Match": first.headers["ETag"]}))

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-Page-Token"]


def test_the_token_lasts_a_quarter_of_an_hour_and_is_renewed_by_each_refresh(client, token, clock, refusals):
    clock.advance(minutes=14)
    renewed = client.get(REFRESH, headers=bearer(token)).headers["X-Page-Token"]
    clock.advance(minutes=14)

    assert client.get(REFRESH, headers=bearer(renewed)).status_code == 200
    assert client.get(REFRESH, headers=bearer(token)).status_code == 401
    assert refusals() == ["auth.expired"]


def test_a_token_of_bitbuckets_is_not_taken_for_ours_nor_ours_for_bitbuckets(client, token, refusals):
    inbound = signed_headers(REFRESH, method="GET")["Authorization"].removeprefix("JWT ")
    target = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"

    answers = [
        client.get(REFRESH, headers=bearer(inbound)),
        client.get(REFRESH, headers={"Authorization": f"JWT {token}"}),
        client.get(f"{target}&jwt={token}"),
        client.get(f"{REFRESH}?jwt={token}"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert refusals() == ["auth.token_kind", "auth.missing", "auth.token_kind", "auth.missing"]


def test_a_token_for_one_page_is_not_taken_by_another(client, token, refusals):
    assert client.get("/pages/repository/refresh", headers=bearer(token)).status_code == 401
    assert refusals() == ["auth.token_kind"]


def test_a_token_of_an_uninstalled_workspace_is_refused_at_once(client, token, services):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    answer = client.get(REFRESH, headers=bearer(token))

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")


def test_a_failed_refresh_keeps_the_token_alive(client, token, bitbucket, clock):
    bitbucket.fails(ConnectionFailed("refused"))
    clock.advance(minutes=11)

    answer = client.get(REFRESH, headers=bearer(token))

    assert answer.status_code == 503
    assert answer.headers["X-Page-Token"]


def test_a_page_that_is_open_while_a_history_is_not_yet_held_asks_once_a_minute_at_most(
    client, token, bitbucket, clock
):
    bitbucket.requests.clear()

    for _ in range(6):
        clock.advance(seconds=20)
        assert client.get(REFRESH, headers=bearer(token, **{"X-Refresh": "poll"})).status_code == 200

    assert len(bitbucket.read_paths) == 2


def test_a_poll_shows_an_event_that_has_come(client, token, alice, services, bitbucket):
    bitbucket.requests.clear()
    tell(services, alice, pull_request(42, title="Opened just now"))

    answer = client.get(REFRESH, headers=bearer(token, **{"X-Refresh": "poll"}))

    assert "Opened just now" in answer.get_data(as_text=True)
    assert bitbucket.requests == []


def test_the_figures_of_one_look_serve_every_viewer_for_a_moment(client, alice, bitbucket):
    client.get(panel())
    bitbucket.requests.clear()

    client.get(panel(user=ANA["uuid"]))

    assert bitbucket.requests == []


def test_the_log_names_the_installation_and_the_repository_and_no_token(client, alice, log_entries):
    client.get(panel())

    [entry] = [entry for entry in log_entries if entry["event"] == "request.finished"]
    assert (entry["installation"], entry["repository"], entry["path"]) == (
        alice.id,
        ALICE_REPOSITORY,
        "/panels/repository",
    )
    assert "eyJ" not in str(log_entries)


def test_one_tenants_token_cannot_be_spent_on_another(client, token, charlie, refusals):
    head, payload, signature = token.split(".")
    forged = ".".join([head, payload[:-4] + "AAAA", signature])

    assert client.get(REFRESH, headers=bearer(forged)).status_code == 401
    assert client.get(panel(client_key=CHARLIE_KEY)).status_code == 401
    assert refusals()[-1] == "auth.signature"


def test_a_page_that_is_opened_again_is_the_same_but_for_its_token(client, alice, clock):
    pages, tokens = [], []
    for _ in range(2):
        answer = client.get(panel())
        tokens.append(page_token(answer))
        pages.append(answer.get_data(as_text=True).replace(tokens[-1], "token"))
        clock.advance(seconds=1)

    assert pages[0] == pages[1]
    assert tokens[0] != tokens[1]
    assert all(client.get(REFRESH, headers=bearer(token)).status_code == 200 for token in tokens)


def test_a_page_that_was_kept_shows_what_has_happened_since(client, alice, services):
    client.get(panel())
    tell(services, alice, pull_request(42, title="New since"))

    assert "New since" in client.get(panel()).get_data(as_text=True)


def test_a_page_that_was_kept_is_not_shown_to_whom_it_is_not_open_any_more(client, alice, services):
    client.get(panel())
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert client.get(panel()).status_code == 401
