"""Installing, updating, uninstalling: which call goes out, signed with what, and what follows from its answer."""

from __future__ import annotations

import threading

import jwt
import pytest

from simulator.connect.errors import CallbackFailed, InstallRefused
from simulator.connect.installations import Installation, RegisteredApp
from simulator.connect.lifecycle import Order
from simulator.connect.signing import query_string_hash

APP_SECRET = "an app-wide secret of the tests, long enough"


def order(live, *, principal=None, actor=None):
    return Order(
        descriptor=live.simulator.source.fetch(live.app.descriptor_url),
        descriptor_url=live.app.descriptor_url,
        principal=principal or live.cast.acme,
        actor=actor or live.cast.alice,
    )


def install(live, *, registered=None, **more):
    return live.simulator.lifecycle.install(order(live, **more), registered=registered)


def signature_of(received):
    """The token of a call the app got, or None."""
    header = received.headers.get("Authorization")
    return header.removeprefix("JWT ") if header else None


def is_signed_with(received, secret):
    token = signature_of(received)
    if token is None:
        return False
    client_key = received.json["clientKey"]
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=client_key, issuer=client_key)
    except jwt.InvalidSignatureError:
        return False
    return claims["qsh"] == query_string_hash("POST", received.path)


def token_of(installation, method, target):
    claims = {"iss": installation.app_key, "sub": installation.client_key, "iat": 0, "exp": 9_999_999_999}
    claims["qsh"] = query_string_hash(method, target)
    return jwt.encode(claims, installation.secret, algorithm="HS256")


def ask(live, installation, target="/2.0/repositories/acme/paint"):
    """The status that the API answers to a call of the app."""
    token = token_of(installation, "GET", target)
    return live.call("GET", target, headers={"Authorization": f"JWT {token}"})[0]


def bearer(live, installation):
    token = token_of(installation, "POST", "/site/oauth2/access_token")
    answer = live.http.request(
        "POST",
        f"{live.url}/site/oauth2/access_token",
        headers={"Authorization": f"JWT {token}"},
        fields={"grant_type": "urn:bitbucket:oauth2:jwt"},
        encode_multipart=False,
        timeout=10,
    )
    return answer.json()["access_token"]


class TestAFirstInstall:
    def test_it_calls_the_app_unsigned_with_a_secret_of_its_own(self, live):
        installed = install(live)
        (call,) = live.app.calls("/installed")
        assert signature_of(call) is None
        assert call.json["sharedSecret"] == installed.secret
        assert len(installed.secret) >= 32
        assert call.json["clientKey"] == installed.client_key
        assert installed.client_key.startswith("connection:")
        assert installed.client_key.removeprefix("connection:").isdecimal()

    def test_it_looks_like_the_captured_call(self, live):
        install(live)
        (call,) = live.app.calls("/installed")
        assert call.headers["User-Agent"] == "python-requests/2.22.0"
        assert call.headers["Content-Type"] == "application/json"
        assert call.headers["Accept"] == "*/*"
        assert b"\n" not in call.body

    def test_the_credentials_work_while_the_call_is_open(self, live):
        answers = []

        def use_at_once(received):
            claimed = Installation(
                client_key=received.json["clientKey"],
                app_key="stand-in",
                principal_uuid=received.json["principal"]["uuid"],
                secret=received.json["sharedSecret"],
            )
            answers.extend([ask(live, claimed), len(bearer(live, claimed)) > 20])

        live.app.inside = use_at_once
        install(live)
        assert answers == [200, True]

    def test_two_workspaces_get_two_client_keys(self, live):
        first = install(live)
        second = install(live, principal=live.cast.other, actor=live.cast.charlie)
        assert first.client_key != second.client_key
        assert first.secret != second.secret

    def test_an_app_that_wants_no_call_gets_none(self, live):
        live.app.changes["lifecycle"] = {}
        installed = install(live)
        assert live.app.calls("/installed") == []
        assert installed.callback_status is None
        assert ask(live, installed) == 200

    def test_it_remembers_who_clicked_and_what_the_app_answered(self, live):
        live.app.statuses = [204]
        installed = install(live)
        assert (installed.installed_by, installed.callback_status) == (live.cast.alice.uuid, 204)
        assert installed.descriptor_url == live.app.descriptor_url


