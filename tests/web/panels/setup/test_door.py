"""The door of Setup: administrators of the workspace, by a signed address or by a form of ours, and nobody else."""

from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_SECRET,
    alice_offer,
    quarantine,
    uninstall,
)
from tests.web.fake_bitbucket import ANA, page
from tests.web.panels.asking import bearer, panel, text
from tests.web.panels.setup.asking import (
    CONFIGURE,
    DELETE,
    EXPORT,
    PERMISSIONS,
    REPLAY,
    RESUME,
    SETTINGS,
    TOKEN,
    configure,
    configure_repository,
    form_token,
    make_administrator,
)
from tests.web.panels.setup.asking import changed as changed_fields
from tests.web.panels.setup.asking import fields as sent_fields

FORMS = (CONFIGURE, SETTINGS, REPLAY, EXPORT, DELETE, RESUME, "/pages/configure/compare")


def test_an_administrator_comes_in_by_the_signed_address(client, opened):
    assert "Bittern in Alice &amp; Co" in text(opened)
    assert form_token(opened)


def test_the_page_of_a_repository_opens_for_an_administrator(client, administrator, heron):
    answer = client.get(configure_repository())

    assert "Bittern and alice/heron" in text(answer)
    assert "Delete everything of this workspace" not in text(answer)


@pytest.mark.parametrize("permission", ["member", "collaborator", "something new", None])
def test_whoever_does_not_administer_the_workspace_is_refused(client, heron, bitbucket, refusals, permission):
    make_administrator(bitbucket, permission=permission)

    for address in (configure(), configure_repository()):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "This page needs an administrator" in text(answer)
        assert "alice" not in answer.get_data(as_text=True).lower()
        assert form_token(answer) is None
    assert refusals() == ["perm.not_admin"] * 2


@pytest.mark.parametrize("user", [None, "", "{user.uuid}", "bob"])
def test_nobody_in_particular_is_no_administrator(client, administrator, heron, bitbucket, refusals, user):
    assert client.get(configure(user)).status_code == 403
    assert bitbucket.read_paths == []
    assert refusals() == ["perm.not_admin"]


def test_an_answer_about_somebody_else_opens_nothing(client, heron, bitbucket):
    bitbucket.answers(PERMISSIONS, page({"permission": "owner", "user": {"uuid": ANA["uuid"]}}))

    assert client.get(configure()).status_code == 403


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_it_stays_closed_while_bitbucket_does_not_say(client, heron, bitbucket, refusals, status):
    bitbucket.answers(PERMISSIONS, {"type": "error", "error": {"message": "no"}}, status=status)

    answer = client.get(configure())

    assert answer.status_code in {403, 503}
    assert form_token(answer) is None
    assert "alice" not in answer.get_data(as_text=True).lower()
    assert refusals() == ["perm.unknown"]


def test_it_stays_closed_while_bitbucket_is_away(client, heron, bitbucket):
    bitbucket.fails(ConnectionFailed("refused"), path=PERMISSIONS)

    answer = client.get(configure())

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert form_token(answer) is None


def test_a_personal_workspace_is_administered_by_its_owner(client, heron, bitbucket):
    assert client.get(configure(ALICE_WORKSPACE)).status_code == 200
    assert bitbucket.read_paths == []


def test_the_answer_is_remembered_for_fifteen_minutes_and_no_longer(client, administrator, heron, bitbucket, clock):
    client.get(configure())
    clock.advance(minutes=14)
    client.get(configure(at=clock.time))
    assert bitbucket.read_paths.count(PERMISSIONS) == 1
    clock.advance(minutes=1)
    make_administrator(bitbucket, permission="member")

    assert client.get(configure(at=clock.time)).status_code == 403


def test_a_repository_of_another_workspace_is_not_there(client, administrator, heron, charlie, refusals):
    assert client.get(configure_repository(CHARLIE_REPOSITORY)).status_code == 404
    assert refusals() == ["tenant.foreign_repo"]


def test_an_address_that_others_signed_opens_nothing(client, administrator, heron, refusals):
    assert client.get(configure(secret=CHARLIE_SECRET)).status_code == 401
    assert client.get(CONFIGURE).status_code == 401
    assert refusals() == ["auth.signature", "auth.missing"]


def test_a_token_for_a_panel_does_not_open_it(client, administrator, heron, refusals):
    jwt = panel().partition("jwt=")[2]

    assert client.get(f"{CONFIGURE}?user={BOB}&jwt={jwt}").status_code == 401
    assert client.get(CONFIGURE, headers={"Authorization": f"JWT {jwt}"}).status_code == 401
    assert refusals() == ["auth.qsh_mismatch"] * 2


