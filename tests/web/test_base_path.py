"""A public address with a path: routes, links and signatures, whether the proxy takes the path away or not."""

import re

import pytest

from tests.web.signing import token

PANEL = "/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"


@pytest.fixture
def client(make_app):
    return make_app(base_url="https://example.com/tools/bittern").test_client()


@pytest.mark.parametrize("prefix", ["", "/tools/bittern"])
def test_a_signed_page_is_found_and_verified_with_and_without_the_path(client, alice, prefix):
    # Bitbucket leaves the base path out of the hash.
    answer = client.get(f"{prefix}{PANEL}&jwt={token('GET', PANEL)}")

    assert answer.status_code == 200


@pytest.mark.parametrize("prefix", ["", "/tools/bittern"])
def test_every_address_in_a_page_has_the_public_path(client, prefix):
    page = client.get(f"{prefix}/").get_data(as_text=True)

    addresses = re.findall(r'(?:href|src|hx-get)="(/[^"]*)"', page)
    assert addresses
    assert all(address.startswith("/tools/bittern/") for address in addresses)


def test_the_descriptor_names_paths_without_it_because_bitbucket_appends_them(client):
    descriptor = client.get("/tools/bittern/atlassian-connect.json").json

    assert descriptor["baseUrl"] == "https://example.com/tools/bittern"
    assert descriptor["lifecycle"]["installed"] == "/connect/installed"


def test_a_path_that_only_begins_like_it_is_another_one(client):
    assert client.get("/tools/bitternest/healthz").status_code == 404
