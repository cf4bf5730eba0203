"""Pages of installed apps, their frames, and the page that manages them."""

from __future__ import annotations

import html
import json
from urllib.parse import parse_qs, urlsplit

import pytest

MANAGE = "/acme/workspace/settings/addon-management"
FRAME = "/!api/internal/connect/frame"


def bridge_of(page):
    """What the page tells the bridge about its first frame."""
    text = page.partition('data-connect="')[2].partition('"')[0]
    return json.loads(html.unescape(text))


ADMIN = {"key": "admin", "name": {"value": "Admin"}, "url": "/admin", "location": "org.bitbucket.repository.admin"}
ACCOUNT = {**ADMIN, "key": "account", "location": "org.bitbucket.account.admin"}
AFTER = {"key": "after", "url": "/welcome?w={workspace.slug}"}


class TestAPageInARepository:
    def test_it_is_embedded_as_a_full_page(self, site):
        site.install()
        bridge = bridge_of(site.get("/acme/paint/addon/stand-in/whole"))
        assert bridge["url"].startswith("http://127.0.0.1:9/page?repository=%7B")
        assert (bridge["options"]["isFullPage"], bridge["options"]["moduleType"]) == (True, "repoPage")
        assert bridge["options"]["moduleLocation"] == "org.bitbucket.repository.navigation"

    @pytest.mark.parametrize("path", ["addon/stand-in/nothing", "addon/other/whole", "addon/stand-in/overview"])
    def test_only_pages_that_are_there_are_shown(self, site, path):
        site.install()
        site.get(f"/acme/paint/{path}", 404)

    def test_an_uninstalled_apps_page_is_gone(self, site):
        made = site.install()
        site.simulator.installations.deactivate(made.client_key)
        site.get("/acme/paint/addon/stand-in/whole", 404)

    def test_settings_pages_are_for_administrators(self, site):
        site.install(modules={"adminPages": [ADMIN]})
        path = "/acme/paint/admin/addon/stand-in/admin"
        assert bridge_of(site.get(path))["options"]["moduleType"] == "adminPage"
        assert path in site.get("/acme/paint/")
        site.view_as(site.cast.bob)
        assert "You may not see this" in site.words(path, 403)
        assert path not in site.get("/acme/paint/")

    @pytest.mark.parametrize("location", ["navigation", "actions"])
    def test_it_stands_in_the_navigation(self, site, location):
        page = {"key": "whole", "name": {"value": "Whole"}, "url": "/w"}
        site.install(modules={"repoPages": [{**page, "location": f"org.bitbucket.repository.{location}"}]})
        assert '<a href="/acme/paint/addon/stand-in/whole">' in site.get("/acme/paint/")
        assert 'href="/acme/paint/addon/stand-in/whole" aria-current="page"' in site.get(
            "/acme/paint/addon/stand-in/whole"
        )

    def test_an_apps_own_icon_stands_in_the_navigation(self, site):
        document = {
            "key": "whole",
            "name": {"value": "W"},
            "url": "/w",
            "location": "org.bitbucket.repository.navigation",
        }
        site.install(modules={"repoPages": [{**document, "icon": {"url": "/icon.svg"}}]})
        assert '<img class="icon" src="http://127.0.0.1:9/icon.svg"' in site.get("/acme/paint/")


class TestAPageOfAWorkspace:
    @pytest.mark.parametrize(
        ("modules", "key", "kind"),
        [
            (
                {"configurePage": {"key": "configure", "name": {"value": "C"}, "url": "/c"}},
                "configure",
                "configurePage",
            ),
            ({"adminPages": [ACCOUNT]}, "account", "adminPage"),
            ({"postInstallRedirect": AFTER}, "after", "postInstallRedirect"),
        ],
    )
    def test_it_is_embedded_for_administrators(self, site, modules, key, kind):
        site.install(modules=modules)
        path = f"/acme/workspace/settings/addon/stand-in/{key}"
        assert bridge_of(site.get(path))["options"]["moduleType"] == kind
        site.view_as(site.cast.bob)
        site.get(path, 403)

    def test_a_page_without_a_name_has_the_apps(self, site):
        site.install(modules={"postInstallRedirect": AFTER})
        assert "Stand-in" in site.words("/acme/workspace/settings/addon/stand-in/after")

    def test_one_that_is_not_there_is_a_404(self, site):
        site.install()
        site.get("/acme/workspace/settings/addon/stand-in/nothing", 404)


