"""The control interface, over HTTP."""

from __future__ import annotations

import re
from pathlib import Path

import jwt
import pytest

from simulator import faults
from simulator.connect.signing import query_string_hash
from simulator.control import Control

SECRET = "a secret of the tests that is long enough"


def refusal(live, method, path, body=None):
    status, answer = live.call(method, f"/_simulator{path}", body)
    assert (status, answer["ok"]) == (400, False)
    return answer["message"]


def api_status(live, client_key, secret, target, *, app_key="stand-in"):
    claims = {"iss": app_key, "sub": client_key, "iat": 0, "exp": 9_999_999_999}
    claims["qsh"] = query_string_hash("GET", target)
    token = jwt.encode(claims, secret, algorithm="HS256")
    return live.call("GET", target, headers={"Authorization": f"JWT {token}"})[0]


class TestTheSummary:
    def test_it_says_who_and_what_there_is_and_where(self, live):
        found = live.control("GET", "/")
        assert (found["site_url"], found["api_url"]) == (live.url, live.url)
        acme = found["workspaces"][0]
        assert (acme["slug"], acme["uuid"], acme["is_personal"]) == ("acme", live.cast.acme.uuid, False)
        assert [(one["nickname"], one["permission"]) for one in acme["people"]] == [
            ("alice", "owner"),
            ("bob", "member"),
        ]
        (paint,) = acme["repositories"]
        assert (paint["full_name"], paint["url"]) == ("acme/paint", f"{live.url}/acme/paint")
        assert [one["is_personal"] for one in found["workspaces"]] == [False, False, True]

    def test_nothing_of_it_is_cached(self, live):
        answer = live.http.request("GET", f"{live.url}/_simulator/", timeout=10)
        assert answer.headers["Cache-Control"] == "no-store"


class TestInstalling:
    def test_it_goes_through_the_real_handshake(self, live):
        answer = live.install()
        assert answer == {"ok": True, "client_key": answer["client_key"], "status": 200, "message": "Installed."}
        (call,) = live.app.calls("/installed")
        assert call.json["clientKey"] == answer["client_key"]
        assert call.json["actor"]["account_id"] == live.cast.alice.account_id

    def test_a_workspace_can_be_named_by_its_uuid_and_somebody_else_can_click(self, live):
        live.install(workspace=live.cast.acme.uuid, actor="bob")
        assert live.app.calls("/installed")[0].json["actor"]["account_id"] == live.cast.bob.account_id

    def test_a_refusal_of_the_app_is_an_answer(self, live):
        live.app.statuses = [500]
        answer = live.install()
        assert (answer["ok"], answer["status"]) == (False, 500)
        assert answer["message"].startswith("Error calling installed at URL ")
        assert live.control("GET", "/installations") == []

    def test_a_personal_workspace_is_installed_for_its_person(self, live):
        live.install(workspace="dana")
        assert live.app.calls("/installed")[0].json["principal"]["type"] == "user"

    @pytest.mark.parametrize(
        ("wish", "words"),
        [
            ({"workspace": "nobody"}, "No workspace with identifier 'nobody'."),
            ({"descriptor_url": None}, "descriptor_url is missing."),
            ({"descriptor_url": "ftp://x.example/"}, "is not the address of a descriptor"),
            ({"registered": True}, '"stand-in" is not registered'),
            ({"addon_key": "nobody"}, '"nobody" is not registered'),
            ({"workspcae": "acme"}, "workspcae is not known here"),
        ],
    )
    def test_a_wish_that_makes_no_sense_is_refused_with_a_sentence(self, live, wish, words):
        whole = {"descriptor_url": live.app.descriptor_url, "workspace": "acme", **wish}
        assert words in refusal(live, "POST", "/install", whole)

    def test_a_bad_descriptor_is_refused_with_its_problems(self, live):
        live.app.changes["scopes"] = ["everything"]
        whole = {"descriptor_url": live.app.descriptor_url, "workspace": "acme"}
        assert 'scopes[0] "everything" is not a scope' in refusal(live, "POST", "/install", whole)

    def test_a_body_that_is_no_object_is_refused(self, live):
        assert refusal(live, "POST", "/install", [1]) == "The body must be a JSON object."