def test_an_installation_that_is_not_proved_is_told_so_and_gets_no_form(client, services, bitbucket):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    answer = client.get(configure())

    assert "This installation is being finished" in text(answer)
    assert form_token(answer) is None
    assert bitbucket.read_paths == []


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_our_token_changes_nothing(client, opened, form, refusals):
    assert client.post(form, data={"scope": "workspace", "confirm": "Alice & Co"}).status_code == 401
    assert client.post(form, data={"page_token": "a.b.c"}).status_code == 401
    assert set(refusals()) <= {"auth.missing", "auth.malformed", "auth.token_header"}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_another_site_sent_is_refused(client, opened, token, form, refusals):
    answers = [
        client.post(form, data={"page_token": token}, headers={"Sec-Fetch-Site": "cross-site"}),
        client.post(form, data={"page_token": token}, headers={"Sec-Fetch-Site": "same-site"}),
        client.post(form, data=f'{{"page_token": "{token}"}}', content_type="text/plain", headers={"Origin": "null"}),
        client.post(form, json={"page_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert refusals() == ["web.csrf"] * 4


def test_a_browser_that_says_the_form_is_our_own_is_believed_with_the_token(client, opened, token):
    answer = client.post(CONFIGURE, data={"page_token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200


def test_a_token_that_is_given_twice_is_refused(client, opened, token, refusals):
    assert client.post(CONFIGURE, data={"page_token": [token, token]}).status_code == 401
    assert refusals() == ["auth.ambiguous"]


def test_a_token_is_taken_from_the_form_alone(client, opened, token):
    assert client.post(f"{CONFIGURE}?page_token={token}", data={"x": "y"}).status_code == 401
    assert client.post(CONFIGURE, data={"x": "y"}, headers=bearer(token)).status_code == 401


def test_no_get_changes_anything(client, opened, token, refusals):
    for form in FORMS[1:]:
        assert client.get(f"{form}?page_token={token}").status_code == 405
    assert set(refusals()) == {"web.get_write"}


def test_a_token_of_another_page_opens_no_form(client, opened, heron, services, refusals):
    from connect.tokens import PageClaims
    from web import page_tokens

    with client.application.test_request_context():
        other = page_tokens.issue(PageClaims(ALICE_KEY, ALICE_REPOSITORY, BOB, "pulse"))

    assert client.post(CONFIGURE, data={"page_token": other}).status_code == 401
    assert refusals() == ["auth.token_kind"]


def test_our_token_opens_no_other_page(client, opened, token):
    assert client.get("/panels/repository/refresh", headers=bearer(token)).status_code == 401


def test_a_form_is_good_for_a_quarter_of_an_hour(client, opened, token, clock):
    clock.time += timedelta(minutes=14)
    assert client.post(CONFIGURE, data={"page_token": token}).status_code == 200
    clock.time += timedelta(minutes=3)
    assert client.post(CONFIGURE, data={"page_token": token}).status_code == 401


def test_the_pages_script_gets_a_fresh_token(client, opened, token, clock):
    clock.time += timedelta(minutes=14)
    answer = client.post(TOKEN, headers=bearer(token))
    clock.time += timedelta(minutes=14)

    assert answer.status_code == 204
    assert answer.get_data() == b""
    assert client.post(CONFIGURE, data={"page_token": answer.headers["X-Page-Token"]}).status_code == 200


def test_whoever_is_no_administrator_any_more_gets_no_fresh_token(client, opened, token, clock, bitbucket):
    clock.time += timedelta(minutes=14)
    fresh = client.post(TOKEN, headers=bearer(token)).headers["X-Page-Token"]
    make_administrator(bitbucket, permission="member")
    clock.time += timedelta(minutes=2)

    answer = client.post(TOKEN, headers=bearer(fresh))
    assert answer.status_code == 403
    assert "X-Page-Token" not in answer.headers


def test_a_form_is_refused_once_the_app_is_removed(client, opened, token, services, refusals):
    sent = changed_fields(sent_fields(opened), required_approvals="3")
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert client.post(SETTINGS, data={**sent, "do": "save"}).status_code == 401
    assert refusals() == ["auth.uninstalled"]


def test_nothing_sets_a_cookie_and_no_answer_is_stored(client, opened, token):
    for answer in (opened, client.post(CONFIGURE, data={"page_token": token})):
        assert "Set-Cookie" not in answer.headers
        assert "no-store" in answer.headers["Cache-Control"]
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]


def test_no_link_and_no_forms_address_holds_a_token(opened, token):
    import re

    addresses = re.findall(r'(?:href|action|src)="([^"]+)"', opened.get_data(as_text=True))
    assert addresses
    assert not [address for address in addresses if token in address or "jwt" in address]
