"""Ways and addresses."""

from __future__ import annotations

import pytest

from simulator.connect.modules import Page
from simulator.host.frames import frame, refresh_address
from simulator.host.navigation import app_path, navigation, repository_path, workspace_entries, workspace_path
from simulator.host.viewing import Viewing

ACCOUNT = {"key": "admin", "name": {"value": "Admin"}, "url": "/a", "location": "org.bitbucket.account.admin"}


@pytest.fixture
def page(site):
    return Page(workspace=site.cast.acme, viewer=site.cast.alice, repository=site.cast.paint)


@pytest.fixture
def viewing(site):
    return Viewing(site.simulator)


def test_paths_are_made_of_slugs(site):
    assert workspace_path(site.cast.acme) == "/acme"
    assert repository_path(site.cast.paint) == "/acme/paint"


def test_a_strange_slug_is_encoded(site):
    site.cast.paint.slug = "a b?c"
    assert repository_path(site.cast.paint) == "/acme/a%20b%3Fc"


def test_the_own_pages_come_with_their_counts(site, page, viewing):
    own = navigation(site.simulator, viewing, page, current="/acme/paint/commits/").own
    assert [(one.label, one.count) for one in own] == [
        ("Source", None),
        ("Commits", None),
        ("Branches", 2),
        ("Pull requests", 1),
    ]
    assert [one.label for one in own if one.is_current] == ["Commits"]


def test_only_open_pull_requests_are_counted(site, page, viewing):
    site.cast.pull_request.state = "DECLINED"
    assert navigation(site.simulator, viewing, page, current="").own[3].count == 0


def test_without_a_repository_there_is_no_way(site, viewing):
    page = Page(workspace=site.cast.acme, viewer=None)
    found = navigation(site.simulator, viewing, page, current="")
    assert (found.own, found.apps, found.settings) == ([], [], [])


def test_an_apps_pages_stand_under_their_own_names(site, page, viewing):
    site.install()
    (entry,) = navigation(site.simulator, viewing, page, current="").apps
    assert (entry.label, entry.address, entry.icon) == ("Stand-in page", "/acme/paint/addon/stand-in/whole", "app")


def test_a_workspaces_settings_hold_what_apps_add_for_administrators(site, viewing):
    site.install(modules={"adminPages": [ACCOUNT]})
    for viewer, labels in ((site.cast.alice, ["Installed apps", "Admin"]), (site.cast.bob, ["Installed apps"])):
        page = Page(workspace=site.cast.acme, viewer=viewer)
        found = workspace_entries(site.simulator, viewing, page, current="")
        assert [one.label for one in found] == labels


def test_a_frame_has_a_title_even_where_the_module_has_none(site, page):
    site.install(modules={"postInstallRedirect": {"key": "after", "url": "/welcome"}})
    (placed,) = site.simulator.modules.on(page, "postInstallRedirect")
    assert frame(page, placed).title == "Stand-in"
    assert app_path("/acme", placed) == "/acme/addon/stand-in/after"


def test_a_fresh_address_is_asked_for_the_same_page(site, page):
    assert refresh_address(page, "a b") == (
        "/!api/internal/connect/frame?app_key=a+b"
        f"&workspace=%7B{site.cast.acme.uuid.strip('{}')}%7D&repository=%7B{site.cast.paint.uuid.strip('{}')}%7D"
    )
    with_pull_request = Page(
        workspace=page.workspace, viewer=None, repository=page.repository, pull_request=site.cast.pull_request
    )
    assert refresh_address(with_pull_request, "x").endswith("&pull_request=1")