class TestRegisteredApps:
    def test_a_registered_app_is_installed_with_its_own_secret(self, live):
        live.control("POST", "/apps", {"key": "stand-in", "secret": SECRET})
        answer = live.install(registered=True)
        assert answer["client_key"] == f"ari:cloud:bitbucket::app/{live.cast.acme.uuid}/stand-in"
        assert live.app.calls("/installed")[0].json["sharedSecret"] == SECRET
        (app,) = live.control("GET", "/apps")
        assert app == {"key": "stand-in", "secret": SECRET, "descriptor_url": None}

    def test_it_can_be_installed_by_its_key(self, live):
        url = live.app.descriptor_url
        live.control("POST", "/apps", {"key": "stand-in", "secret": SECRET, "descriptor_url": url})
        answer = live.control("POST", "/install", {"addon_key": "stand-in", "workspace": "acme"})
        assert answer["client_key"].startswith("ari:")

    def test_its_secret_can_come_with_the_install(self, live):
        answer = live.install(addon_key="stand-in", app_secret=SECRET)
        assert answer["client_key"].startswith("ari:")
        assert live.secret(answer["client_key"]) == SECRET

    @pytest.mark.parametrize("wish", [{}, {"key": "x"}, {"secret": "y"}])
    def test_a_registration_needs_key_and_secret(self, live, wish):
        assert refusal(live, "POST", "/apps", wish) == "key and secret are needed."


class TestChangingInstallations:
    def test_an_update_reads_the_descriptor_again(self, live):
        client_key = live.client_key()
        live.app.changes["name"] = "Renamed"
        answer = live.control("POST", "/update", {"client_key": client_key})
        assert (answer["ok"], answer["message"]) == (True, "Updated.")
        assert live.simulator.installations.find(client_key).descriptor.name == "Renamed"

    def test_an_update_needs_an_installation_with_an_address(self, live):
        assert "There is no installation" in refusal(live, "POST", "/update", {"client_key": "connection:1"})
        put(live)
        assert "has no descriptor address" in refusal(live, "POST", "/update", {"client_key": "connection:1"})

    def test_an_uninstall_says_what_the_app_answered(self, live):
        client_key = live.client_key()
        live.app.statuses = [500]
        answer = live.control("POST", "/uninstall", {"client_key": client_key})
        assert answer == {"ok": True, "client_key": client_key, "status": 500, "message": "Uninstalled."}
        assert [one["is_active"] for one in live.control("GET", "/installations")] == [False]

    def test_what_is_not_installed_cannot_be_uninstalled(self, live):
        assert "is not installed" in refusal(live, "POST", "/uninstall", {"client_key": "connection:1"})

    def test_installations_are_listed_with_their_secrets(self, live):
        client_key = live.client_key()
        (one,) = live.control("GET", "/installations")
        assert one["client_key"] == client_key
        assert one["shared_secret"] == live.secret(client_key)
        assert (one["app_key"], one["workspace_uuid"]) == ("stand-in", live.cast.acme.uuid)
        assert (one["is_active"], one["is_registered"]) == (True, False)
        assert one["descriptor_url"] == live.app.descriptor_url
        assert one["installed_by"] == live.cast.alice.uuid


def put(live, **changes):
    wish = {"client_key": "connection:1", "shared_secret": SECRET, "app_key": "stand-in"}
    return live.control("POST", "/installations", {**wish, "workspace_uuid": live.cast.acme.uuid, **changes})


class TestPuttingAnInstallation:
    TARGET = "/2.0/repositories/acme/paint"

    def test_the_api_accepts_its_secret_and_the_app_is_not_called(self, live):
        assert put(live) == {"ok": True, "client_key": "connection:1"}
        assert api_status(live, "connection:1", SECRET, self.TARGET) == 200
        assert api_status(live, "connection:1", SECRET[::-1], self.TARGET) == 401
        assert live.app.received == []

    def test_it_can_be_put_again_with_another_secret(self, live):
        put(live)
        put(live, shared_secret=SECRET[::-1])
        assert api_status(live, "connection:1", SECRET, self.TARGET) == 401
        assert api_status(live, "connection:1", SECRET[::-1], self.TARGET) == 200

    def test_it_can_be_a_tombstone(self, live):
        put(live, is_active=False)
        assert api_status(live, "connection:1", SECRET, self.TARGET) == 401

    def test_with_a_descriptor_it_has_panels(self, live):
        put(live, descriptor_url=live.app.descriptor_url)
        assert live.control("GET", "/panels?workspace=acme&repository=paint")

    def test_what_is_missing_is_said(self, live):
        message = refusal(live, "POST", "/installations", {"client_key": "connection:1"})
        assert message == "shared_secret, workspace_uuid, app_key missing."


