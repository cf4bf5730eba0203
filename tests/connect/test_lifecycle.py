"""Who may install and uninstall: every cell of the table, and every attack on it that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connect.lifecycle import (
    Accept,
    Decision,
    Quarantine,
    Refuse,
    Unchanged,
    decide_installed,
    decide_uninstalled,
    secret_of,
)
from tests.connect.cast import (
    ALICE_KEY,
    ALICE_WORKSPACE,
    APP_KEY,
    APP_SECRET,
    ATTACKER_SECRET,
    CHARLIE_KEY,
    CHARLIE_SECRET,
    CHARLIE_WORKSPACE,
    NEW_SECRET,
    NOW,
    NUMBERED_KEY,
    OLD_SECRET,
    SECRET,
    sign,
)
from tests.connect.lifecycle_bodies import call, installed, known, person, signed, uninstalled, workspace

INSTALLED = "/connect/installed"
UNINSTALLED = "/connect/uninstalled"
UNSIGNED = call(INSTALLED, None)


def install(call_=UNSIGNED, *, stored=None, app_secret=None, now=NOW, **changes) -> Decision:
    return decide_installed(installed(**changes), call=call_, known=stored, app_secret=app_secret, now=now)


def uninstall(call_, *, stored=None, app_secret=None, now=NOW, **changes) -> Decision:
    return decide_uninstalled(uninstalled(**changes), call=call_, known=stored, app_secret=app_secret, now=now)


def by(secret, *, path=INSTALLED, **arguments):
    return signed(path, secret, **arguments)


class TestFirstInstallOfAnUnregisteredApp:
    def test_unsigned_it_is_quarantined(self):
        assert install() == Quarantine("lifecycle.unproven")

    def test_signed_with_what_it_offers_it_proves_nothing_more(self):
        assert install(by(NEW_SECRET)) == Quarantine("lifecycle.unproven")

    def test_a_personal_account_is_treated_alike(self):
        assert install(principal=person()) == Quarantine("lifecycle.unproven")

    def test_a_numbered_client_key_is_treated_alike(self):
        assert install(clientKey=NUMBERED_KEY) == Quarantine("lifecycle.unproven")

    def test_without_any_secret_there_is_nothing_to_prove(self):
        assert install(sharedSecret=...) == Refuse(401, "lifecycle.credentials_missing")

    def test_the_client_key_names_the_principal(self):
        assert install(principal=workspace(CHARLIE_WORKSPACE)) == Refuse(403, "lifecycle.principal_mismatch")
        assert install(by(NEW_SECRET), principal=workspace(CHARLIE_WORKSPACE)).status == 403

    @pytest.mark.parametrize("key", [NUMBERED_KEY, "ari:cloud:bitbucket::app/no-uuid/bittern", "ari:cloud:other/x"])
    def test_a_client_key_that_embeds_no_uuid_names_nobody(self, key):
        assert install(clientKey=key, principal=workspace(CHARLIE_WORKSPACE)) == Quarantine("lifecycle.unproven")

    def test_the_uuid_in_the_client_key_has_any_spelling(self):
        key = f"ari:cloud:bitbucket::app/{ALICE_WORKSPACE.strip('{}').upper()}/{APP_KEY}"
        assert install(clientKey=key) == Quarantine("lifecycle.unproven")

    @pytest.mark.parametrize("secret", [ATTACKER_SECRET, SECRET, APP_SECRET])
    def test_signed_with_anything_else_it_is_refused(self, secret):
        assert install(by(secret)) == Refuse(401, "auth.unknown_tenant")

    def test_a_token_that_fails_is_never_taken_for_unsigned(self):
        token = by(ATTACKER_SECRET, aud=CHARLIE_KEY)
        assert install(token, sharedSecret=ATTACKER_SECRET) == Refuse(401, "auth.unknown_tenant")


class TestAuthorizationThatDoesNotVerify:
    @pytest.mark.parametrize(
        ("authorization", "reason"),
        [
            ("", "auth.missing"),
            ("Bearer x", "auth.missing"),
            ("Basic x", "auth.missing"),
            ("JWT", "auth.missing"),
            ("JWT ", "auth.malformed"),
            ("JWT a.b.c", "auth.malformed"),
            ("JWT null", "auth.malformed"),
            (f"JWT {sign({'iss': ALICE_KEY}, header={'alg': 'none'})}", "auth.algorithm"),
            (f"JWT {sign({'iss': APP_KEY})}", "auth.token_kind"),
            (f"JWT {sign({})}", "auth.claims"),
        ],
    )
    @pytest.mark.parametrize("app_secret", [None, APP_SECRET])
    @pytest.mark.parametrize("stored", [None, known("pending"), known("active"), known("uninstalled")])
    def test_it_is_a_401_whatever_is_known(self, authorization, reason, app_secret, stored):
        arguments = {"stored": stored, "app_secret": app_secret}
        assert install(call(INSTALLED, authorization), **arguments) == Refuse(401, reason)
        assert uninstall(call(UNINSTALLED, authorization), **arguments) == Refuse(401, reason)

    @pytest.mark.parametrize("stored", [None, known("pending"), known("active"), known("uninstalled")])
    @pytest.mark.parametrize("app_secret", [None, APP_SECRET])
    @pytest.mark.parametrize("secret", [CHARLIE_SECRET, APP_SECRET, SECRET])
    def test_one_tenant_never_speaks_for_another(self, stored, app_secret, secret):
        arguments = {"stored": stored, "app_secret": app_secret}
        mismatch = Refuse(401, "lifecycle.client_mismatch")
        assert install(by(secret, client_key=CHARLIE_KEY), **arguments) == mismatch
        assert uninstall(by(secret, path=UNINSTALLED, client_key=CHARLIE_KEY), **arguments) == mismatch

    def test_a_token_for_another_address_is_refused(self):
        token = replace(by(SECRET, path=UNINSTALLED), target=INSTALLED)
        assert install(token, stored=known()) == Refuse(401, "auth.qsh_mismatch")


class TestReinstall:
    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    def test_signed_with_the_stored_secret_it_rotates(self, state):
        expected = Accept("lifecycle.reinstalled", secret=NEW_SECRET, issued_at=NOW)
        assert install(by(SECRET), stored=known(state)) == expected

    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    @pytest.mark.parametrize("app_secret", [None, APP_SECRET])
    def test_unsigned_it_is_a_takeover(self, state, app_secret):
        expected = Refuse(401, "lifecycle.takeover")
        assert install(stored=known(state), app_secret=app_secret) == expected
        assert install(stored=known(state), app_secret=app_secret, sharedSecret=SECRET) == expected
        assert install(stored=known(state), app_secret=app_secret, sharedSecret=...) == expected

    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    @pytest.mark.parametrize("secret", [NEW_SECRET, OLD_SECRET, ATTACKER_SECRET, APP_SECRET])
    def test_signed_with_anything_but_the_stored_secret_it_is_refused(self, state, secret):
        assert install(by(secret), stored=known(state)) == Refuse(401, "auth.signature")

    def test_an_installation_without_stored_secret_accepts_nothing(self):
        stored = known(secret=None, previous_secret=None)
        assert install(by(NEW_SECRET), stored=stored).status == 401
        assert install(by(""), stored=stored).status == 401

    def test_without_a_secret_of_its_own_it_keeps_the_stored_one(self):
        expected = Accept("lifecycle.reinstalled", secret=SECRET, issued_at=NOW)
        assert install(by(SECRET), stored=known(), sharedSecret=...) == expected

    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    def test_it_does_not_move_an_installation_to_another_workspace(self, state):
        stored = known(state, client_key=NUMBERED_KEY)
        token = by(SECRET, client_key=NUMBERED_KEY)
        moved = install(token, stored=stored, clientKey=NUMBERED_KEY, principal=workspace(CHARLIE_WORKSPACE))
        assert moved == Refuse(409, "lifecycle.principal_changed")

    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    def test_one_that_a_newer_call_has_overtaken_is_refused(self, state):
        stored = known(state, lifecycle_at=NOW)
        assert install(by(SECRET, at=NOW - 1), stored=stored) == Refuse(409, "lifecycle.order")
        assert isinstance(install(by(SECRET, at=NOW), stored=stored), Accept)
        assert isinstance(install(by(SECRET, at=NOW + 1), stored=stored), Accept)

    def test_one_in_the_second_of_its_uninstall_is_still_a_reinstall(self):
        decision = install(by(SECRET), stored=known("uninstalled", lifecycle_at=NOW), sharedSecret=SECRET)
        assert decision == Accept("lifecycle.reinstalled", secret=SECRET, issued_at=NOW)

    def test_one_of_an_installation_with_no_signed_call_yet_has_no_order_to_keep(self):
        assert isinstance(install(by(SECRET, at=NOW - 3000), stored=known(lifecycle_at=None)), Accept)


class TestRepeatedInstall:
    def test_the_call_that_rotated_the_secret_changes_nothing_the_second_time(self):
        first = by(SECRET)
        accepted = install(first, stored=known())
        assert accepted == Accept("lifecycle.reinstalled", secret=NEW_SECRET, issued_at=NOW)
        after = known(secret=accepted.secret, previous_secret=SECRET, lifecycle_at=accepted.issued_at)
        assert install(first, stored=after) == Unchanged("lifecycle.repeated")
        assert install(first, stored=after, now=NOW + 3000) == Unchanged("lifecycle.repeated")

    def test_the_call_of_a_registered_app_changes_nothing_the_second_time(self):
        stored = known(secret=APP_SECRET, previous_secret=None, lifecycle_at=NOW)
        again = install(by(APP_SECRET), stored=stored, app_secret=APP_SECRET, sharedSecret=APP_SECRET)
        assert again == Unchanged("lifecycle.repeated")
        assert install(by(APP_SECRET), stored=stored, app_secret=APP_SECRET, sharedSecret=...) == again

    @pytest.mark.parametrize(
        "changes",
        [
            {"secret": "a-third-secret-a-third-secret-a-third"},
            {"previous_secret": "a-third-secret-a-third-secret-a-third"},
            {"previous_secret": None},
            {"lifecycle_at": NOW + 1},
            {"lifecycle_at": NOW - 1},
            {"lifecycle_at": None},
            {"state": "uninstalled"},
            {"principal_uuid": CHARLIE_WORKSPACE},
        ],
    )
    def test_anything_but_an_exact_repeat_under_the_previous_secret_is_refused(self, changes):
        after = known(**({"secret": NEW_SECRET, "previous_secret": SECRET, "lifecycle_at": NOW} | changes))
        assert install(by(SECRET), stored=after).status in {401, 409}

    def test_a_replay_never_rolls_the_secret_back(self):
        after = known(secret=NEW_SECRET, previous_secret=SECRET, lifecycle_at=NOW)
        assert install(by(SECRET), stored=after, sharedSecret=OLD_SECRET) == Refuse(401, "auth.signature")

    def test_an_expired_repeat_is_refused(self):
        after = known(secret=NEW_SECRET, previous_secret=SECRET, lifecycle_at=NOW)
        assert install(by(SECRET), stored=after, now=NOW + 3660) == Refuse(401, "auth.signature")

    def test_another_secret_in_the_same_second_is_no_repeat(self):
        stored = known(lifecycle_at=NOW)
        assert install(by(SECRET), stored=stored) == Accept("lifecycle.reinstalled", secret=NEW_SECRET, issued_at=NOW)


class TestPending:
    def test_an_unproved_record_is_replaced_by_an_unsigned_install(self):
        stored = known("pending", secret=ATTACKER_SECRET, principal_uuid=CHARLIE_WORKSPACE)
        assert install(stored=stored) == Quarantine("lifecycle.unproven_replaced")

    @pytest.mark.parametrize("secret", [SECRET, OLD_SECRET, NEW_SECRET])
    def test_a_signature_under_an_unproved_secret_proves_nothing(self, secret):
        assert install(by(secret), stored=known("pending")) == Quarantine("lifecycle.unproven_replaced")

    def test_a_signature_under_another_secret_is_refused(self):
        assert install(by(ATTACKER_SECRET), stored=known("pending")) == Refuse(401, "auth.unknown_tenant")

    def test_it_keeps_no_order(self):
        stored = known("pending", lifecycle_at=NOW + 50)
        assert install(by(SECRET), stored=stored) == Quarantine("lifecycle.unproven_replaced")

    def test_it_is_accepted_once_the_app_wide_secret_signs_it(self):
        decision = install(by(APP_SECRET), stored=known("pending"), app_secret=APP_SECRET)
        assert decision == Accept("lifecycle.unproven_replaced", secret=NEW_SECRET, issued_at=NOW)

    def test_a_replacement_without_a_secret_is_refused(self):
        decision = install(stored=known("pending"), sharedSecret=...)
        assert decision == Refuse(401, "lifecycle.credentials_missing")

    def test_a_replacement_for_a_foreign_principal_is_refused(self):
        decision = install(stored=known("pending"), principal=workspace(CHARLIE_WORKSPACE))
        assert decision == Refuse(403, "lifecycle.principal_mismatch")


class TestRegisteredApp:
    def test_the_first_install_is_signed_with_the_app_wide_secret(self):
        expected = Accept("lifecycle.installed", secret=NEW_SECRET, issued_at=NOW)
        assert install(by(APP_SECRET), app_secret=APP_SECRET) == expected

    def test_an_install_without_a_secret_uses_the_app_wide_one(self):
        decision = install(by(APP_SECRET), app_secret=APP_SECRET, principal=person(), sharedSecret=...)
        assert decision == Accept("lifecycle.installed", secret=APP_SECRET, issued_at=NOW)

    def test_an_unsigned_first_install_is_refused(self):
        assert install(app_secret=APP_SECRET) == Refuse(401, "auth.missing")
        assert install(app_secret=APP_SECRET, stored=known("pending")) == Refuse(401, "auth.missing")

    @pytest.mark.parametrize("stored", [None, known("pending")])
    def test_an_install_signed_with_what_it_offers_is_refused(self, stored):
        assert install(by(NEW_SECRET), app_secret=APP_SECRET, stored=stored) == Refuse(401, "auth.signature")

    @pytest.mark.parametrize("state", ["active", "uninstalled"])
    @pytest.mark.parametrize("secret", [SECRET, APP_SECRET])
    def test_a_reinstall_is_signed_with_the_stored_or_the_app_wide_secret(self, state, secret):
        expected = Accept("lifecycle.reinstalled", secret=NEW_SECRET, issued_at=NOW)
        assert install(by(secret), stored=known(state), app_secret=APP_SECRET) == expected

    def test_a_reinstall_under_one_equal_secret_works(self):
        stored = known(secret=APP_SECRET)
        decision = install(by(APP_SECRET), stored=stored, app_secret=APP_SECRET, sharedSecret=APP_SECRET)
        assert decision == Accept("lifecycle.reinstalled", secret=APP_SECRET, issued_at=NOW)

    def test_the_app_wide_secret_does_not_move_an_installation(self):
        decision = install(by(APP_SECRET), app_secret=APP_SECRET, principal=workspace(CHARLIE_WORKSPACE))
        assert decision == Refuse(403, "lifecycle.principal_mismatch")

    def test_the_app_wide_secret_keeps_order_too(self):
        stored = known(lifecycle_at=NOW)
        decision = install(by(APP_SECRET, at=NOW - 1), stored=stored, app_secret=APP_SECRET)
        assert decision == Refuse(409, "lifecycle.order")

    @pytest.mark.parametrize("changes", [{"aud": CHARLIE_KEY}, {"qsh": "context-qsh"}, {"exp": NOW + 99_999}])
    def test_a_right_signature_over_wrong_claims_is_refused(self, changes):
        decision = install(by(APP_SECRET, **changes), app_secret=APP_SECRET)
        assert decision.status == 401
        assert decision.reason in {"auth.audience", "auth.qsh_mismatch", "auth.lifetime"}

    def test_the_reason_is_that_of_the_secret_that_signed(self):
        decision = install(by(SECRET, aud=CHARLIE_KEY), stored=known(), app_secret=APP_SECRET)
        assert decision == Refuse(401, "auth.audience")


class TestUninstall:
    def test_it_is_accepted_under_the_stored_secret(self):
        expected = Accept("lifecycle.uninstalled", secret=SECRET, issued_at=NOW)
        assert uninstall(by(SECRET, path=UNINSTALLED), stored=known()) == expected

    def test_it_is_accepted_under_the_app_wide_secret(self):
        decision = uninstall(by(APP_SECRET, path=UNINSTALLED), stored=known(), app_secret=APP_SECRET)
        assert decision == Accept("lifecycle.uninstalled", secret=SECRET, issued_at=NOW)

    @pytest.mark.parametrize("stored", [None, known("pending"), known("active"), known("uninstalled")])
    @pytest.mark.parametrize("app_secret", [None, APP_SECRET])
    def test_unsigned_it_is_refused(self, stored, app_secret):
        decision = uninstall(call(UNINSTALLED, None), stored=stored, app_secret=app_secret)
        assert decision == Refuse(401, "auth.missing")

    @pytest.mark.parametrize("secret", [OLD_SECRET, ATTACKER_SECRET, APP_SECRET])
    def test_under_another_secret_it_is_refused(self, secret):
        decision = uninstall(by(secret, path=UNINSTALLED), stored=known())
        assert decision == Refuse(401, "auth.signature")

    def test_an_older_one_is_refused(self):
        decision = uninstall(by(SECRET, path=UNINSTALLED, at=NOW - 1), stored=known(lifecycle_at=NOW))
        assert decision == Refuse(409, "lifecycle.order")

    def test_one_about_another_workspace_is_refused(self):
        stored = known(client_key=NUMBERED_KEY)
        token = by(SECRET, path=UNINSTALLED, client_key=NUMBERED_KEY)
        decision = uninstall(token, stored=stored, clientKey=NUMBERED_KEY, principal=workspace(CHARLIE_WORKSPACE))
        assert decision == Refuse(409, "lifecycle.principal_changed")

    def test_a_second_one_changes_nothing(self):
        decision = uninstall(by(SECRET, path=UNINSTALLED), stored=known("uninstalled", lifecycle_at=NOW))
        assert decision == Unchanged("lifecycle.repeated")

    def test_one_for_a_tenant_never_stored_is_answered_where_it_can_be_verified(self):
        decision = uninstall(by(APP_SECRET, path=UNINSTALLED), app_secret=APP_SECRET)
        assert decision == Unchanged("lifecycle.never_installed")

    def test_one_for_a_tenant_never_stored_is_refused_where_it_cannot(self):
        assert uninstall(by(SECRET, path=UNINSTALLED)) == Refuse(401, "auth.unknown_tenant")
        assert uninstall(by(SECRET, path=UNINSTALLED), app_secret=APP_SECRET) == Refuse(401, "auth.signature")

    @pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
    def test_an_unproved_installation_gets_no_tombstone(self, secret):
        decision = uninstall(by(secret, path=UNINSTALLED), stored=known("pending"))
        assert decision == Unchanged("lifecycle.unproven")

    def test_one_that_overtakes_its_install_leaves_it_uninstalled(self):
        removed = uninstall(by(SECRET, path=UNINSTALLED, at=NOW), stored=known())
        stored = known("uninstalled", secret=removed.secret, lifecycle_at=removed.issued_at)
        assert install(by(SECRET, at=NOW - 1), stored=stored) == Refuse(409, "lifecycle.order")


class TestSecretOf:
    def test_its_own_secret_comes_first(self):
        assert secret_of(installed(), APP_SECRET) == NEW_SECRET

    def test_the_app_wide_one_stands_in(self):
        assert secret_of(installed(sharedSecret=...), APP_SECRET) == APP_SECRET

    @pytest.mark.parametrize("app_secret", [None, ""])
    def test_there_may_be_none(self, app_secret):
        assert secret_of(installed(sharedSecret=...), app_secret) is None


@pytest.mark.parametrize(
    "value", [Accept("x", secret=SECRET, issued_at=NOW), known(), by(SECRET), by(SECRET, path=UNINSTALLED)]
)
def test_no_secret_and_no_token_shows_in_a_log(value):
    shown = repr(value)
    assert SECRET not in shown
    assert OLD_SECRET not in shown
    assert "JWT" not in shown
