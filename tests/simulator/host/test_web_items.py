"""Links of apps on pull requests, branches and commits, and what they lead to."""

from __future__ import annotations

import html
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.host.test_app_pages import FRAME, bridge_of

REVIEW, COMMITS = "/acme/paint/pull-requests/1", "/acme/paint/commits/"
ITEM = {"key": "more", "name": {"value": "More of it"}, "tooltip": {"value": "Open it"}}
URLS = {
    "pullrequest": "/item?repository={repository.uuid}&user={user.uuid}&number={pullrequest.id}",
    "branch": "/item?user={user.uuid}&branch={branch.name}",
    "commit": "/item?user={user.uuid}&commit={commit.hash}",
}


def item(about, part="summary.actions", **changes):
    return {**ITEM, "location": f"org.bitbucket.{about}.{part}", "url": URLS[about], **changes}


def address_of(page):
    return html.unescape(page.partition('<a class="button" href="')[2].partition('"')[0])


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def tip(site):
    return site.cast.pull_request.source_hash


@pytest.mark.parametrize("part", ["summary.actions", "summary.info"])
@pytest.mark.parametrize("about", ["pullrequest", "branch", "commit"])
def test_a_link_stands_on_the_page_that_it_is_about_and_on_no_other(site, tip, about, part):
    site.install(modules={"webItems": [item(about, part)]})
    pages = {"pullrequest": REVIEW, "branch": "/acme/paint/branch/feature/doors", "commit": COMMITS + tip}
    for name, path in pages.items():
        assert ("More of it" in site.words(path)) is (name == about)
    assert "More of it" not in site.words(COMMITS)


@pytest.mark.parametrize(
    ("about", "path", "expected"),
    [
        ("pullrequest", REVIEW, {"number": "1"}),
        ("branch", "/acme/paint/branch/feature/doors", {"branch": "feature/doors"}),
        ("commit", COMMITS + "{tip}", {"commit": "{tip}"}),
    ],
)
def test_it_leads_to_a_page_of_the_app_about_the_same(site, tip, about, path, expected):
    site.install(modules={"webItems": [item(about)]})
    address = address_of(site.get(path.format(tip=tip)))
    assert address.startswith("/acme/paint/addon/stand-in/more?")
    bridge = bridge_of(site.get(address))
    found = query_of(bridge["url"])
    assert {name: found[name] for name in expected} == {k: v.format(tip=tip) for k, v in expected.items()}
    assert found["user"] == site.cast.alice.uuid
    assert found["jwt"].count(".") == 2
    assert bridge["options"]["moduleType"] == "webItem"


def test_its_page_gets_a_fresh_token_about_the_same(site, tip):
    site.install(modules={"webItems": [item("commit")]})
    bridge = bridge_of(site.get(address_of(site.get(COMMITS + tip)) + "&tab=files"))
    again = site.client.get(f"{bridge['refresh']}&module_key=more").json
    assert again["url"].partition("jwt=")[0] == bridge["url"].partition("jwt=")[0]
    assert query_of(again["url"])["tab"] == "files"


def test_every_branch_of_the_list_has_its_own(site):
    url = "/item?branch={branch.name}"
    site.install(modules={"webItems": [item("branch", "list.actions", url=url)]})
    text = site.get("/acme/paint/branches/")
    assert "/acme/paint/addon/stand-in/more?branch=feature%2Fdoors" in text
    assert "/acme/paint/addon/stand-in/more?branch=main" in text


@pytest.mark.parametrize("query", ["?pullrequest=9", "?branch=nothing", "?commit=ffffffffff"])
def test_a_page_about_what_is_not_there_is_a_404(site, query):
    site.install(modules={"webItems": [item("commit")]})
    site.get(f"/acme/paint/addon/stand-in/more{query}", 404)