class TestPanels:
    def test_every_module_that_applies_is_listed_with_a_signed_address(self, live):
        live.install()
        found = live.control("GET", "/panels?workspace=acme&repository=paint&pull_request=1")
        kinds = [(one["kind"], one["key"]) for one in found]
        assert kinds == [
            ("webPanels", "overview"),
            ("webPanels", "turn"),
            ("repoPages", "whole"),
            ("configurePage", "configure"),
        ]
        assert all("jwt=" in one["url"] for one in found)
        assert {one["app_key"] for one in found} == {"stand-in"}

    def test_a_module_without_its_object_is_left_out(self, live):
        live.install()
        found = live.control("GET", "/panels?workspace=acme&repository=paint")
        assert "turn" not in [one["key"] for one in found]
        assert [one["key"] for one in live.control("GET", "/panels?workspace=acme")] == ["configure"]

    def test_whoever_may_not_see_the_repository_gets_none(self, live):
        live.install()
        for user in ("charlie", "anonymous"):
            message = refusal(live, "GET", f"/panels?workspace=acme&repository=paint&user={user}")
            assert message == "Repository acme/paint not found"


class TestActing:
    def test_something_happens_with_its_webhooks(self, live):
        live.install()
        wish = {"action": "approve", "repository": "acme/paint", "pull_request": 1, "actor": "alice"}
        assert live.control("POST", "/act", wish)["ok"]
        assert live.app.wait_for("/hook")[0].json["event"] == "pullrequest:approved"

    def test_what_the_world_refuses_is_said(self, live):
        wish = {"action": "approve", "repository": "acme/paint", "pull_request": 9}
        assert "There is no pull request 9 there." in refusal(live, "POST", "/act", wish)

    def test_a_body_that_is_no_object_is_refused(self, live):
        assert refusal(live, "POST", "/act", "x") == "The body must be a JSON object."


class TestDeliveries:
    def test_they_are_listed_once_they_are_done(self, live):
        live.install()
        live.app.statuses = [500, 204]
        live.control("POST", "/act", {"action": "approve", "repository": "acme/paint", "pull_request": 1})
        (one,) = live.control("GET", "/deliveries?wait_seconds=10")
        assert (one["event"], one["state"], one["is_duplicate"]) == ("pullrequest:approved", "delivered", False)
        assert [attempt["status"] for attempt in one["attempts"]] == [500, 204]
        assert one["url"] == f"{live.app.url}/hook"
        assert one["size_bytes"] > 100

    def test_one_can_be_sent_again(self, live):
        live.install()
        live.control("POST", "/act", {"action": "approve", "repository": "acme/paint", "pull_request": 1})
        (one,) = live.control("GET", "/deliveries?wait_seconds=10")
        live.control("POST", f"/deliveries/{one['id']}/again", {})
        live.control("GET", "/deliveries?wait_seconds=10")
        uuids = [call.headers["X-Request-Uuid"] for call in live.app.calls("/hook")]
        assert uuids == [one["request_uuid"]] * 2
        assert "There is no delivery 9999." in refusal(live, "POST", "/deliveries/9999/again", {})

    def test_the_list_can_be_cleared(self, live):
        live.install()
        live.control("POST", "/act", {"action": "approve", "repository": "acme/paint", "pull_request": 1})
        live.control("GET", "/deliveries?wait_seconds=10")
        live.control("DELETE", "/deliveries")
        assert live.control("GET", "/deliveries") == []

    def test_mischief_has_short_names_and_goes_back_to_normal(self, live):
        answer = live.control(
            "POST", "/deliveries/settings", {"duplicate": 1, "lose": 0.5, "delay": 0.1, "paused": True}
        )
        assert (answer["duplicate"], answer["lose"], answer["delay_seconds"]) == (1, 0.5, 0.1)
        assert answer["is_paused"]
        live.control("POST", "/deliveries/settings", {})
        assert live.control("GET", "/deliveries/settings") == {
            "duplicate": 0.0,
            "lose": 0.0,
            "delay_seconds": 0.0,
            "reorder": 1,
            "is_paused": False,
        }

    def test_unknown_mischief_is_refused(self, live):
        assert "chaos is not known here" in refusal(live, "POST", "/deliveries/settings", {"chaos": 1})