class TestAFailedInstall:
    @pytest.mark.parametrize(("status", "words"), [(500, "500 Server Error"), (404, "404 Client Error"), (302, "302")])
    def test_it_leaves_nothing_behind_and_says_what_bitbucket_says(self, live, status, words):
        live.app.statuses = [status]
        with pytest.raises(CallbackFailed, match=words) as failed:
            install(live)
        url = f"{live.app.url}/installed"
        assert failed.value.message.startswith(f"Error calling installed at URL {url}: ")
        assert failed.value.status == status
        assert live.simulator.installations.all() == []

    def test_the_offered_secret_no_longer_works(self, live):
        live.app.statuses = [500]
        with pytest.raises(CallbackFailed):
            install(live)
        body = live.app.calls("/installed")[0].json
        claimed = Installation(
            client_key=body["clientKey"], app_key="stand-in", principal_uuid="{1}", secret=body["sharedSecret"]
        )
        assert ask(live, claimed) == 401

    def test_a_bearer_token_taken_meanwhile_ends(self, live):
        tokens = []

        def take_a_token(received):
            claimed = Installation(
                client_key=received.json["clientKey"],
                app_key="stand-in",
                principal_uuid="{1}",
                secret=received.json["sharedSecret"],
            )
            tokens.append(bearer(live, claimed))

        live.app.inside, live.app.statuses = take_a_token, [503]
        with pytest.raises(CallbackFailed):
            install(live)
        headers = {"Authorization": f"Bearer {tokens[0]}"}
        assert live.call("GET", "/2.0/repositories/acme/paint", headers=headers)[0] == 401

    def test_an_app_that_does_not_answer_in_time_fails(self, live):
        live.simulator.settings.callback_timeout_seconds = 0.2
        released = threading.Event()
        live.app.inside = lambda _received: released.wait(20)
        try:
            with pytest.raises(CallbackFailed, match="did not answer within") as failed:
                install(live)
        finally:
            released.set()
        assert failed.value.status is None
        assert live.simulator.installations.all() == []

    def test_a_failed_update_keeps_the_old_secret_good(self, live):
        first = install(live)
        live.app.statuses = [500]
        with pytest.raises(CallbackFailed):
            install(live)
        assert live.simulator.installations.find(first.client_key).secret == first.secret
        assert ask(live, first) == 200


class TestAnInstallOverALiveOne:
    def test_it_is_signed_with_the_secret_before_and_brings_a_new_one(self, live):
        first = install(live)
        second = install(live)
        calls = live.app.calls("/installed")
        assert second.client_key == first.client_key
        assert second.secret != first.secret
        assert is_signed_with(calls[1], first.secret)
        assert not is_signed_with(calls[1], second.secret)
        assert calls[1].json["sharedSecret"] == second.secret

    def test_only_the_new_secret_works_afterwards(self, live):
        first, second = install(live), install(live)
        assert ask(live, first) == 401
        assert ask(live, second) == 200

    def test_an_app_without_authentication_gets_no_token(self, live):
        live.app.changes["authentication"] = {"type": "none"}
        install(live)
        install(live)
        assert signature_of(live.app.calls("/installed")[1]) is None


