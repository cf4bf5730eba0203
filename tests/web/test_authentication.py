"""Who is asking: the raw request target, the forms of a query, and what a refusal takes."""

import pytest

from connect.errors import TokenRefused
from tests.tenants import ALICE_KEY, CHARLIE_KEY
from tests.web.signing import signed_url, token
from web.authentication import MAX_PARAMETERS, MAX_TARGET_LENGTH, caller_of_page, parameters, raw_target
from web.errors import RequestRefused


@pytest.mark.parametrize("variable", ["RAW_URI", "REQUEST_URI"])
def test_the_target_is_what_was_sent_whichever_server_it_came_through(app, variable):
    environment = {"RAW_URI": None, "REQUEST_URI": None, variable: "/a%2Fb?q=a+b%7E"}
    with app.test_request_context("/other", environ_overrides=environment):
        assert raw_target() == "/a%2Fb?q=a+b%7E"


@pytest.mark.parametrize(
    "target", [None, "", "a/b", "http://evil.test/panels", "/" + "x" * MAX_TARGET_LENGTH, "/a?b=1#&c=2", "/a#"]
)
def test_a_target_that_is_no_path_of_ours_is_a_bad_request(app, target):
    with (
        app.test_request_context("/", environ_overrides={"RAW_URI": target, "REQUEST_URI": None}),
        pytest.raises(RequestRefused) as caught,
    ):
        raw_target()
    assert (caught.value.status, caught.value.reason) == (400, "input.url")


@pytest.mark.parametrize(
    "query", ["user=a&user=b", "user=a&User=b", "repository=a&%72epository=b", "jwt=a&JWT=b", "principal=a&principal="]
)
def test_a_security_parameter_given_twice_in_any_spelling_is_refused(app, query):
    with app.test_request_context("/", environ_overrides={"RAW_URI": f"/panels/repository?{query}"}):
        with pytest.raises(TokenRefused) as caught:
            parameters()
        assert caught.value.reason == "auth.ambiguous"


def test_a_page_that_reads_no_parameter_is_not_opened_by_an_ambiguous_address_either(app, alice):
    address = signed_url("/panels/repository?user=a&user=b")
    with app.test_request_context("/", environ_overrides={"RAW_URI": address}):
        with pytest.raises(TokenRefused) as caught:
            caller_of_page()
        assert caught.value.reason == "auth.ambiguous"


@pytest.mark.parametrize(("count", "is_refused"), [(MAX_PARAMETERS, False), (MAX_PARAMETERS + 1, True)])
def test_more_parameters_than_anybody_needs_are_a_bad_request(app, count, is_refused):
    query = "&".join(f"a{number}=" for number in range(count))
    with app.test_request_context("/", environ_overrides={"RAW_URI": f"/x?{query}"}):
        if not is_refused:
            assert len(parameters()) == count
            return
        with pytest.raises(RequestRefused) as caught:
            parameters()
    assert (caught.value.status, caught.value.reason) == (400, "input.url")


def test_nothing_can_be_added_to_a_signed_address_behind_a_fragment(client, alice):
    """No signature covers it. What a server hands on as the target may hold one all the same."""
    path, _, query = signed_url("/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D").partition(
        "?"
    )

    def asked_for(more):
        return client.get(path, environ_overrides={"RAW_URI": f"{path}?{query}{more}"}).status_code

    assert asked_for("#&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D") == 400
    assert asked_for("#") == 400
    assert asked_for("&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D") == 401


def test_any_other_parameter_may_be_repeated(app):
    with app.test_request_context("/", environ_overrides={"RAW_URI": "/x?a=1&a=2&user=u"}):
        assert parameters() == {"a": "1", "user": "u"}


def test_parameters_in_any_order_and_encoding_are_the_same_signed_request(client, alice):
    target = (
        "/panels/repository?z=&user=%7baaaaaaaa-0000-4000-8000-0000000000e1%7d&q=a+b%2Bc~d*%C3%A9%25"
        "&repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"
    )

    assert client.get(signed_url(target)).status_code == 200


def test_an_override_of_method_or_address_in_a_header_is_not_looked_at(client, alice):
    target = "/connect/welcome"
    headers = {"X-HTTP-Method-Override": "POST", "X-Original-URL": "/metrics", "X-Rewrite-URL": "/metrics"}

    assert client.get(signed_url(target), headers=headers).status_code == 200


def test_whether_a_client_key_is_known_does_not_show_in_what_is_computed(client, alice, monkeypatch):
    from web import authentication

    verified = []
    verify = authentication.verify_inbound
    monkeypatch.setattr(
        authentication, "verify_inbound", lambda one, **rest: verified.append(rest["client_key"]) or verify(one, **rest)
    )
    for client_key in (ALICE_KEY, CHARLIE_KEY):
        client.get(f"/panels/repository?jwt={token('GET', '/x', client_key=client_key)}")

    # Each as often: where a page is looked for that is kept, and where the refusal is worded.
    assert verified == [ALICE_KEY, ALICE_KEY, CHARLIE_KEY, CHARLIE_KEY]
