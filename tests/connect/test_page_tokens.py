"""Page tokens: what our own pages send back, and that they and Bitbucket's tokens never stand in for each other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import TokenRefused
from connect.tokens import PageClaims, issue_page_token, read_issuer, sign_outbound, verify_inbound, verify_page_token
from tests.connect.cast import ALICE_KEY, ALICE_WORKSPACE, APP_KEY, HEADER, NOW, SECRET, claims_for, sign

KEY = "page-key-page-key-page-key-page-key"
OLDER_KEY = b"older-key-older-key-older-key-older"
CLAIMS = PageClaims(
    client_key=ALICE_KEY,
    repository_uuid="{aaaaaaaa-0000-4000-8000-0000000000a1}",
    user_uuid="{aaaaaaaa-0000-4000-8000-0000000000e1}",
    purpose="pulse",
)
PAGE_HEADER = {"alg": "HS256", "typ": "bittern-page+jwt"}
PAGE = {"purpose": "pulse", "client_key": ALICE_KEY, "repository": None, "user": None, "iat": NOW, "exp": NOW + 900}


def verify(token, *, keys=(KEY,), purpose="pulse", now=NOW):
    return verify_page_token(token, keys=keys, purpose=purpose, now=now)


def refusal(token, **arguments) -> str:
    with pytest.raises(TokenRefused) as caught:
        verify(token, **arguments)
    return caught.value.reason


def test_it_brings_back_what_it_was_issued_for():
    assert verify(issue_page_token(CLAIMS, key=KEY, now=NOW)) == CLAIMS


def test_a_page_without_repository_or_user_is_possible():
    claims = replace(CLAIMS, repository_uuid=None, user_uuid=None)
    assert verify(issue_page_token(claims, key=KEY, now=NOW)) == claims


def test_it_ends_after_a_quarter_of_an_hour():
    token = issue_page_token(CLAIMS, key=KEY, now=NOW)
    assert verify(token, now=NOW + 900) == CLAIMS
    assert refusal(token, now=NOW + 960) == "auth.expired"


def test_it_is_good_for_one_purpose():
    assert refusal(issue_page_token(CLAIMS, key=KEY, now=NOW), purpose="configure") == "auth.token_kind"


def test_an_older_key_still_verifies_while_it_is_kept():
    token = issue_page_token(CLAIMS, key=OLDER_KEY, now=NOW)
    assert verify(token, keys=[KEY, OLDER_KEY]) == CLAIMS
    assert refusal(token) == "auth.signature"
    assert refusal(token, keys=[]) == "auth.signature"


@pytest.mark.parametrize("key", ["", "short", b"x" * 31])
def test_a_short_key_signs_and_verifies_nothing(key):
    with pytest.raises(ValueError, match="at least 32 bytes"):
        issue_page_token(CLAIMS, key=key, now=NOW)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        verify(issue_page_token(CLAIMS, key=KEY, now=NOW), keys=[key])


def test_a_page_token_is_not_accepted_as_bitbucket_s():
    token = issue_page_token(CLAIMS, key=KEY, now=NOW)
    with pytest.raises(TokenRefused, match=r"auth\.token_kind"):
        read_issuer(token)
    with pytest.raises(TokenRefused, match=r"auth\.token_kind"):
        verify_inbound(token, client_key=ALICE_KEY, secret=KEY, method="GET", target="/", base_path="", now=NOW)


def test_bitbucket_s_token_is_not_accepted_from_a_page_even_under_the_same_key():
    token = sign(claims_for("GET&/&") | PAGE, secret=KEY)
    assert refusal(token) == "auth.token_kind"


def test_our_outbound_token_is_not_accepted_from_a_page():
    token = sign_outbound(app_key=APP_KEY, client_key=ALICE_KEY, secret=KEY, method="GET", url="/", now=NOW)
    assert refusal(token) == "auth.token_kind"


def test_a_session_token_signed_with_the_installation_s_secret_is_not_accepted():
    claims = {"iss": APP_KEY, "aud": [ALICE_KEY], "iat": NOW, "exp": NOW + 900, "sub": ALICE_WORKSPACE}
    assert refusal(sign(claims, secret=SECRET)) == "auth.token_kind"
    assert refusal(sign(PAGE, secret=SECRET, header=PAGE_HEADER)) == "auth.signature"


@pytest.mark.parametrize("header", [HEADER, {"alg": "HS256"}, PAGE_HEADER | {"kid": "1"}, PAGE_HEADER | {"typ": "JWT"}])
def test_its_header_is_exactly_ours(header):
    assert refusal(sign(PAGE, secret=KEY, header=header)) == "auth.token_kind"


def test_its_algorithm_is_exactly_ours():
    assert refusal(sign(PAGE, secret=KEY, header=PAGE_HEADER | {"alg": "none"})) == "auth.algorithm"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOW + 3901}, "auth.lifetime"),
        ({"iat": NOW + 61}, "auth.not_yet_valid"),
        ({"exp": "900"}, "auth.claims"),
        ({"client_key": None}, "auth.claims"),
        ({"repository": 1}, "auth.claims"),
        ({"user": ["x"]}, "auth.claims"),
        ({"purpose": None}, "auth.token_kind"),
    ],
)
def test_its_claims_are_checked_though_we_signed_them(changes, reason):
    assert refusal(sign(PAGE | changes, secret=KEY, header=PAGE_HEADER)) == reason


def test_a_changed_claim_is_noticed():
    header, _, signature = issue_page_token(CLAIMS, key=KEY, now=NOW).split(".")
    _, forged, _ = issue_page_token(replace(CLAIMS, user_uuid="{x}"), key=KEY, now=NOW).split(".")
    assert refusal(f"{header}.{forged}.{signature}") == "auth.signature"


@given(st.builds(PageClaims, st.text(), st.none() | st.text(), st.none() | st.text(), st.text()))
def test_any_claims_come_back(claims):
    token = issue_page_token(claims, key=KEY, now=NOW)
    try:
        assert verify(token, purpose=claims.purpose) == claims
    except TokenRefused as refused:
        # NUL and lone surrogates are no identifiers; they are refused on the way back, not misread.
        assert refused.reason == "auth.malformed"  # noqa: PT017
        assert "\\u0000" in json.dumps(vars_of(claims)) or "\\ud" in json.dumps(vars_of(claims))


def vars_of(claims):
    return [claims.client_key, claims.repository_uuid, claims.user_uuid, claims.purpose]
