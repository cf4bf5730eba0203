"""What we send: outbound tokens, and the Authorization header in which tokens travel."""

from __future__ import annotations

import jwt
import pytest

from connect.errors import TokenRefused
from connect.tokens import read_authorization, read_issuer, sign_outbound
from tests.connect.cast import ALICE_KEY, APP_KEY, HEADER, NOW, SECRET, claims_for, sign
from tests.connect.verifying import CANONICAL, refusal


def test_our_own_outbound_token_is_worthless_inbound():
    token = outbound(url="/connect/webhook")
    with pytest.raises(TokenRefused, match=r"auth\.token_kind"):
        read_issuer(token, app_key=APP_KEY)
    assert refusal(token, client_key=APP_KEY) == "auth.audience"


def outbound(**changes) -> str:
    arguments = {
        "app_key": APP_KEY,
        "client_key": ALICE_KEY,
        "secret": SECRET,
        "method": "POST",
        "url": "https://api.bitbucket.org/2.0/addon?b=2&a=1",
        "now": NOW,
    }
    return sign_outbound(**arguments | changes)


def test_an_outbound_token_says_what_bitbucket_expects():
    assert jwt.get_unverified_header(outbound()) == HEADER
    options = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(outbound(), SECRET, algorithms=["HS256"], options=options) == {
        "iss": APP_KEY,
        "sub": ALICE_KEY,
        "iat": NOW,
        "exp": NOW + 180,
        "qsh": claims_for("POST&/2.0/addon&a=1&b=2")["qsh"],
    }


def test_an_outbound_token_is_not_signed_with_nothing():
    with pytest.raises(ValueError, match="empty secret"):
        outbound(secret="")


def test_the_issuer_is_read_without_a_secret():
    assert read_issuer(sign(claims_for(CANONICAL), secret="whoever")) == ALICE_KEY


def test_no_header_is_no_token():
    assert read_authorization(None) is None


def test_the_scheme_is_exactly_jwt():
    assert read_authorization("JWT a.b.c") == "a.b.c"
    assert read_authorization("JWT  a.b.c") == " a.b.c"  # refused as malformed: no second spelling


@pytest.mark.parametrize(
    "header", ["", "JWT", "a.b.c", "Bearer a.b.c", "jwt a.b.c", "Basic JWT", " JWT a.b.c", "JWT\ta"]
)
def test_a_header_of_another_scheme_is_a_failed_attempt(header):
    with pytest.raises(TokenRefused, match=r"auth\.missing"):
        read_authorization(header)
