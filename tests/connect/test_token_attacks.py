"""Known attacks on tokens, one row each, with the reason that the security log must give.

The numbers are those of the project's attack catalogue; the end-to-end runner in tests/security sends the same attacks
over HTTP. Here they meet the verifier alone, so that a failure names the check that is missing.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connect.errors import TokenRefused
from connect.tokens import read_token, verify_inbound, verify_page_token
from tests.connect.cast import (
    ALICE_KEY,
    APP_KEY,
    ATTACKER_SECRET,
    CHARLIE_KEY,
    HEADER,
    NOW,
    OLD_SECRET,
    SECRET,
    b64,
    claims_for,
    qsh,
    sign,
    signature,
)

OPEN = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
PRIVATE = "{aaaaaaaa-0000-4000-8000-0000000000a2}"
FOREIGN = "{bbbbbbbb-0000-4000-8000-0000000000b1}"
MEMBER = "{aaaaaaaa-0000-4000-8000-0000000000e1}"
ADMIN = "{aaaaaaaa-0000-4000-8000-0000000000e2}"
QUERY = [("repo_uuid", OPEN), ("user_uuid", MEMBER)]
TARGET = f"/panel/repo?{urlencode(QUERY)}"
CANONICAL = f"GET&/panel/repo&repo_uuid={quote(OPEN)}&user_uuid={quote(MEMBER)}"


def panel_claims(**changes) -> dict:
    return claims_for(CANONICAL, **changes)


def token(*, header=None, secret=SECRET, **claims) -> str:
    return sign(panel_claims(**claims), secret=secret, header=HEADER | (header or {}))


def unsigned(header: dict) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(panel_claims()).encode())}."


def signed_with_rsa() -> str:
    header = HEADER | {"alg": "RS256", "kid": "11111111-1111-1111-1111-111111111111"}
    signing_input = unsigned(header).rstrip(".")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return f"{signing_input}.{b64(key.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def signed_under(algorithm: str, digest: str) -> str:
    signing_input = unsigned(HEADER | {"alg": algorithm}).rstrip(".")
    return f"{signing_input}.{signature(signing_input, SECRET, digest)}"


def with_flipped_bit() -> str:
    head, _, tail = token().rpartition(".")
    raw = base64.urlsafe_b64decode(tail + "=")
    return f"{head}.{b64(bytes([raw[0] ^ 1]) + raw[1:])}"


def in_standard_alphabet() -> str:
    text = token(pad="???>>>~~~")
    assert set(text) & {"-", "_"}
    return text.replace("-", "+").replace("_", "/")


def with_claim_twice() -> str:
    claims = json.dumps(panel_claims())
    return sign(f'{{"iss": "{ALICE_KEY}", {claims[1:-1]}, "iss": "{CHARLIE_KEY}"}}'.encode())


def judge(text: str, *, method: str = "GET", target: str = TARGET) -> str | None:
    """The reason of the refusal, None where the token is accepted; as the web layer asks."""
    try:
        unverified = read_token(text, app_key=APP_KEY)
        if unverified.issuer != ALICE_KEY:
            return "auth.unknown_tenant"
        verify_inbound(
            unverified, client_key=ALICE_KEY, secret=SECRET, method=method, target=target, base_path="", now=NOW
        )
    except TokenRefused as refused:
        return refused.reason
    return None


SPELLINGS = {
    "TOK-03": ("..", "auth.malformed"),
    "TOK-04": ("a.b.c.d.e", "auth.malformed"),
    "TOK-06": (unsigned({"typ": "JWT", "alg": "none"}), "auth.algorithm"),
    "TOK-07": (unsigned({"typ": "JWT", "alg": "NoNe"}), "auth.algorithm"),
    "TOK-09": (token(header={"alg": ["HS256"]}), "auth.algorithm"),
    "TOK-10": (token(header={"alg": None}), "auth.algorithm"),
    "TOK-12": (signed_under("HS384", "sha384"), "auth.algorithm"),
    "TOK-13": (signed_under("HS512", "sha512"), "auth.algorithm"),
    "TOK-15": (signed_with_rsa(), "auth.algorithm"),
    "TOK-16": (token(header={"kid": "../../../etc/passwd"}), "auth.token_header"),
    "TOK-18": (token(header={"x5u": "http://169.254.169.254/"}), "auth.token_header"),
    "TOK-19": (
        token(header={"jwk": {"kty": "oct", "k": b64(ATTACKER_SECRET.encode())}}, secret=ATTACKER_SECRET),
        "auth.signature",
    ),
    "TOK-21": (token(header={"b64": False, "crit": ["b64"]}), "auth.token_header"),
    "TOK-22": (token(header={"typ": "at+jwt"}), "auth.token_header"),
    "TOK-24": (token(secret=""), "auth.signature"),
    "TOK-25": (token(secret="None"), "auth.signature"),
    "TOK-27": (token(secret=OLD_SECRET), "auth.signature"),
    "TOK-28": (with_flipped_bit(), "auth.signature"),
    "TOK-30": (token().rpartition(".")[0] + ".", "auth.signature"),
    "TOK-31": (token() + "=", "auth.malformed"),
    "TOK-33": (in_standard_alphabet(), "auth.malformed"),
    "TOK-34": (token() + "\n", "auth.malformed"),
    "TOK-34b": (" " + token(), "auth.malformed"),
    "TOK-36": (sign(b"\xff\xfe"), "auth.malformed"),
    "TOK-37": (sign(b"[" * 3000 + b"]" * 3000), "auth.malformed"),
    "TOK-39": (with_claim_twice(), "auth.claims"),
    "TOK-40": (token(x="a" * 1_000_000), "auth.too_large"),
}

CLAIMS = {
    "CLM-01": ({"exp": ...}, "auth.claims"),
    "CLM-03": ({"iss": ...}, "auth.claims"),
    "CLM-04": ({"qsh": ...}, "auth.qsh_missing"),
    "CLM-09": ({"qsh": None}, "auth.qsh_mismatch"),
    "CLM-10": ({"qsh": True}, "auth.qsh_mismatch"),
    "CLM-11": ({"qsh": "context-qsh"}, "auth.qsh_mismatch"),
    "CLM-12": ({"qsh": qsh(CANONICAL).upper()}, "auth.qsh_mismatch"),
    "CLM-13": ({"qsh": qsh(CANONICAL)[:32]}, "auth.qsh_mismatch"),
    "CLM-15": ({"iat": NOW - 31_536_300, "exp": NOW - 31_536_000}, "auth.expired"),
    "CLM-16": ({"exp": NOW + 315_360_000}, "auth.lifetime"),
    "CLM-18": ({"iat": NOW + 3600, "exp": NOW + 3780}, "auth.not_yet_valid"),
    "CLM-19": ({"nbf": NOW + 3600}, "auth.not_yet_valid"),
    "CLM-21": ({"exp": str(NOW + 180)}, "auth.claims"),
    "CLM-22": ({"exp": 1e308}, "auth.claims"),
    "CLM-24": ({"iss": [ALICE_KEY]}, "auth.claims"),
    "CLM-25": ({"iss": 1001}, "auth.claims"),
    "CLM-27": ({"iss": ALICE_KEY + " ", "aud": ALICE_KEY + " "}, "auth.unknown_tenant"),
    "CLM-28": ({"iss": ALICE_KEY.upper(), "aud": ALICE_KEY.upper()}, "auth.unknown_tenant"),
    "CLM-30": ({"iss": "' OR 1=1 --"}, "auth.unknown_tenant"),
    "CLM-31": ({"iss": APP_KEY, "aud": ..., "sub": ALICE_KEY}, "auth.token_kind"),
    "CLM-33": ({"aud": ...}, "auth.audience"),
    "CLM-34": ({"aud": CHARLIE_KEY}, "auth.audience"),
    "CLM-36": ({"sub": ADMIN}, None),
    "CLM-37": ({"sub": {"$ne": 1}}, None),
    "CTL-01": ({}, None),
    "CTL-12": ({"iat": NOW - 3650, "exp": NOW - 50}, None),
    "CTL-13": ({"iat": NOW + 50, "exp": NOW + 3650}, None),
    "CTL-15": ({"context": {"x": "\U0001f600"}}, None),
    "CTL-16": ({"aud": [ALICE_KEY]}, None),
}

REQUESTS = {
    "QSH-01": ("GET", [("repo_uuid", PRIVATE), ("user_uuid", MEMBER)]),
    "QSH-03": ("GET", [*QUERY, ("admin", "1")]),
    "QSH-04": ("GET", []),
    "QSH-06": ("GET", [("repo_uuid", FOREIGN), *QUERY]),
    "QSH-07": ("GET", [*QUERY, ("Repo_UUID", FOREIGN)]),
    "QSH-07b": ("GET", [*QUERY, ("repo_uuid[]", FOREIGN)]),
    "QSH-07c": ("GET", [*QUERY, ("repo_uuid\0", FOREIGN)]),
    "QSH-13": ("POST", QUERY),
    "QSH-18": ("GET", [("repo_uuid", quote(OPEN)), ("user_uuid", MEMBER)]),
}


@pytest.mark.parametrize(("text", "reason"), SPELLINGS.values(), ids=SPELLINGS)
def test_it_refuses_the_forgery(text, reason):
    assert judge(text) == reason


@pytest.mark.parametrize(("changes", "reason"), CLAIMS.values(), ids=CLAIMS)
def test_it_judges_the_claims(changes, reason):
    assert judge(token(**changes)) == reason


@pytest.mark.parametrize(("method", "query"), REQUESTS.values(), ids=REQUESTS)
def test_it_refuses_the_changed_request(method, query):
    assert judge(token(), method=method, target=f"/panel/repo?{urlencode(query)}") == "auth.qsh_mismatch"


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/config?" + urlencode(QUERY)), ("POST", "/installed"), ("POST", "/uninstalled"), ("POST", "/webhook")],
    ids=["QSH-09", "QSH-10", "QSH-11", "QSH-12"],
)
def test_it_refuses_a_panel_s_token_elsewhere(method, target):
    assert judge(token(), method=method, target=target) == "auth.qsh_mismatch"


@pytest.mark.parametrize("target", ["/uninstalled", "/webhook"], ids=["CLM-06", "CLM-07"])
def test_it_refuses_a_token_without_hash_on_every_call(target):
    assert judge(token(qsh=...), method="POST", target=target) == "auth.qsh_missing"


def test_it_accepts_parameters_in_any_order_and_spelling():
    query = "z=&repo_uuid=%7baaaaaaaa-0000-4000-8000-0000000000a1%7D&user_uuid={aaaa}&q=a+b%2Bc~d*%C3%A9%25"
    canonical = (
        "GET&/panel/repo&q=a%20b%2Bc~d%2A%C3%A9%25&repo_uuid=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"
        "&user_uuid=%7Baaaa%7D&z="
    )
    assert judge(sign(claims_for(canonical)), target=f"/panel/repo?{query}") is None


def test_it_refuses_a_session_token_under_the_installation_s_secret():
    text = token(iss=APP_KEY, aud=[ALICE_KEY], qsh=..., sub=ADMIN)
    with pytest.raises(TokenRefused, match=r"auth\.token_kind"):
        verify_page_token(text, keys=[SECRET], purpose="summary", now=NOW)
