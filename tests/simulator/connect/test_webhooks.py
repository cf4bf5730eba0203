"""Which webhooks an event becomes, and what they look like."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import jwt
import pytest

from simulator.connect.signing import query_string_hash
from simulator.world import actions
from simulator.world.model import Event, Hook

SHARED = Path(__file__).resolve().parents[4] / "shared" / "bitbucket" / "webhooks"
AT = datetime(2026, 11, 23, 9, 15, 4, 123456, tzinfo=UTC)
SECRET = "the secret of an ordinary hook, long enough"


def event(live, key="repo:push", *, body=None, repository=None):
    repository = repository or live.cast.paint
    return Event(key, repository.workspace, repository, live.cast.bob, {}, body or {"push": {"changes": []}}, AT)


def tell(live, *events):
    """Let events happen, and wait until all that follows was sent."""
    for one in events:
        for listener in live.cast.world.listeners:
            listener(one)
    assert live.simulator.deliveries.wait_until_idle(10)
    return live.app.calls("/hook")


def subscribe(live, *events, **changes):
    """Install the app with these webhooks only."""
    modules = {"webhooks": [{"event": one, "url": "/hook"} for one in events]}
    live.app.changes |= {"modules": modules, **changes}
    return live.client_key()


def header(call, name):
    return call.headers[name.title()]


class TestWhoGetsIt:
    def test_an_app_that_subscribed_the_event(self, live):
        subscribe(live, "repo:push")
        assert len(tell(live, event(live))) == 1

    def test_an_app_that_subscribed_all_gets_it_once(self, live):
        subscribe(live, "*", "repo:push")
        assert len(tell(live, event(live))) == 1

    def test_one_address_for_each_that_subscribed(self, live):
        live.app.changes["modules"] = {
            "webhooks": [{"event": "repo:push", "url": "/hook"}, {"event": "*", "url": "/all?x=1"}]
        }
        live.client_key()
        tell(live, event(live))
        assert (len(live.app.calls("/hook")), len(live.app.calls("/all"))) == (1, 1)
        assert live.app.calls("/all")[0].query == "x=1"

    def test_not_an_app_that_subscribed_another(self, live):
        subscribe(live, "pullrequest:created")
        assert tell(live, event(live)) == []

    def test_not_an_app_of_another_workspace(self, live):
        live.install(workspace="other")
        assert tell(live, event(live)) == []

    def test_not_an_app_without_the_scope(self, live):
        subscribe(live, "*", scopes=["account", "repository"])
        calls = tell(live, event(live), event(live, "pullrequest:created", body={"pullrequest": {}}))
        assert [header(call, "X-Event-Key") for call in calls] == ["repo:push"]

    def test_not_an_app_that_is_uninstalled(self, live):
        client_key = subscribe(live, "*")
        live.control("POST", "/uninstall", {"client_key": client_key})
        assert tell(live, event(live)) == []

    def test_not_an_app_that_is_uninstalled_while_it_waits(self, live):
        client_key = subscribe(live, "*")
        live.control("POST", "/deliveries/settings", {"paused": True})
        for listener in live.cast.world.listeners:
            listener(event(live))
        live.control("POST", "/uninstall", {"client_key": client_key})
        live.control("POST", "/deliveries/settings", {})
        assert tell(live) == []
        assert [one.state for one in live.simulator.deliveries.log()] == ["dropped"]

    def test_not_for_an_event_that_is_none(self, live):
        subscribe(live, "*")
        assert tell(live, event(live, "repo:unknown")) == []

    def test_not_an_app_that_was_put_there_without_a_descriptor(self, live):
        wish = {"client_key": "connection:1", "shared_secret": SECRET, "app_key": "x"}
        live.control("POST", "/installations", {**wish, "workspace_uuid": live.cast.acme.uuid})
        assert tell(live, event(live)) == []


class TestWhatItLooksLike:
    def test_the_body_is_wrapped_on_one_line_in_utf8(self, live):
        subscribe(live, "repo:push")
        (call,) = tell(live, event(live, body={"actor": {"display_name": "Zoë"}, "push": {"changes": []}}))
        expected = '{"event":"repo:push","data":{"actor":{"display_name":"Zoë"},"push":{"changes":[]}}}'
        assert call.body.decode() == expected

    def test_the_token_is_good_for_this_address_and_was_made_with_the_current_secret(self, live):
        client_key = subscribe(live, "repo:push")
        (call,) = tell(live, event(live))
        token = call.headers["Authorization"].removeprefix("JWT ")
        claims = jwt.decode(token, live.secret(client_key), algorithms=["HS256"], audience=client_key)
        assert set(claims) == {"iss", "aud", "iat", "exp", "qsh"}
        assert claims["iss"] == client_key
        assert claims["qsh"] == query_string_hash("POST", "/hook")

    def test_a_new_secret_is_used_from_then_on(self, live):
        client_key = subscribe(live, "repo:push")
        live.client_key()
        (call,) = tell(live, event(live))
        token = call.headers["Authorization"].removeprefix("JWT ")
        assert jwt.decode(token, live.secret(client_key), algorithms=["HS256"], audience=client_key)

    def test_an_app_without_authentication_gets_no_token(self, live):
        subscribe(live, "repo:push", authentication={"type": "none"})
        (call,) = tell(live, event(live))
        assert "Authorization" not in call.headers

    @pytest.mark.shared
    def test_the_headers_are_those_of_a_captured_one(self, live):
        if not SHARED.is_dir():
            pytest.skip("the captured calls are not beside this project")
        captured = json.loads((SHARED / "pullrequest-approved.toolchain.json").read_text(encoding="utf-8"))["headers"]
        subscribe(live, "repo:push")
        (call,) = tell(live, event(live))
        of_the_proxy = {"X-Forwarded-For", "X-Forwarded-Proto"}
        assert {name.lower() for name in call.headers} == {name.lower() for name in set(captured) - of_the_proxy}
        for name in ("User-Agent", "Accept", "Accept-Encoding", "Content-Type", "X-B3-Sampled", "X-Attempt-Number"):
            assert header(call, name) == captured[name]

    def test_the_headers_say_what_happened_when_and_for_whom(self, live):
        subscribe(live, "repo:push")
        (call,) = tell(live, event(live))
        assert header(call, "X-Event-Key") == "repo:push"
        assert header(call, "X-Event-Time") == "Mon, 23 Nov 2026 09:15:04 GMT"
        assert parsedate_to_datetime(header(call, "X-Event-Time")) == AT.replace(microsecond=0)
        assert header(call, "X-B3-TraceId") == header(call, "X-B3-SpanId")
        assert len(header(call, "X-B3-TraceId")) == 16

    def test_the_hook_stays_the_same_for_an_event_and_differs_between_events(self, live):
        subscribe(live, "*")
        events = [event(live), event(live), event(live, "pullrequest:created")]
        calls = tell(live, *events)
        hooks = [header(call, "X-Hook-UUID") for call in calls]
        assert hooks[0] == hooks[1] != hooks[2]
        assert len({header(call, "X-Request-UUID") for call in calls}) == 3


class TestASecondAttempt:
    def attempts(self, live):
        subscribe(live, "repo:push")
        live.app.statuses = [500, 500, 200]
        return tell(live, event(live))

    def test_it_keeps_the_request_uuid_and_counts(self, live):
        calls = self.attempts(live)
        assert [header(call, "X-Attempt-Number") for call in calls] == ["1", "2", "3"]
        assert len({header(call, "X-Request-UUID") for call in calls}) == 1
        assert len({call.body for call in calls}) == 1
        assert len({header(call, "X-Event-Time") for call in calls}) == 1

    def test_it_can_have_a_request_uuid_of_its_own(self, live):
        live.simulator.settings.retries_keep_request_uuid = False
        assert len({header(call, "X-Request-UUID") for call in self.attempts(live)}) == 3

    @pytest.mark.parametrize(("keeps", "count"), [(True, 1), (False, 3)])
    def test_it_can_reuse_the_token(self, live, keeps, count, monkeypatch):
        seconds = iter(range(1_795_000_000, 1_795_000_100))
        webhooks = live.cast.world.listeners[-1].__self__
        monkeypatch.setattr(webhooks, "_clock", lambda: next(seconds))
        live.simulator.settings.retries_keep_token = keeps
        assert len({call.headers["Authorization"] for call in self.attempts(live)}) == count


class TestTheLimit:
    def body(self, size):
        return {"filler": "x" * (size - len('{"event":"repo:push","data":{"filler":""}}'))}

    def test_256_kb_are_sent(self, live):
        subscribe(live, "repo:push")
        (call,) = tell(live, event(live, body=self.body(256 * 1024)))
        assert len(call.body) == 256 * 1024

    def test_one_byte_more_is_not_and_nobody_is_told(self, live):
        subscribe(live, "repo:push")
        assert tell(live, event(live, body=self.body(256 * 1024 + 1))) == []
        assert [one.state for one in live.simulator.deliveries.log()] == ["too_large"]


class TestAnOrdinaryHook:
    def hook(self, live, **changes):
        values = {"uuid": "{hook}", "url": f"{live.app.url}/bare", "description": "", "events": ["repo:push"]}
        made = Hook(**{**values, "created_on": AT, **changes})
        live.cast.paint.hooks[made.uuid] = made
        return made

    def test_it_gets_the_bare_body(self, live):
        self.hook(live)
        tell(live, event(live))
        (call,) = live.app.calls("/bare")
        assert call.json == {"push": {"changes": []}}
        assert "Authorization" not in call.headers
        assert "X-Hub-Signature" not in call.headers
        assert header(call, "X-Hook-UUID") == "hook"

    def test_its_secret_signs_the_raw_body(self, live):
        self.hook(live, secret=SECRET)
        tell(live, event(live))
        (call,) = live.app.calls("/bare")
        digest = hmac.new(SECRET.encode(), call.body, hashlib.sha256).hexdigest()
        assert header(call, "X-Hub-Signature") == f"sha256={digest}"

    @pytest.mark.shared
    def test_the_signature_is_computed_as_in_atlassians_example(self, live):
        path = SHARED / "signatures.json"
        if not path.is_file():
            pytest.skip("the signatures are not beside this project")
        text = path.read_text(encoding="utf-8")
        digest = hmac.new(b"It's a Secret to Everybody", b"Hello World!", hashlib.sha256).hexdigest()
        assert digest in text

    @pytest.mark.parametrize("changes", [{"active": False}, {"events": ["pullrequest:created"]}])
    def test_it_gets_only_what_it_asked_for_while_it_is_active(self, live, changes):
        self.hook(live, **changes)
        tell(live, event(live))
        assert live.app.calls("/bare") == []

    def test_a_hook_of_another_repository_hears_nothing(self, live):
        self.hook(live)
        tell(live, event(live, repository=live.cast.secret))
        assert live.app.calls("/bare") == []


def test_what_people_do_reaches_the_app_in_order(live):
    subscribe(live, "*")
    it = live.cast.pull_request
    world = live.cast.world
    actions.comment(world, it, actor=live.cast.alice, text="Navy?")
    actions.approve(world, it, actor=live.cast.alice)
    actions.merge(world, it, actor=live.cast.alice)
    assert live.simulator.deliveries.wait_until_idle(10)
    keys = [header(call, "X-Event-Key") for call in live.app.calls("/hook")]
    assert keys[:2] == ["pullrequest:comment_created", "pullrequest:approved"]
    assert {"repo:push", "pullrequest:fulfilled"} <= set(keys)
    bodies = [call.json for call in live.app.calls("/hook")]
    assert all(body["event"] == key for body, key in zip(bodies, keys, strict=True))
    assert all(body["data"]["repository"]["uuid"] == live.cast.paint.uuid for body in bodies)
