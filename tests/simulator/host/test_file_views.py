"""The viewers that apps add to files."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.host.test_app_pages import bridge_of

WALLS = "/acme/paint/src/main/src/walls.py"
VIEW = {
    "key": "facts",
    "name": {"value": "Facts"},
    "url": "/file?user={user.uuid}&path={file.path}&name={file.name}&commit={file.commit.hash}",
    "file_matches": {"extensions": ["py", "md"]},
}


def test_a_file_that_matches_can_be_looked_at_with_the_apps_viewer(site):
    site.install(modules={"fileViews": [VIEW]})
    text = site.get(WALLS)
    assert '<option value="stand-in:facts">Facts</option>' in text
    assert '<option value="file-view-default" selected>' in text
    assert "COLOUR" in text


def test_the_viewer_is_told_the_file_and_its_commit(site):
    site.install(modules={"fileViews": [VIEW]})
    text = site.get(f"{WALLS}?fileviewer=stand-in:facts")
    bridge = bridge_of(text)
    found = {name: values[0] for name, values in parse_qs(urlsplit(bridge["url"]).query).items()}
    assert (found["path"], found["name"]) == ("src/walls.py", "walls.py")
    assert found["commit"] == site.cast.paint.git.commit("main").hash
    assert found["user"] == site.cast.alice.uuid
    assert (bridge["options"]["moduleType"], bridge["options"]["isFullPage"]) == ("fileView", True)
    assert '<option value="stand-in:facts" selected>' in text
    assert "COLOUR" not in text


def test_a_fresh_token_is_for_the_same_file(site):
    site.install(modules={"fileViews": [VIEW]})
    bridge = bridge_of(site.get(f"{WALLS}?fileviewer=stand-in:facts"))
    again = site.client.get(f"{bridge['refresh']}&module_key=facts").json
    assert again["url"].partition("jwt=")[0] == bridge["url"].partition("jwt=")[0]


@pytest.mark.parametrize("extensions", [["PY"], [".py"], ["walls.py", "py"]])
def test_extensions_match_without_regard_to_case(site, extensions):
    site.install(modules={"fileViews": [{**VIEW, "file_matches": {"extensions": extensions}}]})
    assert "stand-in:facts" in site.get(WALLS)


@pytest.mark.parametrize("extensions", [["js"], ["y"], ["alls.py"]])
def test_other_files_have_no_choice(site, extensions):
    site.install(modules={"fileViews": [{**VIEW, "file_matches": {"extensions": extensions}}]})
    assert "fileviewer" not in site.get(WALLS)


@pytest.mark.parametrize("chosen", ["nothing", "stand-in:other", "file-view-default"])
def test_a_viewer_that_is_not_offered_is_bitbuckets_own(site, chosen):
    site.install(modules={"fileViews": [VIEW]})
    assert "COLOUR" in site.get(f"{WALLS}?fileviewer={chosen}")


def test_a_directory_has_none(site):
    site.install(modules={"fileViews": [VIEW]})
    assert "fileviewer" not in site.get("/acme/paint/src/main/src")


def test_conditions_hide_it(site):
    site.install(modules={"fileViews": [{**VIEW, "conditions": [{"condition": "is_binary"}]}]})
    assert "fileviewer" not in site.get(WALLS)
