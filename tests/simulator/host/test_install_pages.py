"""The consent page and where the browser goes from it. A real app is installed; the browser is a plain client."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, quote, urlsplit

import jwt
import pytest

from simulator.connect.installations import RegisteredApp
from simulator.connect.signing import query_string_hash

SECRET = "an app-wide secret of the tests, long enough"


def ask(live, *, viewer=None, **query):
    """Status and text of the consent page."""
    whole = {"descriptor_uri": live.app.descriptor_url, **query}
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in whole.items() if value is not None)
    headers = {"Cookie": f"viewing_as={viewer}"} if viewer else {}
    answer = live.http.request("GET", f"{live.url}/site/addons/authorize?{text}", headers=headers, timeout=20)
    return answer.status, html.unescape(answer.data.decode())


def grant(live, *, viewer=None, **form):
    """The answer to the page's button; no redirect is followed."""
    fields = {"descriptor_uri": live.app.descriptor_url, "workspace": live.cast.acme.uuid, **form}
    return live.http.request(
        "POST",
        f"{live.url}/site/addons/authorize",
        fields={name: value for name, value in fields.items() if value is not None},
        headers={"Cookie": f"viewing_as={viewer}"} if viewer else {},
        encode_multipart=False,
        redirect=False,
        timeout=20,
    )


def query_of(answer):
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def with_redirect(live, url="/welcome?w={workspace.slug}"):
    live.app.changes["modules"] = {"postInstallRedirect": {"key": "after", "url": url}}


class TestAsking:
    def test_it_says_who_asks_and_for_what(self, live):
        status, text = ask(live)
        assert status == 200
        for words in ("Stand-in requests access", "By Tests.", "Read your account information", live.app.url):
            assert words in text
        assert f'<option value="{live.cast.acme.uuid}">Acme</option>' in text

    def test_only_workspaces_that_the_viewer_administers_can_be_chosen(self, live):
        _, text = ask(live, viewer=live.cast.charlie.uuid)
        assert live.cast.other.uuid in text
        assert f'<option value="{live.cast.acme.uuid}"' not in text

    def test_a_personal_workspace_is_ones_own(self, live):
        _, text = ask(live, viewer=live.cast.dana.uuid)
        assert f'<option value="{live.cast.dana.uuid}">Dana</option>' in text

    @pytest.mark.parametrize("viewer", ["bob", "anonymous"])
    def test_whoever_administers_nothing_is_told_so(self, live, viewer):
        chosen = "anonymous" if viewer == "anonymous" else live.cast.bob.uuid
        _, text = ask(live, viewer=chosen)
        assert "You administer no workspace." in text
        assert "Grant access" not in text

    def test_the_workspace_of_the_link_is_chosen_already(self, live):
        _, text = ask(live, workspace=live.cast.acme.uuid)
        assert f'<option value="{live.cast.acme.uuid}" selected>' in text

    def test_an_app_that_asks_for_nothing_says_so(self, live):
        live.app.changes["scopes"] = []
        assert "Show itself, and read nothing" in ask(live)[1]

    def test_a_bad_descriptor_is_refused_with_every_sentence(self, live):
        live.app.changes |= {"scopes": ["everything"], "name": ""}
        status, text = ask(live)
        assert status == 400
        assert "This app cannot be installed" in text
        assert 'scopes[0] "everything" is not a scope of Bitbucket.' in text
        assert "name must be a text that says something." in text

    def test_an_address_without_an_app_is_refused(self, live):
        status, text = ask(live, descriptor_uri=None)
        assert (status, "it needs an addon_key or a descriptor_uri" in text) == (400, True)

    def test_nothing_is_asked_of_the_app_but_its_descriptor(self, live):
        ask(live)
        assert live.app.received == []

    @pytest.mark.parametrize(
        ("redirect_uri", "words"),
        [
            ("https://evil.example/", "must begin with the app's baseUrl"),
            ("{base}.evil.example/", "must begin with the app's baseUrl"),
            ("{base}/welcome?r={{repository.uuid}}", "must not hold context parameters"),
        ],
    )
    def test_a_redirect_leads_to_the_app_and_holds_no_placeholders(self, live, redirect_uri, words):
        status, text = ask(live, redirect_uri=redirect_uri.format(base=live.app.url))
        assert (status, words in text) == (400, True)

    @pytest.mark.parametrize("redirect_uri", ["{base}", "{base}/welcome", "{base}?state=1", "{base}/"])
    def test_addresses_of_the_app_are_fine(self, live, redirect_uri):
        assert ask(live, redirect_uri=redirect_uri.format(base=live.app.url))[0] == 200


