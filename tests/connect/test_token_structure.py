"""How a token is spelled: header, algorithm, alphabet, size and JSON, each with the one spelling that is accepted."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from connect.errors import TokenRefused
from connect.tokens import MAX_TOKEN_LENGTH
from tests.connect.cast import ALICE_KEY, CHARLIE_KEY, HEADER, SECRET, b64, claims_for, sign, signature
from tests.connect.verifying import CANONICAL, refusal, verify


@pytest.mark.parametrize("typ", ["JWT", "jwt", "Jwt"])
def test_the_type_is_jwt_in_any_case(typ):
    token = sign(claims_for(CANONICAL), header={"typ": typ, "alg": "HS256"})
    assert verify(token).client_key == ALICE_KEY


def test_the_type_may_be_absent():
    assert verify(sign(claims_for(CANONICAL), header={"alg": "HS256"})).client_key == ALICE_KEY


@pytest.mark.parametrize("typ", [None, "", "at+jwt", "JWS", 1, ["JWT"]])
def test_another_type_is_refused(typ):
    token = sign(claims_for(CANONICAL), header=HEADER | {"typ": typ})
    assert refusal(token) == "auth.token_header"


@pytest.mark.parametrize("member", ["kid", "jku", "x5u", "x5c", "jwk", "crit", "b64", "cty", "zip", "enc", "ALG", ""])
def test_the_header_holds_nothing_else(member):
    token = sign(claims_for(CANONICAL), header=HEADER | {member: "x"})
    assert refusal(token) == "auth.token_header"


def test_a_member_twice_in_the_header_is_refused():
    header = b'{"alg":"HS256","alg":"HS256","typ":"JWT"}'
    assert refusal(sign(claims_for(CANONICAL), header=header)) == "auth.token_header"


def test_an_odd_header_under_a_wrong_signature_is_reported_as_a_forgery():
    token = sign(claims_for(CANONICAL), header=HEADER | {"jwk": {"kty": "oct"}}, secret="mallory")
    assert refusal(token) == "auth.signature"


@pytest.mark.parametrize(
    "algorithm", ["none", "NoNe", "", "hs256", "HS256 ", "HS384", "RS256", ["HS256"], None, 256, ...]
)
def test_only_hs256_is_an_algorithm(algorithm):
    header = {name: value for name, value in (HEADER | {"alg": algorithm}).items() if value is not ...}
    assert refusal(sign(claims_for(CANONICAL), header=header)) == "auth.algorithm"


def test_the_algorithm_is_judged_before_anything_else_of_the_header():
    assert refusal(sign(claims_for(CANONICAL), header={"alg": "RS256", "kid": "x"})) == "auth.algorithm"


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", " ", "JWT a.b.c", "é.é.é", "\ud800.a.b", "a" * 8000 + "."],
)
def test_what_is_no_token_is_malformed(text):
    assert refusal(text) == "auth.malformed"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token + " ",
        lambda token: token.replace(".", " ."),
        lambda token: token.replace(".", "=.", 1),
        lambda token: token + ".",
        lambda token: token.replace("_", "/").replace("-", "+"),
        lambda token: token.replace("e", "е"),  # noqa: RUF001 - a Cyrillic letter that looks like it
    ],
)
def test_a_token_has_one_spelling(change):
    token = sign(claims_for(CANONICAL, pad="???>>>~~~"))
    assert verify(token)
    assert refusal(change(token)) == "auth.malformed"


def test_the_spare_bits_of_a_signature_are_no_second_spelling():
    token = sign(claims_for(CANONICAL))
    alphabet = urlsafe_b64encode(bytes(range(256))).decode()
    twins = [token[:-1] + last for last in sorted(set(alphabet) - {"="}) if last != token[-1]]
    assert {refusal(twin) for twin in twins} == {"auth.signature"}


def test_every_changed_character_is_noticed():
    token = sign(claims_for(CANONICAL))
    signing_input, _, _ = token.rpartition(".")
    for position, character in enumerate(signing_input):
        if character != ".":
            changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
            with pytest.raises(TokenRefused):
                verify(changed)


def test_an_emptied_signature_is_a_wrong_one():
    assert refusal(sign(claims_for(CANONICAL)).rpartition(".")[0] + ".") == "auth.signature"


@pytest.mark.parametrize("digest", ["sha384", "sha512", "sha1", "md5"])
def test_the_signature_is_made_with_sha256(digest):
    signing_input = sign(claims_for(CANONICAL)).rpartition(".")[0]
    assert refusal(f"{signing_input}.{signature(signing_input, SECRET, digest)}") == "auth.signature"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"null",
        b"1",
        b'"x"',
        b"[]",
        b"{",
        b"{}{}",
        b"{'iss': 1}",
        b'{"iss":"\x00"}',
        b'{"iss":"\\u0000"}',
        b'{"iss":"\\ud800"}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        "{}".encode("utf-16"),
    ],
)
def test_a_payload_that_is_no_plain_object_is_malformed(payload):
    assert refusal(f"{b64(json.dumps(HEADER).encode())}.{b64(payload)}.AAAA") in {"auth.malformed", "auth.too_large"}


@pytest.mark.parametrize("header", [b"", b"[]", b"null", b"{", b"\xff", b'"HS256"'])
def test_a_header_that_is_no_object_is_malformed(header):
    assert refusal(f"{b64(header)}.{b64(b'{}')}.AAAA") == "auth.malformed"


def test_a_claim_twice_is_refused():
    claims = json.dumps(claims_for(CANONICAL))
    payload = f'{{"iss": "{CHARLIE_KEY}", {claims[1:]}'.encode()
    assert refusal(sign(payload)) == "auth.claims"


def test_a_long_token_is_refused_before_it_is_decoded():
    fitting = sign(claims_for(CANONICAL, pad="x" * 5000))
    assert verify(fitting)
    assert refusal("!" * (MAX_TOKEN_LENGTH + 1)) == "auth.too_large"
    assert refusal("!" * MAX_TOKEN_LENGTH) == "auth.malformed"