class TestAnUninstall:
    def test_it_is_signed_with_the_current_secret(self, live):
        installed = install(live)
        answer = live.simulator.lifecycle.uninstall(installed.client_key)
        (call,) = live.app.calls("/uninstalled")
        assert answer.status == 200
        assert is_signed_with(call, installed.secret)
        assert call.json["eventType"] == "uninstalled"
        assert "sharedSecret" not in call.json

    def test_the_credentials_and_tokens_end(self, live):
        installed = install(live)
        token = bearer(live, installed)
        live.simulator.lifecycle.uninstall(installed.client_key)
        assert ask(live, installed) == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert live.call("GET", "/2.0/repositories/acme/paint", headers=headers)[0] == 401

    def test_it_happens_whatever_the_app_answers(self, live):
        installed = install(live)
        live.app.statuses = [500]
        assert live.simulator.lifecycle.uninstall(installed.client_key).status == 500
        assert live.simulator.installations.active() == []

    def test_it_happens_where_the_app_cannot_be_reached(self, live):
        installed = install(live)
        live.simulator.settings.callback_timeout_seconds = 0.2
        released = threading.Event()
        live.app.inside = lambda _received: released.wait(20)
        try:
            assert live.simulator.lifecycle.uninstall(installed.client_key) is None
        finally:
            released.set()
        assert live.simulator.installations.active() == []

    def test_what_is_not_installed_cannot_be_uninstalled(self, live):
        installed = install(live)
        live.simulator.lifecycle.uninstall(installed.client_key)
        for client_key in (installed.client_key, "connection:9"):
            with pytest.raises(InstallRefused, match="is not installed"):
                live.simulator.lifecycle.uninstall(client_key)

    def test_a_re_install_keeps_the_client_key_and_is_signed_with_the_old_secret(self, live):
        first = install(live)
        live.simulator.lifecycle.uninstall(first.client_key)
        second = install(live)
        assert second.client_key == first.client_key
        assert is_signed_with(live.app.calls("/installed")[1], first.secret)
        assert second.secret != first.secret
        assert ask(live, second) == 200


class TestARegisteredApp:
    REGISTERED = RegisteredApp(key="stand-in", secret=APP_SECRET)

    def test_its_first_install_is_signed_with_the_app_wide_secret(self, live):
        installed = install(live, registered=self.REGISTERED)
        (call,) = live.app.calls("/installed")
        assert installed.client_key == f"ari:cloud:bitbucket::app/{live.cast.acme.uuid}/stand-in"
        assert is_signed_with(call, APP_SECRET)
        assert call.json["sharedSecret"] == APP_SECRET
        assert ask(live, installed) == 200

    def test_every_call_of_its_life_is_signed_with_it(self, live):
        first = install(live, registered=self.REGISTERED)
        install(live, registered=self.REGISTERED)
        live.simulator.lifecycle.uninstall(first.client_key)
        install(live, registered=self.REGISTERED)
        calls = [*live.app.calls("/installed"), *live.app.calls("/uninstalled")]
        assert len(calls) == 4
        assert all(is_signed_with(call, APP_SECRET) for call in calls)

    def test_its_installs_can_have_secrets_of_their_own(self, live):
        live.simulator.settings.registered_apps_share_one_secret = False
        installed = install(live, registered=self.REGISTERED)
        (call,) = live.app.calls("/installed")
        assert installed.secret != APP_SECRET
        assert call.json["sharedSecret"] == installed.secret
        assert is_signed_with(call, APP_SECRET)
        assert ask(live, installed) == 200

    @pytest.mark.parametrize("shares_one", [True, False])
    def test_a_persons_install_brings_no_secret_and_uses_the_app_wide_one(self, live, shares_one):
        live.simulator.settings.registered_apps_share_one_secret = shares_one
        installed = install(live, principal=live.cast.dana, actor=live.cast.dana, registered=self.REGISTERED)
        (call,) = live.app.calls("/installed")
        assert "sharedSecret" not in call.json
        assert call.json["principal"]["type"] == "user"
        assert installed.secret == APP_SECRET

    def test_an_unregistered_app_gives_a_person_a_secret(self, live):
        install(live, principal=live.cast.dana, actor=live.cast.dana)
        assert live.app.calls("/installed")[0].json["sharedSecret"]


