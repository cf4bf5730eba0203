"""The repository page's own facts: what needs somebody, and the branches. What surrounds them is tested in tabs/."""

import re
from urllib.parse import quote

import pytest

from tests.tenants import ALICE_REPOSITORY, BOB
from tests.web.fake_bitbucket import TOM, branch, participant, pull_request
from tests.web.panels.asking import bearer, page_token, panel, text
from tests.web.signing import signed_url

REFRESH = "/pages/repository/refresh"


def address(user=BOB, *, tab=""):
    wanted = f"&tab={tab}" if tab else ""
    return signed_url(f"/pages/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(user)}{wanted}")


@pytest.fixture
def busy(client, alice, bitbucket):
    """A repository with something of everything."""
    bitbucket.show(
        *(pull_request(number, participant(TOM), opened=number) for number in range(1, 9)),
        pull_request(20, opened=1, draft=True, branch="feature/draft"),
        branches=[
            branch("feature/3", age=0.2),
            branch("main", age=3),
            branch("old/idea", age=45, author="Lars <l@example.com>"),
            branch("release/2024.4", age=240),
            branch("feature/8", age=200),
        ],
    )


@pytest.fixture
def shown(client, busy):
    return client.get(address())


def test_every_open_pull_request_that_waits_is_listed(shown):
    listed = shown.get_data(as_text=True).partition("Yours")[0].partition("Waiting for you")[0]
    numbers = re.findall(r'<p class="about">#(\d+)', listed)

    assert numbers == [
        "8",
        "7",
        "6",
        "5",
        "4",
        "3",
        "1",
        "2",
    ]  # the first two were opened over a weekend, which is no wait
    assert "left out: 1 in draft" in text(shown)


def test_no_e_mail_address_is_shown(shown):
    assert "@example.com" not in shown.get_data(as_text=True)


def test_every_figure_has_its_definition(client, shown):
    definitions = text(client.get(address(tab="definitions"))).partition("What the figures mean")[2]

    for term in re.findall(r"<dt>([^<]+)</dt>", shown.get_data(as_text=True)):
        assert term in definitions


def test_the_panel_and_the_page_look_once(client, alice, bitbucket):
    client.get(panel())
    bitbucket.requests.clear()

    assert client.get(address()).status_code == 200
    assert bitbucket.requests == []


def test_it_refreshes_with_a_token_of_its_own_purpose(client, shown):
    token = page_token(shown)

    assert client.get(REFRESH, headers=bearer(token)).status_code == 200
    assert client.get("/panels/repository/refresh", headers=bearer(token)).status_code == 401
