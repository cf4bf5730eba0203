"""Inbound verification and outbound signing: vectors, exact limits, and what must never be raised or accepted."""

from __future__ import annotations

import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import TokenRefused
from connect.tokens import (
    InboundToken,
    read_token,
    sign_outbound,
    verify_inbound,
)
from tests.connect.cast import (
    ALICE_KEY,
    APP_KEY,
    CHARLIE_KEY,
    CHARLIE_SECRET,
    HEADER,
    NOW,
    NUMBERED_KEY,
    SECRET,
    claims_for,
    sign,
)
from tests.connect.verifying import CANONICAL, accepted, refusal, refused_with, verify


def test_it_judges_every_vector(jwt_row):
    if jwt_row["kind"] == "outbound":
        check_outbound_vector(jwt_row)
        return
    tokens = [jwt_row["token"], jwt_row.get("npm_encoded_twin")]
    assert {judge(token, jwt_row) for token in tokens if token} == {jwt_row["expect"]}


def judge(token, row) -> str:
    method, target = row["request"].split(" ", 1)
    try:
        unverified = read_token(token)
        request = {"method": method, "target": target, "base_path": ""}
        verify_inbound(unverified, client_key=unverified.issuer, secret=row["tenant_secret"], now=row["at"], **request)
    except TokenRefused:
        return "reject"
    return "accept"


def check_outbound_vector(row):
    method, url = row["request"].split(" ", 1)
    claims = row["claims"]
    token = sign_outbound(
        app_key=claims["iss"],
        client_key=claims["sub"],
        secret=row["signing_secret"],
        method=method,
        url=url,
        now=claims["iat"],
        lifetime_seconds=claims["exp"] - claims["iat"],
    )
    options = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(token, row["signing_secret"], algorithms=["HS256"], options=options) == claims


def test_it_says_who_sent_the_request_and_when():
    assert accepted() == InboundToken(client_key=ALICE_KEY, issued_at=NOW, expires_at=NOW + 3600)


def test_it_accepts_a_numbered_client_key():
    token = sign(claims_for(CANONICAL, client_key=NUMBERED_KEY))
    assert verify(token, client_key=NUMBERED_KEY).client_key == NUMBERED_KEY


def test_it_accepts_a_token_that_was_taken_apart_before():
    unverified = read_token(sign(claims_for(CANONICAL)), app_key=APP_KEY)
    assert unverified.issuer == ALICE_KEY
    assert verify(unverified).client_key == ALICE_KEY


@pytest.mark.parametrize("audience", [ALICE_KEY, [ALICE_KEY], [CHARLIE_KEY, ALICE_KEY]])
def test_it_accepts_an_audience_that_holds_the_client_key(audience):
    assert accepted(aud=audience).client_key == ALICE_KEY


@pytest.mark.parametrize("audience", [..., None, CHARLIE_KEY, [], [CHARLIE_KEY], [ALICE_KEY, 1], {ALICE_KEY: 1}, 1, ""])
def test_it_refuses_every_other_audience(audience):
    assert refused_with(aud=audience) == "auth.audience"


@pytest.mark.parametrize("extra", [{"sub": {"$ne": 1}}, {"context": {"user": "\U0001f600"}}, {"jti": 1}])
def test_it_ignores_claims_that_bitbucket_does_not_send(extra):
    assert accepted(**extra).client_key == ALICE_KEY


@pytest.mark.parametrize("secret", [None, "", SECRET + " ", SECRET.upper(), CHARLIE_SECRET])
def test_it_verifies_nothing_under_another_secret(secret):
    assert refusal(sign(claims_for(CANONICAL)), secret=secret) == "auth.signature"


@pytest.mark.parametrize("secret", ["", "None", "null", "undefined"])
def test_a_missing_secret_verifies_nothing_whatever_it_was_signed_with(secret):
    token = sign(claims_for(CANONICAL), secret=secret)
    assert refusal(token, secret=None) == "auth.signature"
    assert refusal(token, secret="") == "auth.signature"


@pytest.mark.parametrize(
    "secret", ["You can\u2019t spare three squares?", "0123456789abcdef", "\ud800" + SECRET, "-----BEGIN"]
)
def test_a_secret_is_any_text_in_utf8(secret):
    token = sign(claims_for(CANONICAL), secret=secret.encode("utf-8", "surrogatepass"))
    assert verify(token, secret=secret).client_key == ALICE_KEY


