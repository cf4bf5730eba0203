"""A view of a repository that we hold asks nobody for anything, and weighs little."""

import gzip
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from app import create_app
from services import create_services
from tests.tenants import ALICE_REPOSITORY, BOB, alice_offer, install
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.held import SOME, Refusing, hold_much
from tests.web.signing import signed_url

STATIC = Path(__file__).resolve().parents[3] / "static"
MOST_BYTES = 50_000

WHO = f"repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"
PAGES = {
    "pulse": f"/panels/repository?{WHO}",
    "turn": f"/panels/pull-request?{WHO}&pull_request={SOME.pull_requests}",
    "turn of a merged one": f"/panels/pull-request?{WHO}&pull_request=100",
    "overview": f"/pages/repository?{WHO}&tab=overview",
    "flow": f"/pages/repository?{WHO}&tab=flow",
    "branches": f"/pages/repository?{WHO}&tab=branches",
    "commit": f"/pages/repository?{WHO}&tab=commit",
    "files": f"/pages/repository?{WHO}&tab=files",
    "definitions": f"/pages/repository?{WHO}&tab=definitions",
}


@pytest.fixture
def closed(make_settings, clock, doorbell):
    """The application with no way to Bitbucket, and a repository of Alice's that was read to its end."""
    services = create_services(make_settings(), transport=Refusing(), now=clock, wake=doorbell)
    with services.sessions.begin() as session:
        alice = install(session, alice_offer(), box=services.secret_box)
    hold_much(services, alice)
    yield create_app(services=services).test_client()
    services.engine.dispose()


@pytest.mark.parametrize("page", PAGES)
def test_no_view_calls_bitbucket(closed, page):
    answer = closed.get(signed_url(PAGES[page]))

    assert answer.status_code == 200
    assert 'class="state"' not in answer.get_data(as_text=True)


def test_no_refresh_calls_bitbucket_either(closed):
    for page, refresh in (
        ("pulse", "/panels/repository/refresh"),
        ("turn", f"/panels/pull-request/refresh?pull_request={SOME.pull_requests}"),
        ("overview", "/pages/repository/refresh?tab=overview"),
    ):
        token = page_token(closed.get(signed_url(PAGES[page])))
        assert closed.get(refresh, headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("page", ["pulse", "turn", "overview"])
def test_a_panel_weighs_no_more_than_fifty_kilobytes_with_all_that_it_loads(closed, page):
    html = closed.get(signed_url(PAGES[page])).get_data()
    loaded = set(re.findall(r"/static/([\w./-]+\.(?:css|js|svg))", html.decode()))

    weight = len(gzip.compress(html)) + sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded)

    assert {"bittern.css", "panels.css", "bittern.js"} <= loaded
    assert weight <= MOST_BYTES, weight


def test_without_scripts_the_figures_are_all_there(closed):
    shown = text(closed.get(signed_url(PAGES["pulse"])))

    assert re.search(r"Waiting for review \d+", shown)
    assert "Needs attention" in shown
