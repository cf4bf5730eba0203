"""The bodies of lifecycle calls, compared with captured ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.connect.installations import Installation
from simulator.connect.payloads import as_bytes, installed_body, uninstalled_body

SHARED = Path(__file__).resolve().parents[4] / "shared" / "bitbucket" / "lifecycle"


def installation(**changes):
    values = {"client_key": "connection:1", "app_key": "bittern", "principal_uuid": "{1}", "secret": "s" * 32}
    return Installation(**{**values, **changes})


def captured(name):
    if not SHARED.is_dir():
        pytest.skip("the captured calls are not beside this project")
    return json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))["payload"]


def shape(value):
    """A JSON value with every leaf replaced by its type; the type of a null is not known."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return type(value).__name__


@pytest.mark.shared
def test_a_workspaces_install_has_every_field_of_the_captured_one_and_no_other(cast):
    body = installed_body(cast.world, installation(), cast.acme, actor=cast.alice, with_secret=True)
    assert shape(json.loads(as_bytes(body))) == shape(captured("installed.toolchain--team"))


@pytest.mark.shared
def test_a_persons_install_has_no_secret_and_no_username(cast):
    body = installed_body(cast.world, installation(), cast.dana, actor=cast.dana, with_secret=False)
    assert shape(json.loads(as_bytes(body))) == shape(captured("installed.toolchain--user"))


@pytest.mark.shared
@pytest.mark.parametrize(("principal", "name"), [("acme", "team"), ("dana", "user")])
def test_an_uninstall_has_neither_secret_nor_actor(cast, principal, name):
    body = uninstalled_body(cast.world, installation(), getattr(cast, principal))
    assert shape(json.loads(as_bytes(body))) == shape(captured(f"uninstalled.toolchain--{name}"))


@pytest.mark.shared
def test_the_captured_length_fits_how_the_body_is_written():
    body = captured("uninstalled.toolchain--team")
    assert len(as_bytes(body)) == 1555


def test_the_values_are_those_of_this_installation(cast):
    body = installed_body(cast.world, installation(), cast.acme, actor=cast.alice, with_secret=True)
    assert (body["productType"], body["eventType"], body["key"]) == ("bitbucket", "installed", "bittern")
    assert (body["clientKey"], body["sharedSecret"]) == ("connection:1", "s" * 32)
    assert (body["baseUrl"], body["baseApiUrl"]) == (cast.world.site_url, cast.world.api_url)
    assert body["actor"] == {"type": "user", "uuid": cast.alice.uuid.strip("{}"), "account_id": cast.alice.account_id}
    assert body["user"] == body["principal"]
    assert (body["principal"]["uuid"], body["principal"]["username"]) == (cast.acme.uuid, "acme")
    assert body["principal"]["type"] == "team"


def test_a_person_is_no_team(cast):
    body = installed_body(cast.world, installation(), cast.dana, actor=cast.dana, with_secret=False)
    assert body["principal"]["type"] == "user"
    assert body["principal"]["account_id"] == cast.dana.account_id


def test_links_hold_the_uuid_encoded_and_lead_to_this_bitbucket(cast):
    links = uninstalled_body(cast.world, installation(), cast.acme)["principal"]["links"]
    encoded = cast.acme.uuid.replace("{", "%7B").replace("}", "%7D")
    assert links["self"]["href"] == f"{cast.world.api_url}/2.0/teams/{encoded}"
    assert links["html"]["href"] == f"{cast.world.site_url}/{encoded}/"
