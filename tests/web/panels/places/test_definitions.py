"""The Definitions tab: every definition that a figure may name, in its version, and what the workspace has set."""

import pytest

from insights.definitions import CATALOGUE
from insights.settings import WorkspaceSettings
from models import workspace_settings
from tests.tenants import BOB, NOON
from tests.web.panels.asking import text
from tests.web.panels.places.heron import address
from web.panels.places.people import join_names


@pytest.fixture
def shown(client, heron):
    return client.get(address("definitions"))


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_definition_is_there_with_its_version(shown, name):
    page = shown.get_data(as_text=True)
    assert page.count(f'id="definition-{name}"') == 1
    assert f"{name}, version {CATALOGUE[name].version}." in page


def test_our_own_papers_are_no_source_to_readers(shown):
    assert "panels.md" not in shown.get_data(as_text=True)
    assert "Avelino et al. 2016" in text(shown)


def test_nothing_is_asked_of_bitbucket(shown, bitbucket):
    assert shown.status_code == 200
    assert bitbucket.requests == []


def test_what_is_set_is_what_holds_for_this_repository(client, services, alice, heron):
    settings = WorkspaceSettings(
        time_zone="Europe/Berlin", weekend=frozenset({4, 5}), required_approvals=2, stale_days=60
    )
    with services.sessions.begin() as session:
        workspace_settings.write(session, alice, settings, by_uuid=BOB, now=NOON)
    seen = text(client.get(address("definitions")))
    assert "Time zone Europe/Berlin" in seen
    assert "Days without work Friday and Saturday" in seen
    assert "Approvals required 2" in seen
    assert "Long-lived branches main" in seen
    assert "after 7, 30, 60 days" in seen


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_listed_as_a_person_would(app, names, said):
    with app.app_context():
        assert join_names(names) == said
