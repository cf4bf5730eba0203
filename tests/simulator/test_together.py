"""An app's whole day in the simulated Bitbucket, as a real one would spend it: install, read, hear, write, leave."""

from __future__ import annotations

import threading
from urllib.parse import quote

import jwt
import pytest

from simulator.connect.signing import query_string_hash

PAINT = "/2.0/repositories/acme/paint"


class AppSide:
    """What the stand-in would do with its credentials."""

    def __init__(self, live):
        self.live = live
        self.client_key = live.client_key()

    def token(self, method, target):
        claims = {"iss": "stand-in", "sub": self.client_key, "iat": 0, "exp": 9_999_999_999}
        claims["qsh"] = query_string_hash(method, target)
        return jwt.encode(claims, self.live.secret(self.client_key), algorithm="HS256")

    def get(self, target, *, bearer=None):
        authorization = f"Bearer {bearer}" if bearer else f"JWT {self.token('GET', target)}"
        return self.live.call("GET", target, headers={"Authorization": authorization})

    def swap(self, **fields):
        target = "/site/oauth2/access_token"
        answer = self.live.http.request(
            "POST",
            self.live.url + target,
            headers={"Authorization": f"JWT {self.token('POST', target)}"},
            fields={"grant_type": "urn:bitbucket:oauth2:jwt", **fields},
            encode_multipart=False,
            timeout=10,
        )
        return answer.status, answer.json()


@pytest.fixture
def app(live):
    return AppSide(live)


def test_it_reads_with_its_own_token_and_with_a_swapped_one(app):
    status, repository = app.get(PAINT)
    assert (status, repository["full_name"]) == (200, "acme/paint")
    _, swapped = app.swap()
    assert app.get(f"{PAINT}/pullrequests", bearer=swapped["access_token"])[1]["values"][0]["id"] == 1


def test_its_scopes_are_those_that_were_granted(app):
    _, swapped = app.swap()
    assert set(swapped["scopes"].split()) >= {"account", "repository", "pullrequest"}
    assert "webhook" not in swapped["scopes"]
    assert app.get(f"{PAINT}/hooks")[0] == 403


def test_a_swapped_token_can_be_for_less(app):
    _, swapped = app.swap(scope="account")
    assert app.get(PAINT, bearer=swapped["access_token"])[0] == 403


def test_it_sees_nothing_of_another_workspace(app):
    assert app.get("/2.0/repositories/other/secret")[0] == 404
    assert app.get("/2.0/workspaces/other")[0] == 404


def test_its_workspace_answers_under_the_principals_uuid(app, live):
    principal = live.app.calls("/installed")[0].json["principal"]
    status, workspace = app.get(f"/2.0/workspaces/{quote(principal['uuid'])}")
    assert (status, workspace["uuid"]) == (200, principal["uuid"])


def test_a_person_who_is_a_principal_answers_under_their_uuid(live):
    live.install(workspace="dana")
    principal = live.app.calls("/installed")[0].json["principal"]
    app = AppSide.__new__(AppSide)
    app.live, app.client_key = live, live.app.calls("/installed")[0].json["clientKey"]
    status, found = app.get(f"/2.0/users/{quote(principal['uuid'])}")
    assert (status, found["uuid"]) == (200, principal["uuid"])


def test_a_webhook_names_what_can_then_be_read(app, live):
    live.control(
        "POST", "/act", {"action": "push_commit", "repository": "acme/paint", "branch": "main", "message": "x"}
    )
    (call,) = live.app.wait_for("/hook")
    change = call.json["data"]["push"]["changes"][0]
    status, commit = app.get(f"{PAINT}/commit/{change['new']['target']['hash']}")
    assert (status, commit["message"].strip()) == (200, "x")


def test_what_it_does_is_done_by_its_own_user(app, live):
    live.app.changes["scopes"] = ["account", "repository:write", "pullrequest:write"]
    live.install()
    target = f"{PAINT}/pullrequests/1/comments"
    body = {"content": {"raw": "From the app"}}
    headers = {"Authorization": f"JWT {app.token('POST', target)}"}
    status, comment = live.call("POST", target, body, headers=headers)
    assert (status, comment["user"]["type"], comment["user"]["display_name"]) == (201, "app_user", "Stand-in")


def test_a_transferred_repository_leaves_its_sight(app, live):
    live.control("POST", "/act", {"action": "transfer_repository", "repository": "acme/paint", "workspace": "other"})
    keys = [call.json["event"] for call in live.app.wait_for("/hook")]
    assert "repo:transfer" in keys
    assert app.get(f"/2.0/repositories/{quote(live.cast.other.uuid)}/{quote(live.cast.paint.uuid)}")[0] == 404


def test_calls_are_counted_by_installation(app, live):
    app.get(PAINT)
    app.get(PAINT)
    calls = live.control("GET", "/requests")
    assert [one["client_key"] for one in calls] == [app.client_key, app.client_key]


def test_it_can_be_installed_from_many_sides_at_once(live):
    """Installs, calls and webhooks at the same time: nothing waits for ever, nothing gets lost."""
    answers = []

    def busy():
        app = AppSide(live)
        answers.append(app.get(PAINT)[0])
        live.control("POST", "/act", {"action": "comment", "repository": "acme/paint", "pull_request": 1, "text": "!"})

    threads = [threading.Thread(target=busy) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 5
    # A secret that was just replaced by a later install is refused; the others are good.
    assert set(answers) <= {200, 401}
    live.control("GET", "/deliveries?wait_seconds=30")
    bodies = {call.body for call in live.app.calls("/hook")}
    assert len([body for body in bodies if b"comment_created" in body]) == 5
