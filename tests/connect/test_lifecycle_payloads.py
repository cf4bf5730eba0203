"""Bodies of lifecycle calls: what is read from them, and every one that is refused with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import PayloadInvalid
from connect.lifecycle import Installed, Principal, PrincipalKind, Uninstalled
from tests.connect.cast import ALICE_KEY, ALICE_WORKSPACE, APP_KEY, CHARLIE_WORKSPACE, NEW_SECRET, NUMBERED_KEY
from tests.connect.lifecycle_bodies import (
    ACTOR_UUID,
    HOSTS,
    installed,
    installed_body,
    person,
    uninstalled,
    uninstalled_body,
    workspace,
)

BOTH = pytest.mark.parametrize("read", [installed, uninstalled])


def reason(read=installed, **changes) -> str:
    with pytest.raises(PayloadInvalid) as caught:
        read(**changes)
    assert caught.value.message
    return caught.value.reason


def test_it_reads_an_install_into_a_workspace():
    assert installed() == Installed(
        client_key=ALICE_KEY,
        app_key=APP_KEY,
        principal=Principal(
            uuid=ALICE_WORKSPACE,
            kind=PrincipalKind.WORKSPACE,
            display_name="Alice's workspace",
            slug="alices-workspace",
            account_id=None,
        ),
        shared_secret=NEW_SECRET,
        actor_uuid=ACTOR_UUID,
    )


def test_it_reads_an_install_into_a_personal_account_without_a_secret():
    event = installed(principal=person(), sharedSecret=...)
    assert event.principal == Principal(
        uuid=ALICE_WORKSPACE,
        kind=PrincipalKind.USER,
        display_name="Alice",
        slug=None,
        account_id="602fd0fe9f84a90069078512",
    )
    assert event.shared_secret is None


def test_it_reads_an_uninstall():
    assert uninstalled() == Uninstalled(client_key=ALICE_KEY, app_key=APP_KEY, principal=installed().principal)


def test_a_secret_does_not_show_in_logs():
    assert NEW_SECRET not in repr(installed())


@BOTH
def test_a_workspace_may_call_itself_one(read):
    assert read(principal=workspace(type="workspace", slug="alice", username=...)).principal.slug == "alice"


@BOTH
def test_the_user_stands_in_for_a_missing_principal(read):
    assert read(principal=..., user=workspace()).principal.uuid == ALICE_WORKSPACE


@BOTH
def test_the_principal_wins_over_the_user(read):
    assert read(user=workspace(CHARLIE_WORKSPACE)).principal.uuid == ALICE_WORKSPACE


@pytest.mark.parametrize("actor", [..., None, "alice", [], {}, {"uuid": None}, {"uuid": "alice"}, {"uuid": 1}])
def test_an_odd_actor_is_nobody(actor):
    assert installed(actor=actor).actor_uuid is None


@BOTH
@pytest.mark.parametrize("payload", [None, [], "x", 1, True])
def test_a_body_is_an_object(read, payload):
    kind = Installed if read is installed else Uninstalled
    with pytest.raises(PayloadInvalid, match=r"lifecycle\.malformed"):
        kind.from_payload(payload, **HOSTS)


def test_each_address_takes_its_own_event():
    assert reason(installed, eventType="uninstalled") == "lifecycle.malformed"
    assert reason(uninstalled, eventType="installed") == "lifecycle.malformed"
    assert reason(installed, eventType=None) == "lifecycle.malformed"


@BOTH
def test_an_event_without_its_type_is_what_the_address_says(read):
    assert read(eventType=...).client_key == ALICE_KEY


@BOTH
@pytest.mark.parametrize("key", [NUMBERED_KEY, "connection:1", "a", "jira:1234-5678", "x" * 255, "A_b{c}/d.e%7B~+@-"])
def test_a_client_key_is_opaque(read, key):
    assert read(clientKey=key).client_key == key


@BOTH
@pytest.mark.parametrize(
    "key",
    [
        ...,
        None,
        "",
        " ",
        ["connection:1001"],
        {"key": 1},
        1001,
        True,
        "x" * 256,
        "x" * 10240,
        "../../x",
        "a/../b",
        "x' OR '1'='1",
        "x\r\nSet-Cookie: a=b",
        "connection:1\n",
        " connection:1",
        "connection 1",
        "connection:\u0661",
        'a"b',
        "a\\b",
        "a<b>",
        "a\x00b",
        "\ud800",
        "/connection:1",
    ],
)
def test_a_client_key_that_could_do_harm_is_refused(read, key):
    assert reason(read, clientKey=key) == "lifecycle.bad_client_key"


@BOTH
@pytest.mark.parametrize("key", [..., None, "other-app", "Bittern", "bittern ", ["bittern"]])
def test_an_event_for_another_app_is_refused(read, key):
    assert reason(read, key=key) == "lifecycle.wrong_app"


@BOTH
@pytest.mark.parametrize("product", [..., None, "jira", "confluence", "Bitbucket", ["bitbucket"]])
def test_an_event_of_another_product_is_refused(read, product):
    assert reason(read, productType=product) == "lifecycle.wrong_product"


FOREIGN_HOSTS = [
    "http://127.0.0.1:9",
    "http://169.254.169.254/",
    "http://[::1]:9",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://localhost.evil.test/",
    "https://api.bitbucket.org@evil.test/",
    "https://evil.test@api.bitbucket.org/",
    "https://api.bitbucket.org.evil.test",
    "https://evil.test/#api.bitbucket.org",
    "https://evil.test/?api.bitbucket.org",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "https://api.bitbucket.org:22",
    "https://api.bitbucket.org:443",
    "http://api.bitbucket.org",
    "https://bitbucket.org\\@evil.test",
    "https://\uff41\uff50\uff49.bitbucket.org",
    "https://API.bitbucket.org",
    "https://api.bitbucket.org/2.0",
    "https://api.bitbucket.org//",
    " https://api.bitbucket.org",
    "https://api.bitbucket.org\n",
    "//api.bitbucket.org",
    "api.bitbucket.org",
    "",
    1,
    ["https://api.bitbucket.org"],
]


@BOTH
@pytest.mark.parametrize("member", ["baseUrl", "baseApiUrl"])
@pytest.mark.parametrize("address", FOREIGN_HOSTS)
def test_another_host_is_refused_in_every_spelling(read, member, address):
    assert reason(read, **{member: address}) == "lifecycle.bad_host"


def test_the_two_hosts_are_not_interchangeable():
    assert reason(baseUrl=HOSTS["api_url"]) == "lifecycle.bad_host"
    assert reason(baseApiUrl=HOSTS["site_url"]) == "lifecycle.bad_host"


@BOTH
@pytest.mark.parametrize("address", [..., None])
def test_hosts_need_not_be_named(read, address):
    assert read(baseUrl=address, baseApiUrl=address).client_key == ALICE_KEY


def test_a_closing_slash_names_the_same_host():
    event = installed(baseUrl="https://bitbucket.org/", baseApiUrl="https://api.bitbucket.org/")
    assert event.client_key == ALICE_KEY


def test_the_hosts_are_the_configured_ones():
    local = HOSTS | {"api_url": "http://127.0.0.1:7990", "site_url": "http://127.0.0.1:7990/"}
    body = installed_body(baseUrl="http://127.0.0.1:7990", baseApiUrl="http://127.0.0.1:7990/")
    assert Installed.from_payload(body, **local).client_key == ALICE_KEY
    with pytest.raises(PayloadInvalid, match=r"lifecycle\.bad_host"):
        Installed.from_payload(installed_body(), **local)


@pytest.mark.parametrize("secret", ["x" * 16, "x" * 128, "\u2019" * 6, "\u2019" * 128, " " + "x" * 16, "x x" * 6])
def test_a_secret_of_16_bytes_to_128_characters_is_accepted(secret):
    assert installed(sharedSecret=secret).shared_secret == secret


@pytest.mark.parametrize(
    "secret",
    [
        "",
        " ",
        " " * 32,
        "short",
        "x" * 15,
        "\u2019" * 5,
        "x" * 129,
        "x" * 10_000,
        123,
        True,
        ["x" * 32],
        {"secret": "x" * 32},
        "x" * 32 + "\x00",
        "x" * 32 + "\ud800",
    ],
)
def test_a_weak_secret_is_refused(secret):
    assert reason(sharedSecret=secret) == "lifecycle.weak_secret"


@pytest.mark.parametrize("secret", [..., None])
def test_a_missing_secret_is_no_weak_one(secret):
    assert installed(sharedSecret=secret).shared_secret is None


@BOTH
@pytest.mark.parametrize(
    "principal",
    [
        None,
        "alice",
        [],
        {},
        workspace(uuid=...),
        workspace(uuid=None),
        workspace(uuid="alice"),
        workspace(uuid=[ALICE_WORKSPACE]),
        workspace(type=...),
        workspace(type=None),
        workspace(type="project"),
        workspace(type=["team"]),
    ],
)
def test_a_principal_without_kind_or_uuid_is_malformed(read, principal):
    assert reason(read, principal=principal) == "lifecycle.malformed"


@BOTH
@pytest.mark.parametrize("spelling", [ALICE_WORKSPACE.strip("{}"), ALICE_WORKSPACE.upper(), ALICE_WORKSPACE])
def test_the_principal_s_uuid_is_canonical(read, spelling):
    assert read(principal=workspace(spelling)).principal.uuid == ALICE_WORKSPACE


@pytest.mark.parametrize("name", [..., None, "", 1, ["x"], "a\x00b", "\ud800"])
def test_a_principal_without_a_usable_name_is_called_by_its_uuid(name):
    assert installed(principal=workspace(display_name=name)).principal.display_name == ALICE_WORKSPACE


def test_a_very_long_name_is_cut():
    assert installed(principal=workspace(display_name="x" * 5000)).principal.display_name == "x" * 255


@pytest.mark.parametrize("name", [..., None, 1, "a\x00b"])
def test_a_workspace_may_have_no_slug(name):
    assert installed(principal=workspace(username=name)).principal.slug is None


def test_unknown_members_are_ignored():
    assert installed(oauthClientId="x", links={}) == installed()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=5,
)
member_names = st.sampled_from([*installed_body(), "type", "uuid"])


@given(st.dictionaries(member_names, json_values), st.dictionaries(member_names, json_values))
def test_no_body_raises_anything_but_its_refusal(changes, principal_changes):
    for read, body in ((Installed, installed_body()), (Uninstalled, uninstalled_body())):
        principal = {"principal": body["principal"] | principal_changes} if principal_changes else {}
        try:
            event = read.from_payload(body | changes | principal, **HOSTS)
        except PayloadInvalid as refused:
            assert refused.reason.startswith("lifecycle.")  # noqa: PT017 - either outcome is right
        else:
            assert event.app_key == APP_KEY