class TestARegisteredAppsPage:
    def register(self, live):
        app = RegisteredApp(key="stand-in", secret=SECRET, descriptor_url=live.app.descriptor_url)
        live.simulator.installations.register(app)

    def test_it_is_found_by_its_key(self, live):
        self.register(live)
        status, text = ask(live, descriptor_uri=None, addon_key="stand-in")
        assert status == 200
        assert "registered as <code>stand-in</code>" in text

    def test_it_cannot_be_installed_by_its_descriptors_address(self, live):
        self.register(live)
        status, text = ask(live)
        assert (status, "is installed by its addon_key" in text) == (400, True)

    def test_one_without_an_address_needs_it_in_the_link(self, live):
        live.simulator.installations.register(RegisteredApp(key="stand-in", secret=SECRET))
        status, text = ask(live, descriptor_uri=None, addon_key="stand-in")
        assert (status, "add its descriptor_uri" in text) == (400, True)
        assert ask(live, addon_key="stand-in")[0] == 200

    def test_an_unknown_key_is_refused(self, live):
        status, text = ask(live, descriptor_uri=None, addon_key="nobody")
        assert (status, 'There is no registered app "nobody".' in text) == (400, True)

    def test_its_install_is_signed_with_the_app_wide_secret(self, live):
        self.register(live)
        assert grant(live, descriptor_uri=None, addon_key="stand-in").status == 302
        (call,) = live.app.calls("/installed")
        key = call.json["clientKey"]
        token = call.headers["Authorization"].removeprefix("JWT ")
        assert jwt.decode(token, SECRET, algorithms=["HS256"], audience=key)["iss"] == key


class TestGranting:
    def test_it_installs_and_lists_the_app_where_it_wants_nothing_else(self, live):
        answer = grant(live)
        assert (answer.status, answer.headers["Location"]) == (302, "/acme/workspace/settings/addon-management")
        assert len(live.app.calls("/installed")) == 1

    def test_the_browser_goes_to_the_apps_redirect_with_a_token_over_all_of_it(self, live):
        with_redirect(live)
        answer = grant(live)
        (call,) = live.app.calls("/installed")
        query = query_of(answer)
        assert answer.headers["Location"].startswith(f"{live.app.url}/welcome?w=acme&")
        assert query["client_key"] == call.json["clientKey"]
        claims = jwt.decode(
            query["jwt"], call.json["sharedSecret"], algorithms=["HS256"], audience=call.json["clientKey"]
        )
        parts = urlsplit(answer.headers["Location"])
        assert claims["qsh"] == query_string_hash("GET", f"{parts.path}?{parts.query}")

    def test_a_redirect_of_the_link_goes_before_that_of_the_descriptor(self, live):
        with_redirect(live)
        answer = grant(live, redirect_uri=f"{live.app.url}/finish?state=a%20b")
        assert urlsplit(answer.headers["Location"]).path == "/finish"
        assert query_of(answer)["state"] == "a b"

    @pytest.mark.parametrize(
        ("carried", "names"),
        [
            (("jwt",), {"w", "jwt"}),
            (("client_key",), {"w", "client_key"}),
            ((), {"w"}),
            (("jwt", "client_key"), {"w", "jwt", "client_key"}),
        ],
    )
    def test_what_the_browser_carries_can_be_chosen(self, live, carried, names):
        live.simulator.settings.redirect_carries = carried
        with_redirect(live)
        assert set(query_of(grant(live))) == names

    def test_a_failed_install_brings_back_to_the_page_with_bitbuckets_words(self, live):
        live.app.statuses = [500]
        answer = grant(live)
        text = html.unescape(answer.data.decode())
        assert answer.status == 200
        assert f"Error calling installed at URL {live.app.url}/installed: 500 Server Error" in text
        assert "Grant access" in text
        assert live.simulator.installations.all() == []

    def test_only_administrators_can_grant(self, live):
        answer = grant(live, viewer=live.cast.bob.uuid)
        assert answer.status == 400
        assert "Only administrators of Acme can install apps there." in answer.data.decode()
        assert live.app.received == []

    def test_a_workspace_must_be_chosen(self, live):
        answer = grant(live, workspace="")
        assert (answer.status, b"Choose the workspace" in answer.data) == (400, True)

    def test_the_actor_is_whoever_looks(self, live):
        grant(live, workspace=live.cast.other.uuid, viewer=live.cast.charlie.uuid)
        (call,) = live.app.calls("/installed")
        assert call.json["actor"]["account_id"] == live.cast.charlie.account_id
        assert call.json["principal"]["uuid"] == live.cast.other.uuid

    def test_a_personal_install_is_its_persons(self, live):
        grant(live, workspace=live.cast.dana.uuid, viewer=live.cast.dana.uuid)
        assert live.app.calls("/installed")[0].json["principal"]["type"] == "user"

    def test_the_pages_work_while_the_install_is_open(self, live):
        seen = []
        live.app.inside = lambda _received: seen.append(live.call("GET", "/acme/paint/")[0])
        grant(live)
        assert seen == [200]
