"""The page around its tabs: three ways in, one visit; the tab that the address names; what a refresh says."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.tenants import ALICE_KEY, uninstall
from tests.web.fake_bitbucket import TOM, participant, pull_request
from tests.web.panels.asking import bearer, page_token, panel, text
from tests.web.panels.test_repository_page import address

REFRESH = "/pages/repository/refresh"


def links(answer):
    """The tabs' links, by name."""
    found = re.findall(r'<a id="tab-([a-z]+)" href="([^"]+)"', answer.get_data(as_text=True))
    return {name: unescape(href) for name, href in found}


def current(answer):
    return re.findall(r'id="tab-([a-z]+)"[^>]* aria-current="page"', answer.get_data(as_text=True))


@pytest.fixture
def shown(client, alice, bitbucket):
    bitbucket.show(pull_request(1, participant(TOM)))
    return client.get(address())


def test_without_a_name_the_first_tab_is_open(shown):
    assert current(shown) == ["overview"]


def test_a_name_that_nobody_has_opens_the_first_tab(client, shown):
    assert current(client.get(address(tab="yesterday"))) == ["overview"]


@pytest.mark.parametrize("name", ["branches", "definitions"])
def test_the_signed_address_opens_the_tab_that_it_names(client, shown, name):
    answer = client.get(address(tab=name))

    assert answer.status_code == 200
    assert current(answer) == [name]
    assert answer.get_data(as_text=True).count('<section class="tab"') == 1


def test_every_tab_is_a_link_that_opens_it_without_a_script(client, shown):
    for name, href in links(shown).items():
        answer = client.get(href)
        assert answer.status_code == 200
        assert current(answer) == [name]


def test_a_page_opened_by_a_link_refreshes_itself_like_any_other(client, shown):
    opened = client.get(links(shown)["branches"])

    assert client.get(f"{REFRESH}?tab=branches", headers=bearer(page_token(opened))).status_code == 200


def test_the_address_that_is_kept_holds_no_token(shown):
    kept = unescape(re.search(r'data-address="([^"]+)"', shown.get_data(as_text=True))[1])

    assert kept == "/pages/repository?tab=overview"


def test_a_link_lives_no_longer_than_the_page_token(client, clock, shown):
    href = links(shown)["branches"]
    clock.advance(minutes=14)
    assert client.get(href).status_code == 200

    clock.advance(minutes=3)
    assert client.get(href).status_code == 401


def test_a_page_token_is_no_link_and_a_link_no_page_token(client, shown):
    link = parse_qs(urlsplit(links(shown)["overview"]).query)["link"][0]

    assert client.get(f"/pages/repository?link={page_token(shown)}").status_code == 401
    assert client.get(REFRESH, headers=bearer(link)).status_code == 401


def test_two_proofs_in_one_request_are_refused(client, shown):
    href = links(shown)["overview"]
    link = parse_qs(urlsplit(href).query)["link"][0]

    assert client.get(f"{address()}&link={link}").status_code == 401
    assert client.get(f"{href}&link={link}").status_code == 401
    assert client.get(href, headers={"Authorization": f"Bearer {page_token(shown)}"}).status_code == 401


def test_a_link_of_an_uninstalled_workspace_opens_nothing(client, services, shown):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert client.get(links(shown)["branches"]).status_code == 401


def test_a_refresh_of_what_has_not_changed_is_a_304(client, shown):
    # The first look at a new repository keeps what it had to ask for, and that is a change.
    client.get(links(shown)["branches"])
    headers = bearer(page_token(shown), **{"HX-Trigger": "refresh"})
    first = client.get(f"{REFRESH}?tab=branches", headers=headers)
    again = client.get(f"{REFRESH}?tab=branches", headers={**headers, "If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["X-Page-Token"]
    assert again.headers["X-Page-Link"]


def test_another_tab_is_shown_whatever_the_page_has_already(client, shown):
    headers = bearer(page_token(shown), **{"HX-Trigger": "refresh"})
    tag = client.get(f"{REFRESH}?tab=overview", headers=headers).headers["ETag"]

    answer = client.get(f"{REFRESH}?tab=branches", headers={**headers, "If-None-Match": tag})
    assert current(answer) == ["branches"]


def test_the_links_of_a_refreshed_page_work_when_those_of_its_first_paint_are_over(client, clock, shown):
    clock.advance(minutes=14)
    answer = client.get(f"{REFRESH}?tab=overview", headers=bearer(page_token(shown)))
    clock.advance(minutes=10)

    assert client.get(f"/pages/repository?tab=branches&link={answer.headers['X-Page-Link']}").status_code == 200


def test_a_tab_that_fails_says_why_in_its_place_and_the_others_stay(client, shown, bitbucket, clock):
    clock.advance(minutes=11)
    bitbucket.paths.clear()
    answer = client.get(f"{REFRESH}?tab=branches", headers=bearer(page_token(shown)))

    assert answer.status_code == 200
    assert 'class="state"' in answer.get_data(as_text=True)
    assert "definitions" in links(answer)


def test_a_live_tab_asks_bitbucket_only_when_it_is_opened(client, shown, bitbucket):
    assert not any(path.endswith("/issues") for path in bitbucket.read_paths)

    client.get(links(shown)["issues"])
    assert any(path.endswith("/issues") for path in bitbucket.read_paths)


def test_the_tabs_tell_which_one_is_open_to_those_who_do_not_see_it(shown):
    page = shown.get_data(as_text=True)

    assert 'aria-label="Sections"' in page
    assert page.count('aria-current="page"') == 1
    assert "Overview Flow Branches Commit Files" in text(shown)


def test_the_panels_token_opens_no_tab(client, shown):
    token = page_token(client.get(panel()))

    assert client.get(REFRESH, headers=bearer(token)).status_code == 401
