"""Who looks, and what they may see."""

from __future__ import annotations

import pytest

from simulator.connect.modules import Page
from simulator.host.viewing import Viewing, of_repository


def test_an_owner_looks_at_first(site):
    assert "Alice Example" in site.words("/acme/paint/")


def test_somebody_else_can_be_chosen(site):
    answer = site.post("/site/viewing-as", user=site.cast.bob.uuid, back="/acme/paint/commits/?branch=main")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/acme/paint/commits/?branch=main")
    assert 'aria-current="true"' in site.get("/acme/paint/")
    assert '<span class="viewer-name">Bob Example</span>' in site.get("/acme/paint/")


def test_the_choice_is_not_readable_by_scripts_and_stays_on_this_site(site):
    cookie = site.post("/site/viewing-as", user="anonymous").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
def test_nobody_is_sent_to_another_site(site, wanted):
    answer = site.post("/site/viewing-as", user="anonymous", back=wanted)
    assert answer.headers["Location"] == "/"


def test_only_people_of_this_world_can_be_chosen(site):
    assert site.post("/site/viewing-as", user="{nobody}").status_code == 400


def test_a_cookie_of_another_world_is_forgotten(site):
    site.client.set_cookie("viewing_as", "{somebody-else}")
    assert '<span class="viewer-name">Alice Example</span>' in site.get("/acme/paint/")


@pytest.mark.parametrize("name", ["charlie", None])
def test_whoever_may_not_see_a_repository_gets_the_page_of_a_missing_one(site, name):
    site.view_as(getattr(site.cast, name) if name else None)
    missing = site.words("/acme/nothing/", 404)
    hidden = site.words("/acme/paint/", 404)
    assert hidden == missing.replace("acme/nothing", "acme/paint")


@pytest.mark.parametrize("name", ["charlie", None])
def test_everybody_sees_what_is_public(site, name):
    site.cast.paint.is_private = False
    site.view_as(getattr(site.cast, name) if name else None)
    assert "Colours for the whole house." in site.words("/acme/paint/")


def test_a_repository_is_found_by_its_uuids_too(site):
    path = f"/{site.cast.acme.uuid}/{site.cast.paint.uuid}/"
    assert "Colours for the whole house." in site.words(path)


@pytest.mark.parametrize(
    "path", ["/2.0/x/", "/_simulator/x/", "/site/x/", "/account/x/", "/favicon.ico", "/atlassian-connect/"]
)
def test_bitbuckets_own_words_are_no_workspaces(site, path):
    assert "No workspace with identifier" not in site.client.get(path).text


def test_the_colour_mode_is_remembered(site):
    assert 'data-color-mode="light"' in site.get("/")
    site.client.set_cookie("color_mode", "dark")
    assert 'data-color-mode="dark"' in site.get("/")
    site.client.set_cookie("color_mode", "pink")
    assert 'data-color-mode="light"' in site.get("/")


def test_everybody_can_be_chosen_the_pages_own_people_first(site):
    text = site.get("/other/secret/")
    names = [name for name in ("Charlie Example", "Alice Example", "Bob Example", "Dana Example") if name in text]
    assert len(names) == 4
    home = site.get("/acme/paint/")
    assert home.index(f'value="{site.cast.alice.uuid}"') < home.index(f'value="{site.cast.charlie.uuid}"')


def test_a_page_about_no_repository_has_none_to_show(site):
    with pytest.raises(ValueError, match="about no repository"):
        of_repository(Page(workspace=site.cast.acme, viewer=None))


@pytest.mark.parametrize(
    ("needed", "alice", "bob", "charlie"),
    [("read", True, True, False), ("write", True, True, False), ("admin", True, False, False)],
)
def test_what_somebody_may_do_follows_from_their_permissions(site, needed, alice, bob, charlie):
    viewing = Viewing(site.simulator)
    for name, expected in (("alice", alice), ("bob", bob), ("charlie", charlie)):
        page = Page(workspace=site.cast.acme, viewer=getattr(site.cast, name), repository=site.cast.paint)
        assert viewing.may(page, needed) is expected


def test_only_owners_administer_a_workspace(site):
    viewing = Viewing(site.simulator)
    for viewer, expected in ((site.cast.alice, True), (site.cast.bob, False), (None, False)):
        assert viewing.is_administrator(Page(workspace=site.cast.acme, viewer=viewer)) is expected


def test_nothing_can_be_done_on_a_page_without_a_repository(site):
    assert not Viewing(site.simulator).may(Page(workspace=site.cast.acme, viewer=site.cast.alice), "read")
