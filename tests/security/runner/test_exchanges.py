"""Tests of the requests: our paths and names, the token where `via` says, the hash of what is signed."""

from __future__ import annotations

import json

import jwt
import pytest
from atlassian_jwt.url_utils import hash_url

from tests.security.recipes.errors import NotUnderstood
from tests.security.runner.conftest import NOW

CLAIMS = {"iss": "$A.client_key", "aud": "$A.client_key", "iat": "$now", "exp": "$now+3600", "qsh": "$qsh"}
PANEL = {
    "method": "GET",
    "path": "/panel/repo",
    "query": [["repo_uuid", "$A.repo_open"], ["user_uuid", "$A.user_member"]],
}
OUR_PANEL = (
    "/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"
    "&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"
)


def entry(request=None, token=None, **members):
    return {"id": "T-1", "target": "panel", "request": request or PANEL, "token": token, **members}


def token(via="query:jwt", **changes):
    return {"alg": "HS256", "signed_with": "A.secret", "claims": CLAIMS, "via": via} | changes


def claims_of(exchange):
    return jwt.decode(exchange.token, options={"verify_signature": False})


def test_paths_and_parameters_are_ours(composer):
    exchange = composer.compose(entry())
    assert (exchange.method, exchange.target) == ("GET", OUR_PANEL)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("/installed", "/connect/installed"),
        ("/health", "/healthz"),
        ("/console", "/console"),
        ("/static/..%2f..%2fx", "/static/..%2f..%2fx"),
    ],
)
def test_only_known_paths_are_translated(theirs, ours, composer):
    assert composer.compose(entry({"method": "GET", "path": theirs, "query": []})).target == ours


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Repo_UUID", "Repository"),
        ("REPO_UUID", "REPOSITORY"),
        ("repo_uuid[]", "repository%5B%5D"),
        ("repo_uuid%00", "repository%00"),
        ("admin", "admin"),
    ],
)
def test_other_spellings_of_a_parameter_stay_other_spellings(theirs, ours, composer):
    exchange = composer.compose(entry({"method": "GET", "path": "/panel/repo", "query": [[theirs, "1"]]}))
    assert exchange.target == f"/panels/repository?{ours}=1"


def test_values_are_encoded_once_and_doubly_encoded_ones_twice(composer):
    query = [["z", ""], ["q", "a b+c~d*é%"], ["r", "$pct($A.repo_open)"]]
    target = composer.compose(entry({"method": "GET", "path": "/p", "query": query})).target
    assert target.startswith("/p?z=&q=a%20b%2Bc~d%2A%C3%A9%25&r=%257Baaaa")


def test_a_token_in_the_query_is_hashed_without_itself(composer):
    exchange = composer.compose(entry(token=token()))
    assert exchange.target == f"{OUR_PANEL}&jwt={exchange.token}"
    assert claims_of(exchange)["qsh"] == hash_url("GET", OUR_PANEL)


def test_the_hash_is_of_the_signed_request_where_one_is_given(composer):
    signed = {"method": "POST", "path": "/installed", "query": []}
    exchange = composer.compose(entry(token=token(signed_request=signed)))
    assert claims_of(exchange)["qsh"] == hash_url("POST", "/connect/installed")


@pytest.mark.parametrize(
    ("via", "header", "value"),
    [
        ("header", "Authorization", "JWT {}"),
        ("header:Bearer", "Authorization", "Bearer {}"),
        ("cookie:jwt", "Cookie", "jwt={}"),
        ("cookie:session", "Cookie", "session={}"),
    ],
)
def test_a_token_travels_where_via_says(via, header, value, composer):
    exchange = composer.compose(entry(token=token(via)))
    assert exchange.header(header) == value.format(exchange.token)
    assert "jwt=" not in exchange.target


def test_both_ways_carry_the_same_token(composer):
    exchange = composer.compose(entry(token=token("both")))
    assert exchange.header("Authorization") == f"JWT {exchange.token}"
    assert exchange.target.endswith(f"jwt={exchange.token}")