class TestAnUpdate:
    def test_it_calls_the_app_and_keeps_the_secret(self, live):
        first = install(live)
        live.app.changes["name"] = "Renamed"
        updated = live.simulator.lifecycle.update(first, live.simulator.source.fetch(live.app.descriptor_url))
        call = live.app.calls("/installed")[1]
        assert updated.descriptor.name == "Renamed"
        assert updated.secret == first.secret
        assert is_signed_with(call, first.secret)
        assert call.json["actor"]["account_id"] == live.cast.alice.account_id

    def test_it_can_rotate_the_secret(self, live):
        live.simulator.settings.update_rotates_secret = True
        first = install(live)
        updated = live.simulator.lifecycle.update(first, first.descriptor)
        assert updated.secret != first.secret
        assert is_signed_with(live.app.calls("/installed")[1], first.secret)

    def test_it_can_go_without_a_call(self, live):
        live.simulator.settings.update_calls_installed = False
        first = install(live)
        live.app.changes["name"] = "Renamed"
        live.simulator.lifecycle.update(first, live.simulator.source.fetch(live.app.descriptor_url))
        assert len(live.app.calls("/installed")) == 1
        assert live.simulator.installations.find(first.client_key).descriptor.name == "Renamed"

    @pytest.mark.parametrize(
        ("scopes", "words"),
        [
            (["account", "repository", "pullrequest", "webhook"], r"cannot be increased \(by webhook\)"),
            ([], "cannot be reduced to none"),
        ],
    )
    def test_scopes_become_neither_more_nor_none(self, live, scopes, words):
        first = install(live)
        live.app.changes["scopes"] = scopes
        with pytest.raises(InstallRefused, match=words):
            live.simulator.lifecycle.update(first, live.simulator.source.fetch(live.app.descriptor_url))
        assert len(live.app.calls("/installed")) == 1

    def test_scopes_can_become_fewer(self, live):
        first = install(live)
        live.app.changes["scopes"] = ["repository"]
        updated = live.simulator.lifecycle.update(first, live.simulator.source.fetch(live.app.descriptor_url))
        assert updated.scopes == frozenset({"repository"})

    def test_another_apps_descriptor_is_refused(self, live):
        first = install(live)
        live.app.changes["key"] = "another"
        with pytest.raises(InstallRefused, match='of "another"'):
            live.simulator.lifecycle.update(first, live.simulator.source.fetch(live.app.descriptor_url))

    def test_what_is_uninstalled_cannot_be_updated(self, live):
        first = install(live)
        live.simulator.lifecycle.uninstall(first.client_key)
        with pytest.raises(InstallRefused, match="is not installed"):
            live.simulator.lifecycle.update(first, first.descriptor)


def test_a_personal_workspace_is_its_person(live):
    installed = install(live, principal=live.cast.dana, actor=live.cast.dana)
    assert live.simulator.lifecycle.principal(installed) is live.cast.dana


def test_an_installation_of_nobody_is_refused(live):
    lost = Installation(client_key="connection:1", app_key="x", principal_uuid="{gone}", secret="s")
    with pytest.raises(InstallRefused, match="There is no workspace or account"):
        live.simulator.lifecycle.principal(lost)


def test_installs_of_one_app_in_one_workspace_go_out_one_after_another(live):
    open_calls, most = [], []
    lock = threading.Lock()

    def count(_received):
        with lock:
            open_calls.append(1)
            most.append(len(open_calls))
        with lock:
            open_calls.pop()

    live.app.inside = count
    threads = [threading.Thread(target=install, args=(live,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(live.simulator.installations.all()) == 1
    secrets = [call.json["sharedSecret"] for call in live.app.calls("/installed")]
    for before, call in zip(secrets, live.app.calls("/installed")[1:], strict=False):
        assert is_signed_with(call, before)
