"""Tokens: what Bitbucket's hold, and what is required of an app's."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import jwt
import pytest

from simulator.connect import signing
from simulator.connect.errors import TokenRefused, UnsignableAddress

SHARED = Path(__file__).resolve().parents[4] / "shared"
SECRET = "a secret of the tests that is long enough"
OTHER = "another secret of the tests, long enough"
NOW = 1_795_000_000


def signed(url="https://app.example/panel?r=1", *, base_url="https://app.example", method="GET"):
    return signing.sign(method=method, url=url, base_url=base_url, client_key="connection:1", secret=SECRET, now=NOW)


def claims_of(token):
    checks = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, SECRET, algorithms=["HS256"], audience="connection:1", options=checks)


def app_token(secret=SECRET, **changes):
    claims = {"iss": "bittern", "sub": "connection:1", "iat": NOW, "exp": NOW + 180, **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm="HS256")


def test_a_token_holds_exactly_what_captured_ones_hold():
    token = signed()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "iat", "exp", "qsh"}
    assert (claims["iss"], claims["aud"]) == ("connection:1", "connection:1")
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 3600)


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["installed", "uninstalled"])
def test_a_captured_token_has_the_same_claims_and_the_same_hash(kind):
    folder = SHARED / "bitbucket" / "lifecycle"
    if not folder.is_dir():
        pytest.skip("the captured calls are not beside this project")
    captured = json.loads((folder / f"{kind}.toolchain--team.json").read_text(encoding="utf-8"))
    token = captured["headers"]["Authorization"].removeprefix("JWT ")
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    url = f"https://toolchain.example/bitbucket/{'install' if kind == 'installed' else 'uninstall'}/"
    ours = signing.sign(
        method="POST",
        url=url,
        base_url="https://toolchain.example",
        client_key=claims["iss"],
        secret=SECRET,
        now=claims["iat"],
    )
    assert jwt.decode(ours, options={"verify_signature": False}) == claims


@pytest.mark.shared
def test_the_hash_agrees_with_the_published_vectors():
    path = SHARED / "bitbucket" / "lifecycle" / "jwt-qsh-vectors.json"
    if not path.is_file():
        pytest.skip("the vectors are not beside this project")
    cases = json.loads(path.read_text(encoding="utf-8"))["tests"]
    wrong = []
    for case in cases:
        token = re.search(r"[?&]jwt=([^&]+)", case["signedUrl"])
        target = signing.relative_target(case["signedUrl"], base_url="https://example.com")
        claims = jwt.decode(token[1], options={"verify_signature": False})
        if signing.query_string_hash("GET", target) != claims["qsh"]:
            wrong.append(case["name"])
    assert len(cases) > 20
    assert wrong == []


@pytest.mark.parametrize(
    ("url", "base_url", "target"),
    [
        ("https://app.example/panel?a=1", "https://app.example", "/panel?a=1"),
        ("https://app.example/ctx/panel?a=1", "https://app.example/ctx", "/panel?a=1"),
        ("https://app.example/ctxextra/panel", "https://app.example/ctx", "/ctxextra/panel"),
        ("https://app.example/ctx", "https://app.example/ctx", "/"),
        ("https://app.example", "https://app.example", "/"),
        ("https://app.example/?a=1", "https://app.example", "/?a=1"),
        ("https://other.example/x/y#part", "https://app.example/ctx", "/x/y"),
        ("https://app.example/a%2Fb/c", "https://app.example", "/a%2Fb/c"),
    ],
)
def test_the_base_urls_path_is_no_part_of_the_hash(url, base_url, target):
    assert signing.relative_target(url, base_url=base_url) == target
    assert claims_of(signed(url, base_url=base_url))["qsh"] == signing.query_string_hash("GET", target)


def test_the_token_itself_is_no_part_of_the_hash():
    assert signing.query_string_hash("GET", "/p?a=1&jwt=x.y.z") == signing.query_string_hash("GET", "/p?a=1")


def test_an_address_that_the_signer_would_misread_is_refused():
    with pytest.raises(UnsignableAddress, match="first path segment"):
        signed("https://app.example/a:b/c")
    assert signed("https://app.example/c/a:b")


def test_it_reads_who_a_token_says_it_is_from():
    assert signing.read_claims(app_token()) == signing.AppClaims("bittern", "connection:1")


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "malformed"),
        ("a.b.c", "malformed"),
        ("no token at all", "malformed"),
        (jwt.encode({"iss": "a", "sub": "b"}, None, algorithm="none"), "HS256"),
        (jwt.encode({"iss": "a", "sub": "b"}, SECRET * 2, algorithm="HS512"), "HS256"),
        (app_token(iss=None), "app key"),
        (app_token(sub=None), "clientKey"),
    ],
)
def test_it_refuses_what_says_nothing_useful(token, words):
    with pytest.raises(TokenRefused, match=words):
        signing.read_claims(token)


@pytest.mark.parametrize("name", ["iss", "sub"])
def test_it_refuses_names_that_are_no_text(name):
    body = base64.urlsafe_b64encode(json.dumps({"iss": "a", "sub": "b", name: ["x"]}).encode()).decode().rstrip("=")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    with pytest.raises(TokenRefused):
        signing.read_claims(f"{head}.{body}.AAAA")


def test_it_verifies_what_the_secret_signed():
    assert signing.verify(app_token(), secret=SECRET, now=NOW)["iss"] == "bittern"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (app_token(secret=OTHER), "signature"),
        (app_token(exp=NOW - 1), "expired"),
        (app_token(exp=None), "expired"),
        (app_token(exp="soon"), "expired|signature"),
        (app_token(exp=True), "expired"),
    ],
)
def test_it_refuses_what_another_signed_or_what_has_ended(token, words):
    with pytest.raises(TokenRefused, match=words):
        signing.verify(token, secret=SECRET, now=NOW)


def test_milliseconds_work_as_they_do_for_atlassians_own_app():
    token = app_token(iat=NOW * 1000, exp=(NOW + 180) * 1000)
    assert signing.verify(token, secret=SECRET, now=NOW)["exp"] == (NOW + 180) * 1000


def test_a_hash_is_for_one_method_and_one_address():
    claims = {"qsh": signing.query_string_hash("GET", "/2.0/user?a=1")}
    signing.check_query_string_hash(claims, method="GET", target="/2.0/user?a=1")
    for method, target in (("POST", "/2.0/user?a=1"), ("GET", "/2.0/user?a=2"), ("GET", "/2.0/users")):
        with pytest.raises(TokenRefused, match="qsh"):
            signing.check_query_string_hash(claims, method=method, target=target)
    with pytest.raises(TokenRefused, match="qsh"):
        signing.check_query_string_hash({}, method="GET", target="/2.0/user?a=1")
