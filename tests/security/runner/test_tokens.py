"""Tests of the tokens: right where they should be right, wrong exactly where the recipe wants it."""

from __future__ import annotations

import base64
import json

import jwt
import pytest

from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.tokens import build_token, decode_segment
from tests.security.runner.conftest import NOW

CLAIMS = {"iss": "$A.client_key", "aud": "$A.client_key", "iat": "$now", "exp": "$now+3600", "qsh": "$qsh"}


def recipe(**changes):
    return {
        "alg": "HS256",
        "signed_with": "A.secret",
        "header": {"typ": "JWT", "alg": "HS256"},
        "claims": CLAIMS,
    } | changes


def header_of(token):
    return json.loads(decode_segment(token.split(".")[0]))


def payload_of(token):
    return decode_segment(token.split(".")[1])


def is_valid(token, secret, algorithm="HS256"):
    options = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
    try:
        jwt.decode(token, secret, algorithms=[algorithm], options=options)
    except jwt.InvalidTokenError:
        return False
    return True


def test_a_plain_recipe_gives_a_token_that_an_independent_library_verifies(scope, cast):
    token = build_token(recipe(), scope)
    assert is_valid(token, cast.secret("A.secret"))
    assert json.loads(payload_of(token)) == {
        "iss": cast.tenant("A").client_key,
        "aud": cast.tenant("A").client_key,
        "iat": NOW,
        "exp": NOW + 3600,
        "qsh": "a" * 64,
    }


@pytest.mark.parametrize("signer", ["A.secret_previous", "B.secret", "attacker", "app.secret"])
def test_another_signer_is_another_secret(signer, scope, cast):
    token = build_token(recipe(signed_with=signer), scope)
    assert is_valid(token, cast.secret(signer))
    assert not is_valid(token, cast.secret("A.secret"))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_hmacs_are_really_those(algorithm, scope, cast):
    token = build_token(recipe(alg=algorithm, header={"alg": algorithm}), scope)
    assert is_valid(token, cast.secret("A.secret"), algorithm)


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "RS512"])
def test_key_pairs_sign_with_the_private_key(algorithm, scope, cast):
    token = build_token(recipe(alg=algorithm, signed_with="rsa:attacker", header={"alg": algorithm}), scope)
    assert is_valid(token, cast.rsa_public_pem, algorithm)


def test_an_hmac_with_a_public_key_is_the_confusion_of_algorithms(scope, cast):
    token = build_token(recipe(signed_with="rsa:public"), scope)
    assert token.split(".")[2] != build_token(recipe(), scope).split(".")[2]
    assert cast.rsa_public_pem.startswith(b"-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("changes", [{"signed_with": None}, {"alg": "none"}, {"alg": "NoNe"}])
def test_no_signature_is_an_empty_one(changes, scope):
    assert build_token(recipe(**changes), scope).endswith(".")


def test_the_header_is_sent_as_it_is_given(scope):
    token = build_token(recipe(header={"typ": "JWT", "alg": ["HS256"], "kid": "../../etc/passwd"}), scope)
    assert header_of(token) == {"typ": "JWT", "alg": ["HS256"], "kid": "../../etc/passwd"}


def test_a_literal_token_is_sent_as_it_is(scope):
    assert build_token({"raw": "a.b.c.d.e", "via": "query:jwt"}, scope) == "a.b.c.d.e"


def test_raw_payloads_replace_the_claims_and_are_signed(scope, cast):
    assert payload_of(build_token(recipe(raw_payload_hex="fffe"), scope)) == b"\xff\xfe"
    assert payload_of(build_token(recipe(raw_payload_repeat=["[", 3, "]"]), scope)) == b"[[[]]]"
    assert payload_of(build_token(recipe(raw_payload="[1]"), scope)) == b"[1]"
    assert decode_segment(build_token(recipe(raw_header="{}"), scope).split(".")[0]) == b"{}"


def test_a_claim_can_stand_twice_in_the_order_given(scope, cast):
    payload = payload_of(build_token(recipe(raw_payload_dup={"iss": ["$A.client_key", "$B.client_key"]}), scope))
    pairs = json.loads(payload, object_pairs_hook=list)
    assert [value for name, value in pairs if name == "iss"] == [cast.tenant("A").client_key, "connection:2002"]
    assert {name for name, _ in pairs} == set(CLAIMS)


@pytest.mark.parametrize(
    ("operation", "change"),
    [
        ("append:=", lambda token: token + "="),
        ("append:\n", lambda token: token + "\n"),
        ("prepend: ", lambda token: " " + token),
        ("empty_segment:2", lambda token: token.rpartition(".")[0] + "."),
        ("drop_segment:2", lambda token: token.rpartition(".")[0]),
        ("truncate:2", lambda token: token[:-2]),
        ("upper", str.upper),
    ],
)
def test_a_mutation_changes_what_it_says(operation, change, scope):
    assert build_token(recipe(mutate=[operation]), scope) == change(build_token(recipe(), scope))


def test_one_flipped_bit_is_one_bit_in_canonical_spelling(scope):
    before = build_token(recipe(), scope).split(".")
    after = build_token(recipe(mutate=["flip_bit:2"]), scope).split(".")
    assert before[:2] == after[:2]
    one, other = decode_segment(before[2]), decode_segment(after[2])
    assert sum((left ^ right).bit_count() for left, right in zip(one, other, strict=True)) == 1
    assert base64.urlsafe_b64encode(other).rstrip(b"=").decode() == after[2]


def test_tail_bits_are_another_spelling_of_the_same_signature(scope):
    before = build_token(recipe(), scope).split(".")[2]
    after = build_token(recipe(mutate=["tail_bits:2"]), scope).split(".")[2]
    assert before != after
    assert decode_segment(before) == decode_segment(after)


def test_the_standard_alphabet_is_used_where_it_differs(scope):
    padded = recipe(claims={**CLAIMS, "pad": "???>>>~~~"})
    before, after = build_token(padded, scope), build_token(padded | {"mutate": ["std_b64"]}, scope)
    assert before != after
    assert set("+/") & set(after)


def test_a_claim_is_edited_under_the_old_signature(scope, cast):
    after = build_token(recipe(mutate=["claim:tenant=B"]), scope)
    claims = json.loads(payload_of(after))
    assert claims["iss"] == claims["aud"] == "connection:2002"
    assert not is_valid(after, cast.secret("A.secret"))
    assert json.loads(payload_of(build_token(recipe(mutate=["claim:exp=$now+9"]), scope)))["exp"] == NOW + 9


def test_segments_can_be_swapped(scope):
    header, payload, _ = build_token(recipe(), scope).split(".")
    assert build_token(recipe(mutate=["swap_segments:0,1"]), scope).split(".")[:2] == [payload, header]


@pytest.mark.parametrize(
    "changes",
    [
        {"mutate": ["paint:red"]},
        {"signed_with": "Z.secret"},
        {"signed_with": "A.password"},
        {"alg": "XX256"},
        {"speed": 1},
    ],
)
def test_a_word_that_it_does_not_know_is_an_error(changes, scope):
    with pytest.raises(NotUnderstood):
        build_token(recipe(**changes), scope)