def test_it_refuses_a_token_of_another_installation():
    token = sign(claims_for(CANONICAL, client_key=CHARLIE_KEY), secret=CHARLIE_SECRET)
    assert refusal(token, secret=CHARLIE_SECRET) == "auth.unknown_tenant"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iat": NOW + 60, "exp": NOW + 3660}, None),
        ({"iat": NOW + 61, "exp": NOW + 3661}, "auth.not_yet_valid"),
        ({"iat": NOW - 3659, "exp": NOW - 59}, None),
        ({"iat": NOW - 3660, "exp": NOW - 60}, "auth.expired"),
        ({"exp": NOW + 3900}, None),
        ({"exp": NOW + 3901}, "auth.lifetime"),
        ({"exp": NOW + 1}, None),
        ({"exp": NOW}, "auth.lifetime"),
        ({"exp": NOW - 1}, "auth.lifetime"),
        ({"nbf": NOW + 60}, None),
        ({"nbf": NOW + 61}, "auth.not_yet_valid"),
        ({"nbf": -1}, None),
        ({"exp": 2**63 - 1}, "auth.lifetime"),
        ({"iat": -(2**63)}, "auth.lifetime"),
    ],
)
def test_its_clock_has_exactly_this_much_play(changes, reason):
    if reason is None:
        assert accepted(**changes).client_key == ALICE_KEY
    else:
        assert refused_with(**changes) == reason


@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
@pytest.mark.parametrize("value", [None, True, False, str(NOW), float(NOW), NOW + 0.5, 1e308, [NOW], {"seconds": NOW}])
def test_a_time_is_a_whole_number(claim, value):
    assert refused_with(**{claim: value}) == "auth.claims"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 400, b"9223372036854775808"])
def test_a_time_that_is_no_number_of_json_is_refused(number):
    payload = json.dumps(claims_for(CANONICAL)).encode().replace(str(NOW + 3600).encode(), number)
    assert refusal(sign(payload)) == "auth.claims"


@pytest.mark.parametrize("claim", ["iat", "exp"])
def test_a_time_is_required(claim):
    assert refused_with(**{claim: ...}) == "auth.claims"


def test_a_hash_is_required():
    assert refused_with(qsh=...) == "auth.qsh_missing"


@pytest.mark.parametrize("value", [None, True, 0, "", "context-qsh", [], {}, "0" * 64, "\n", "\u0660" * 64])
def test_only_the_hash_of_this_request_will_do(value):
    assert refused_with(qsh=value) == "auth.qsh_mismatch"


@pytest.mark.parametrize("change", [str.upper, lambda qsh: qsh[:32], lambda qsh: qsh + "0", lambda qsh: qsh + "\n"])
def test_the_hash_has_one_spelling(change):
    assert refused_with(qsh=change(claims_for(CANONICAL)["qsh"])) == "auth.qsh_mismatch"


@pytest.mark.parametrize(
    "request_", [{"method": "GET"}, {"target": "/connect/installed"}, {"target": "/connect/webhook?a=1"}]
)
def test_it_refuses_a_token_for_another_request(request_):
    assert refusal(sign(claims_for(CANONICAL)), **request_) == "auth.qsh_mismatch"


def test_the_hash_leaves_our_base_path_out():
    token = sign(claims_for(CANONICAL))
    assert verify(token, target="/bittern/connect/webhook", base_path="/bittern").client_key == ALICE_KEY


@pytest.mark.parametrize("issuer", [..., None, 1001, True, [ALICE_KEY], {"key": ALICE_KEY}])
def test_an_issuer_is_text(issuer):
    assert refused_with(iss=issuer) == "auth.claims"


@pytest.mark.parametrize(
    "issuer", ["", ALICE_KEY + " ", "' OR 1=1 --", "../x", "x\r\ny", "é", "a" * 256, "a/../b", '"', ALICE_KEY.upper()]
)
def test_an_issuer_that_cannot_be_ours_belongs_to_nobody(issuer):
    assert refusal(sign(claims_for(CANONICAL, iss=issuer))) == "auth.unknown_tenant"


@pytest.mark.parametrize("issuer", ["", ALICE_KEY + " ", "' OR 1=1 --", "x\r\ny", "\u00e9", "a" * 256, "a/../b"])
def test_an_issuer_that_cannot_be_ours_is_refused_before_anyone_looks_it_up(issuer):
    with pytest.raises(TokenRefused, match=r"auth\.unknown_tenant"):
        read_token(sign(claims_for(CANONICAL, iss=issuer)))


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,20}", fullmatch=True))
def test_no_text_raises_anything_but_a_refusal(text):
    assert refusal(text).startswith("auth.")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=6,
)
members = st.sampled_from(["alg", "typ", "iss", "aud", "iat", "exp", "nbf", "qsh", "kid"])


@given(header=st.dictionaries(members, json_values), claims=st.dictionaries(members, json_values))
def test_no_signed_content_raises_anything_but_a_refusal(header, claims):
    token = sign(claims_for(CANONICAL) | {"iss": ALICE_KEY} | claims, header=HEADER | header)
    try:
        assert verify(token).client_key == ALICE_KEY
    except TokenRefused as refused:
        assert refused.reason.startswith("auth.")  # noqa: PT017 - either outcome is right, any other exception is not