def test_a_form_carries_it_in_the_body(composer):
    exchange = composer.compose(entry(token=token("form:jwt")))
    assert exchange.body == f"jwt={exchange.token}".encode()


def test_two_different_tokens_can_travel_at_once(composer, cast):
    request = PANEL | {"headers": {"Authorization": "JWT $token(B)"}}
    exchange = composer.compose(entry(request, token()))
    other = exchange.header("Authorization").removeprefix("JWT ")
    assert jwt.decode(other, options={"verify_signature": False})["iss"] == cast.tenant("B").client_key
    assert other != exchange.token


def test_a_session_is_the_services_own_token(composer):
    exchange = composer.compose(entry(token={"session": "A.user_member", "via": "header"}))
    assert exchange.header("Authorization") == "Bearer session.of.A.user_member"


def test_a_body_is_json_with_a_length_unless_the_recipe_says_otherwise(composer):
    request = {
        "method": "POST",
        "path": "/webhook",
        "json": "$push(A.repo_open)",
        "headers": {"X-Request-UUID": "$uuid"},
    }
    exchange = composer.compose(entry(request))
    sent = exchange.encode("127.0.0.1:1").decode()
    assert exchange.header("Content-Type") == "application/json"
    assert f"Content-Length: {len(exchange.body)}\r\n" in sent
    assert json.loads(exchange.body)["event"] == "repo:push"
    plain = composer.compose(entry(request | {"headers": {"Content-Type": "text/plain"}}))
    assert plain.header("Content-Type") == "text/plain"


def test_raw_bodies_go_before_json(composer):
    request = {"method": "POST", "path": "/webhook", "json": "$push(A.repo_open)"}
    assert composer.compose(entry(request | {"raw": "[]"})).body == b"[]"
    assert composer.compose(entry(request | {"raw_hex": "fffe7b00"})).body == b"\xff\xfe{\0"
    assert composer.compose(entry({"method": "POST", "path": "/installed", "raw": ""})).body == b""


def test_a_stream_has_no_length(composer):
    exchange = composer.compose(entry({"method": "POST", "path": "/webhook", "raw": "$stream(100000)"}))
    sent = exchange.encode("h")
    assert b"Transfer-Encoding: chunked" in sent
    assert b"Content-Length" not in sent
    assert sent.endswith(b"0\r\n\r\n")


def test_parameters_can_be_repeated_with_numbers(composer):
    request = {"method": "GET", "path": "/panel/repo", "query": [["p#n", "1"]]}
    target = composer.compose(entry(request, repeat_params=3)).target
    assert target == "/panels/repository?p0=1&p1=1&p2=1"


def test_raw_http_is_sent_byte_for_byte_at_our_address(composer):
    raw = "POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\tidentity\r\n\r\nGET /config HTTP/1.1\r\n\r\n"
    sent = composer.compose(entry({"raw_http": raw})).encode("h").decode()
    assert sent == raw.replace("/webhook", "/connect/webhook").replace("/config", "/pages/configure")


def test_a_host_header_of_the_recipe_is_the_only_one(composer):
    request = {"method": "GET", "path": "/descriptor.json", "headers": {"Host": "evil.test"}}
    sent = composer.compose(entry(request)).encode("127.0.0.1:1").decode()
    assert sent.count("Host:") == 1
    assert "Host: evil.test" in sent


def test_one_moment_gives_one_token(composer):
    assert composer.compose(entry(token=token())).token == composer.compose(entry(token=token())).token
    assert claims_of(composer.compose(entry(token=token())))["iat"] == NOW


@pytest.mark.parametrize(
    "broken", [entry(PANEL | {"speed": 1}), entry(token=token("pigeon")), entry(token={"raw": "x", "colour": "red"})]
)
def test_a_word_that_it_does_not_know_is_an_error(broken, composer):
    with pytest.raises(NotUnderstood):
        composer.compose(broken)
