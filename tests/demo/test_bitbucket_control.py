"""Tests of speaking with the simulator's control address."""

from __future__ import annotations

import pytest

from demo.bitbucket_control import BitbucketControl, Panel
from demo.errors import StepFailed
from demo.ports import any_free_port


@pytest.fixture
def control(site):
    return BitbucketControl(site.url)


def test_it_is_ready_once_it_answers(site, control):
    assert not control.is_ready()
    site.answer("GET", "/_simulator/installations", 200, [])
    assert control.is_ready()


def test_it_is_not_ready_while_nobody_listens():
    assert not BitbucketControl(f"http://127.0.0.1:{any_free_port()}").is_ready()


def test_an_install_gives_the_client_key(site, control):
    site.answer("POST", "/_simulator/install", 200, {"ok": True, "client_key": "connection:1"})
    assert control.install(descriptor_url="http://x/d.json", workspace="team") == "connection:1"
    assert site.requests[-1][2] == {"descriptor_url": "http://x/d.json", "workspace": "team", "registered": False}


def test_a_refused_install_says_why(site, control):
    site.answer("POST", "/_simulator/install", 200, {"ok": False, "message": "Error calling installed"})
    with pytest.raises(StepFailed, match="Error calling installed"):
        control.install(descriptor_url="http://x/d.json", workspace="team")


@pytest.mark.parametrize(("status", "is_good"), [(200, True), (204, True), (401, False), (None, False)])
def test_an_uninstall_counts_only_if_the_app_agreed(status, is_good, site, control):
    site.answer("POST", "/_simulator/uninstall", 200, {"ok": True, "status": status, "message": "Uninstalled."})
    if is_good:
        control.uninstall("connection:1")
    else:
        with pytest.raises(StepFailed, match="connection:1"):
            control.uninstall("connection:1")


def test_panels_are_listed_with_their_signed_addresses(site, control):
    row = {"kind": "webPanels", "key": "pulse", "name": "Pulse", "url": "http://x/?jwt=1", "location": "somewhere"}
    site.answer("GET", "/_simulator/panels?workspace=team&repository=app", 200, [row])
    assert control.panels(workspace="team", repository="app") == [
        Panel("webPanels", "pulse", "Pulse", "http://x/?jwt=1")
    ]


def test_the_main_page_is_the_first_repository_there_is(site, control):
    workspaces = [
        {"slug": "empty", "repositories": []},
        {"slug": "team", "repositories": [{"slug": "app", "url": "http://x/team/app"}, {"slug": "b", "url": "b"}]},
    ]
    site.answer("GET", "/_simulator/", 200, {"workspaces": workspaces})
    page = control.main_page()
    assert (page.workspace, page.repository, page.url) == ("team", "app", "http://x/team/app")


def test_a_world_without_repositories_cannot_be_shown(site, control):
    site.answer("GET", "/_simulator/", 200, {"workspaces": [{"slug": "empty", "repositories": []}]})
    with pytest.raises(StepFailed, match="no repository"):
        control.main_page()


def test_an_error_is_told_with_its_words(site, control):
    site.answer("POST", "/_simulator/faults", 400, {"ok": False, "message": "match is not a regular expression"})
    with pytest.raises(StepFailed, match=r"400.*not a regular expression"):
        control.post("/faults", {"match": "("})


def test_an_answer_that_is_no_object_is_an_error(site, control):
    site.answer("POST", "/_simulator/act", 200, [1])
    with pytest.raises(StepFailed, match="no JSON object"):
        control.post("/act", {})


def test_a_simulator_that_is_gone_is_an_error():
    with pytest.raises(StepFailed, match="did not answer GET"):
        BitbucketControl(f"http://127.0.0.1:{any_free_port()}").get("/requests")


def test_it_can_make_the_simulator_forget(site, control):
    site.answer("DELETE", "/_simulator/faults", 200, {"ok": True})
    control.delete("/faults")
    assert site.requests == [("DELETE", "/_simulator/faults", None)]