@pytest.mark.parametrize("kind", ["dialog", "inlinedialog"])
def test_one_with_a_dialog_tells_the_host_what_to_open(site, kind):
    target = {"type": kind, "options": {"size": "large"}}
    site.install(modules={"webItems": [item("pullrequest", target=target)]})
    text = site.get(REVIEW)
    told = json.loads(html.unescape(text.partition('data-connect-dialog="')[2].partition('"')[0]))
    assert (told["options"]["size"], told["options"]["header"]) == ("large", "More of it")
    assert query_of(told["extension"]["url"])["number"] == "1"


def test_one_to_another_site_takes_no_token_there(site):
    site.install(modules={"webItems": [item("pullrequest", url="https://example.com/see?n={pullrequest.id}")]})
    assert address_of(site.get(REVIEW)) == "https://example.com/see?n=1"


def test_one_with_the_apps_whole_address_is_a_page_of_the_app(site):
    site.install(modules={"webItems": [item("pullrequest", url="http://127.0.0.1:9/item?n={pullrequest.id}")]})
    assert address_of(site.get(REVIEW)) == "/acme/paint/addon/stand-in/more?pullrequest=1"


def test_lighter_ones_come_first(site):
    heavy = item("pullrequest", key="heavy", name={"value": "Heavy"}, weight=200)
    light = item("pullrequest", key="light", name={"value": "Light"}, weight=1)
    site.install(modules={"webItems": [heavy, light]})
    words = site.words(REVIEW)
    assert words.index("Light") < words.index("Heavy")


def test_conditions_hide_them(site):
    condition = {"condition": "has_permission", "params": {"permission": "admin"}}
    site.install(modules={"webItems": [item("pullrequest", conditions=[condition])]})
    assert "More of it" in site.words(REVIEW)
    site.view_as(site.cast.bob)
    assert "More of it" not in site.words(REVIEW)
    site.get("/acme/paint/addon/stand-in/more?pullrequest=1", 404)


class TestWhatAnAddressSaysBesides:
    """Query parameters of an app's page reach the app, signed."""

    PATH = "/acme/paint/addon/stand-in/whole"

    def test_they_are_passed_on_in_order(self, site):
        site.install()
        url = bridge_of(site.get(f"{self.PATH}?tab=commit&commit=%C3%A9%26b"))["url"]
        assert "&tab=commit&commit=%C3%A9%26b&jwt=" in url

    @pytest.mark.parametrize("own", ["repository=other", "jwt=a.b.c", "height=1"])
    def test_they_do_not_stand_in_for_what_the_app_asked_for(self, site, own):
        site.install()
        name = own.partition("=")[0]
        url = bridge_of(site.get(f"{self.PATH}?{own}"))["url"]
        assert len(parse_qs(urlsplit(url).query)[name]) == 1
        assert own not in url

    def test_one_that_comes_twice_is_passed_once(self, site):
        site.install()
        url = bridge_of(site.get(f"{self.PATH}?a=1&a=2"))["url"]
        assert parse_qs(urlsplit(url).query)["a"] == ["1"]

    def test_a_fresh_token_is_for_the_same_address(self, site):
        site.install()
        bridge = bridge_of(site.get(f"{self.PATH}?tab=branches"))
        again = site.client.get(f"{bridge['refresh']}&module_key={bridge['key']}").json
        assert again["url"].partition("jwt=")[0] == bridge["url"].partition("jwt=")[0]

    def test_a_panel_of_a_page_gets_none(self, site):
        site.install()
        assert "tab=" not in bridge_of(site.get("/acme/paint/?tab=branches"))["url"]

    def test_pages_of_settings_get_them_too(self, site):
        site.install()
        path = "/acme/workspace/settings/addon/stand-in/configure?section=data"
        assert query_of(bridge_of(site.get(path))["url"])["section"] == "data"

    def test_they_are_for_whoever_may_see_the_page(self, site):
        site.install()
        site.view_as(site.cast.charlie)
        query = {"workspace": site.cast.acme.uuid, "repository": site.cast.paint.uuid, "passed": "tab=a"}
        assert site.client.get(FRAME, query_string=query).status_code == 404