class TestAFreshFrame:
    def ask(self, site, **query):
        query = {"workspace": site.cast.acme.uuid, "app_key": "stand-in", "module_key": "overview", **query}
        return site.client.get(FRAME, query_string=query)

    def test_it_has_a_new_token_for_the_same_page(self, site):
        site.install()
        found = self.ask(site, repository=site.cast.paint.uuid).json
        query = parse_qs(urlsplit(found["url"]).query)
        assert (found["addon_key"], found["key"]) == ("stand-in", "overview")
        assert query["repository"] == [site.cast.paint.uuid]
        assert query["user"] == [site.cast.alice.uuid]

    def test_it_is_for_whoever_looks(self, site):
        site.install()
        site.view_as(site.cast.bob)
        found = self.ask(site, repository=site.cast.paint.uuid).json
        assert parse_qs(urlsplit(found["url"]).query)["user"] == [site.cast.bob.uuid]

    def test_nobody_can_ask_for_somebody_else(self, site):
        site.install()
        site.view_as(site.cast.bob)
        found = self.ask(site, repository=site.cast.paint.uuid, user=site.cast.alice.uuid).json
        assert parse_qs(urlsplit(found["url"]).query)["user"] == [site.cast.bob.uuid]

    def test_a_pull_requests_module_is_found_on_its_page(self, site):
        site.install()
        found = self.ask(site, repository=site.cast.paint.uuid, pull_request="1", module_key="turn").json
        assert "/panel?pr=1&state=OPEN" in found["url"]

    def test_the_pages_refresh_address_leads_there(self, site):
        site.install()
        bridge = bridge_of(site.get("/acme/paint/pull-requests/1"))
        again = site.client.get(f"{bridge['refresh']}&module_key={bridge['key']}").json
        assert again["url"].partition("jwt=")[0] == bridge["url"].partition("jwt=")[0]

    @pytest.mark.parametrize("query", [{"module_key": "nothing"}, {"app_key": "other"}, {"workspace": "{nobody}"}])
    def test_what_is_not_there_is_a_404(self, site, query):
        site.install()
        assert self.ask(site, repository=site.cast.paint.uuid, **query).status_code == 404

    def test_whoever_may_not_see_the_repository_gets_none(self, site):
        site.install()
        for user in (site.cast.charlie, None):
            site.view_as(user)
            assert self.ask(site, repository=site.cast.paint.uuid).status_code == 404


class TestManaging:
    def test_an_app_is_shown_with_what_it_may_do(self, site):
        site.install()
        words = site.words(MANAGE)
        for text in ("Stand-in", "Tests", "connection:1", "Read your repositories", "Installed by", "Alice Example"):
            assert text in words
        assert "/acme/workspace/settings/addon/stand-in/configure" in site.get(MANAGE)

    def test_a_workspace_without_apps_says_so(self, site):
        assert "No app is installed in Acme." in site.words(MANAGE)

    def test_a_tombstone_is_shown_and_offers_nothing(self, site):
        made = site.install()
        site.simulator.installations.deactivate(made.client_key)
        text = site.get(MANAGE)
        assert "Uninstalled</span>" in text
        assert "settings/uninstall" not in text

    def test_only_administrators_can_change_something(self, site):
        site.install()
        site.view_as(site.cast.bob)
        assert "settings/uninstall" not in site.get(MANAGE)
        for deed in ("uninstall", "update"):
            assert site.post(f"/acme/workspace/settings/{deed}", client_key="connection:1").status_code == 403
        assert site.simulator.installations.active()

    def test_an_app_put_there_without_a_descriptor_is_not_listed(self, site):
        made = site.install()
        site.simulator.installations.put(
            type(made)(client_key="connection:2", app_key="x", principal_uuid=site.cast.acme.uuid, secret="s")
        )
        assert "connection:2" not in site.words(MANAGE)


class TestChangingLive:
    def post(self, live, deed, client_key):
        return live.http.request(
            "POST",
            f"{live.url}/acme/workspace/settings/{deed}",
            fields={"client_key": client_key},
            encode_multipart=False,
            redirect=False,
            timeout=20,
        )

    def message(self, live, answer):
        page = live.http.request("GET", live.url + answer.headers["Location"], timeout=20)
        return html.unescape(page.data.decode())

    def test_uninstalling_tells_the_app_and_says_so(self, live):
        answer = self.post(live, "uninstall", live.client_key())
        assert (answer.status, len(live.app.calls("/uninstalled"))) == (303, 1)
        assert "Uninstalled." in self.message(live, answer)

    def test_uninstalling_twice_says_what_is_wrong(self, live):
        client_key = live.client_key()
        self.post(live, "uninstall", client_key)
        assert f"{client_key} is not installed." in self.message(live, self.post(live, "uninstall", client_key))

    def test_updating_reads_the_descriptor_again(self, live):
        client_key = live.client_key()
        live.app.changes["name"] = "Renamed"
        text = self.message(live, self.post(live, "update", client_key))
        assert "Updated from its descriptor." in text
        assert "Renamed" in text

    def test_a_failed_update_says_why(self, live):
        client_key = live.client_key()
        live.app.changes["scopes"] = ["webhook"]
        assert "cannot be increased" in self.message(live, self.post(live, "update", client_key))

    def test_updating_what_is_not_there_is_a_404(self, live):
        assert self.post(live, "update", "connection:9").status == 404

    def test_the_latest_webhooks_are_listed_with_what_came_back(self, live):
        live.client_key()
        live.app.statuses = [500, 200]
        live.control("POST", "/act", {"action": "approve", "repository": "acme/paint", "pull_request": 1})
        live.control("GET", "/deliveries?wait_seconds=10")
        page = live.http.request("GET", live.url + MANAGE, timeout=20).data.decode()
        assert "pullrequest:approved" in page
        assert "delivered" in page
        assert "500, 200" in " ".join(page.split())
