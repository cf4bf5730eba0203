"""A view of a repository that we hold asks nobody for anything, and weighs little."""

import re
from urllib.parse import quote

import pytest

from app import create_app
from services import create_services
from tests.tenants import ALICE_REPOSITORY, BOB, alice_offer, install
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.held import SOME, Refusing, hold_much
from tests.web.panels.weighing import MOST_BYTES, report_weight, weight_of
from tests.web.signing import signed_url

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


def test_no_view_calls_bitbucket(closed):
    answers = {page: closed.get(signed_url(address)) for page, address in PAGES.items()}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    assert [page for page, answer in answers.items() if 'class="state"' in answer.get_data(as_text=True)] == []


def test_no_refresh_calls_bitbucket_either(closed):
    for page, refresh in (
        ("pulse", "/panels/repository/refresh"),
        ("turn", f"/panels/pull-request/refresh?pull_request={SOME.pull_requests}"),
        ("overview", "/pages/repository/refresh?tab=overview"),
    ):
        token = page_token(closed.get(signed_url(PAGES[page])))
        assert closed.get(refresh, headers=bearer(token)).status_code == 200


def test_no_panel_weighs_more_than_fifty_kilobytes_with_all_that_it_loads(closed, record_property):
    """Flow is weighed at its largest in tests/web/panels/flow, Setup beside its own tests."""
    weights = {page: weight_of(closed.get(signed_url(address)).get_data()) for page, address in PAGES.items()}

    for page, weight in weights.items():
        report_weight(record_property, page, weight)
    assert [page for page, weight in weights.items() if weight.total > MOST_BYTES] == []


def test_without_scripts_the_figures_are_all_there(closed):
    shown = text(closed.get(signed_url(PAGES["pulse"])))

    assert re.search(r"Waiting for review \d+", shown)
    assert "Needs attention" in shown