class TestSettings:
    def test_they_can_be_read_and_changed(self, live):
        before = live.control("GET", "/settings")
        assert before["checks_qsh_on_rest"] is True
        after = live.control("POST", "/settings", {"checks_qsh_on_rest": False, "redirect_carries": ["jwt"]})
        assert (after["checks_qsh_on_rest"], after["redirect_carries"]) == (False, ["jwt"])
        assert live.simulator.settings.redirect_carries == ("jwt",)

    def test_unknown_ones_are_refused(self, live):
        assert "is not known here" in refusal(live, "POST", "/settings", {"is_lenient": True})

    def test_a_quota_limits_the_calls_of_a_caller(self, live):
        put(live)
        live.control("POST", "/quota", {"limit": 2})
        found = [api_status(live, "connection:1", SECRET, "/2.0/repositories/acme/paint") for _ in range(3)]
        assert found == [200, 200, 429]
        live.control("POST", "/quota", {"limit": None})
        assert api_status(live, "connection:1", SECRET, "/2.0/repositories/acme/paint") == 200


class TestMakingThings:
    def test_a_workspace_with_an_owner_can_be_made(self, live):
        uuid = "{aaaaaaaa-0000-4000-8000-000000000001}"
        wish = {"uuid": uuid, "slug": "fixture", "name": "Fixture", "owner": "alice"}
        assert live.control("POST", "/workspaces", wish) == {"ok": True, "uuid": uuid, "slug": "fixture"}
        assert live.cast.world.workspace("fixture").members == {live.cast.alice.uuid: "owner"}

    def test_a_repository_of_a_given_uuid_can_be_made_in_it(self, live):
        uuid = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
        wish = {"uuid": uuid, "workspace": "acme", "slug": "fixture", "is_private": False}
        answer = live.control("POST", "/repositories", wish)
        assert (answer["uuid"], answer["full_name"]) == (uuid, "acme/fixture")
        assert live.call("GET", "/2.0/repositories/acme/fixture")[1]["uuid"] == uuid

    def test_a_user_can_be_made_and_given_permissions(self, live):
        uuid = "{aaaaaaaa-0000-4000-8000-0000000000e1}"
        wish = {"uuid": uuid, "nickname": "eve", "workspace": "acme", "permission": "collaborator"}
        wish |= {"repository": "acme/paint", "repository_permission": "admin"}
        assert live.control("POST", "/users", wish)["uuid"] == uuid
        assert live.cast.acme.members[uuid] == "collaborator"
        assert live.cast.paint.permissions[uuid] == "admin"


def test_every_wish_is_written_down():
    text = (Path(__file__).resolve().parents[2] / "simulator" / "README.md").read_text(encoding="utf-8")
    for rule, method, _ in Control.__new__(Control).routes():
        address = re.sub(r"<[^>]+>", "ID", rule.strip("/"))
        assert f"`{method} {address or '/_simulator/'}`" in text, f"{method} {rule}"


def test_every_part_of_a_fault_is_written_down():
    text = (Path(__file__).resolve().parents[2] / "simulator" / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(faults._KNOWN_WISHES) if f"`{name}`" not in text] == []


CONSUMER = {
    "workspace": "acme",
    "key": "k",
    "secret": "s",
    "callback_url": "https://a.example/",
    "scopes": ["pipeline:write"],
}


class TestCredentialsOfTheSettings:
    """What a person would make in Bitbucket's settings; tests/contract uses them."""

    def test_a_scope_brings_what_it_implies(self, live):
        answer = live.control("POST", "/consumers", CONSUMER)
        assert answer == {"ok": True, "key": "k", "scopes": ["pipeline", "pipeline:write"]}

    @pytest.mark.parametrize(
        ("address", "wish", "said"),
        [
            ("/consumers", {"secret": ""}, "secret missing"),
            ("/consumers", {"scopes": ["everything"]}, "No such scopes: everything"),
            ("/consumers", {"workspace": "nowhere"}, "nowhere"),
            ("/access-tokens", {"scopes": []}, "scopes are missing"),
            ("/access-tokens", {"project": "NONE", "scopes": ["repository"]}, "no project NONE"),
            ("/access-tokens", {"repository": "acme/none", "scopes": ["repository"]}, "none"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, live, address, wish, said):
        base = CONSUMER if address == "/consumers" else {"workspace": "acme"}
        assert said in refusal(live, "POST", address, {**base, **wish})
