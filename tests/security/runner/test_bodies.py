"""Tests of the bodies: like Bitbucket's, but for what the recipe changes."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.security.recipes.bodies import FORGED, build_payload, build_raw, is_generator, read_payload_call
from tests.security.recipes.errors import NotUnderstood


def payload(text, scope, hosts, **replaced):
    call = read_payload_call(text)
    if "value" in replaced:
        call = call.with_last_value(replaced["value"])
    return build_payload(call, scope, hosts)


def test_an_install_is_what_bitbucket_sends(scope, hosts, cast):
    body = payload("$install(A)", scope, hosts)
    assert body["clientKey"] == cast.tenant("A").client_key
    assert body["sharedSecret"] == cast.secret("A.secret")
    assert body["key"] == "example-addon"
    assert body["eventType"] == "installed"
    assert body["productType"] == "bitbucket"
    assert body["baseApiUrl"] == hosts.api_url
    assert body["principal"]["uuid"] == body["user"]["uuid"] == cast.tenant("A").workspace_uuid


@pytest.mark.parametrize(
    ("name", "secret"), [("A.secret_new", "A.secret_new"), ("attacker", "attacker"), ("app.secret", "app.secret")]
)
def test_an_install_brings_the_secret_that_is_named(name, secret, scope, hosts, cast):
    assert payload(f"$install(A, new_secret={name})", scope, hosts)["sharedSecret"] == cast.secret(secret)


def test_members_are_changed_deep_inside(scope, hosts, cast):
    body = payload("$install(A, key=other-app, principal.uuid=$B.workspace_uuid)", scope, hosts)
    assert body["key"] == "other-app"
    assert body["principal"]["uuid"] == body["user"]["uuid"] == cast.tenant("B").workspace_uuid


@pytest.mark.parametrize("value", ["", " ", 123, ["x"], None, "x\r\nSet-Cookie: a=b"])
def test_a_variant_may_be_of_any_type(value, scope, hosts):
    assert payload("$install(A, sharedSecret=)", scope, hosts, value=value)["sharedSecret"] == value


def test_a_variant_is_expanded(scope, hosts):
    body = payload("$install(A, clientKey=x)", scope, hosts, value="$repeat(a,10240)")
    assert body["clientKey"] == "a" * 10_240


def test_a_member_can_be_left_out(scope, hosts):
    assert "sharedSecret" not in payload("$install(A, without=sharedSecret)", scope, hosts)
    assert payload("$install(A, sharedSecret=null)", scope, hosts)["sharedSecret"] is None


def test_an_uninstall_carries_neither_secret_nor_actor(scope, hosts):
    body = payload("$uninstall(A)", scope, hosts)
    assert body["eventType"] == "uninstalled"
    assert not {"sharedSecret", "actor"} & set(body)


def test_a_push_is_wrapped_unless_it_is_bare(scope, hosts, cast):
    wrapped = payload("$push(A.repo_open)", scope, hosts)
    assert wrapped["event"] == "repo:push"
    assert wrapped["data"]["repository"]["uuid"] == cast.fact("A.repo_open")
    assert wrapped["data"]["repository"]["workspace"]["uuid"] == cast.fact("A.workspace_uuid")
    assert set(payload("$push(A.repo_open, envelope=bare)", scope, hosts)) == set(wrapped["data"])


def test_a_padded_push_has_the_size_to_the_byte(scope, hosts):
    assert len(json.dumps(payload("$push(A.repo_open, pad_to=262144)", scope, hosts))) == 262_144


def test_a_forged_push_says_what_no_api_says(scope, hosts):
    assert payload("$push(A.repo_open, forged=true)", scope, hosts)["data"]["repository"]["name"] == FORGED


def test_other_changes_reach_the_place_they_name(scope, hosts):
    assert payload("$push(A.repo_open, name=a\0b)", scope, hosts)["data"]["repository"]["name"] == "a\0b"
    body = payload("$push(A.repo_open, author.raw=null)", scope, hosts)
    assert body["data"]["push"]["changes"][0]["new"]["target"]["author"] == "nobody"
    body = payload("$push(A.repo_open, links.self.href=http://127.0.0.1:9/)", scope, hosts)
    assert body["data"]["repository"]["links"]["self"]["href"] == "http://127.0.0.1:9/"


@pytest.mark.parametrize("text", ["$push(A.repo_nowhere)", "$install(Q)"])
def test_somebody_unknown_is_an_error(text, scope, hosts):
    with pytest.raises(NotUnderstood):
        payload(text, scope, hosts)


def test_what_is_no_payload_is_none():
    assert read_payload_call("$pad(5)") is None
    assert read_payload_call({"setting": "x"}) is None


def test_generators_make_what_they_say(scope):
    assert len(build_raw("$pad(2097152)", scope)) == 2_097_152
    assert json.loads(build_raw("$pad(100)", scope))["padding"].startswith("x")
    assert build_raw("$nest(3)", scope) == b"[[[]]]"
    assert len(json.loads(build_raw("$keys(5)", scope))) == 5
    assert len(gzip.decompress(build_raw("$gzipbomb", scope))) == 10 * 1024 * 1024
    assert build_raw("$surrogate", scope) == b'{"repository":{"name":"\\ud800"}}'
    assert is_generator("$nest(3)")
    assert not is_generator("[]")


def test_any_other_raw_body_is_sent_as_it_stands(scope):
    assert build_raw('{"push":{"changes":[{"x":NaN}]}}', scope) == b'{"push":{"changes":[{"x":NaN}]}}'
    assert build_raw("", scope) == b""
