"""The bridge as apps load it."""

from __future__ import annotations

import gzip
import re

import pytest

from simulator.host.bridge import VENDORED


@pytest.mark.parametrize("name", ["all.js", "all-debug.js"])
def test_apps_get_atlassians_bridge_with_its_styles_from_here(site, name):
    text = site.client.get(f"/atlassian-connect/{name}", base_url="http://127.0.0.1:7990").text
    assert 'var CDN_DOMAIN = "127.0.0.1:7990/atlassian-connect";' in text
    assert 'var CDN_URL = "http://" + CDN_DOMAIN;' in text
    assert '"connect-cdn.atl-paas.net"' not in text
    assert "var AP = (function () {" in text


def test_the_vendored_file_is_left_as_it_came():
    assert '"connect-cdn.atl-paas.net"' in (VENDORED / "iframe.js").read_text(encoding="utf-8")


def test_its_licence_lies_beside_it():
    assert "Apache License, Version 2.0" in (VENDORED / "LICENSE").read_text(encoding="utf-8")


def test_the_host_gets_its_own_half_unchanged(site):
    answer = site.client.get("/atlassian-connect/connect-host.js")
    assert answer.data == (VENDORED / "connect-host.js").read_bytes()


def test_it_is_sent_compressed_where_that_is_understood(site):
    packed = site.client.get("/atlassian-connect/all.js", headers={"Accept-Encoding": "gzip, br"})
    plain = site.client.get("/atlassian-connect/all.js")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 4
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_it_is_not_sent_again_where_it_is_known(site):
    tag = site.client.get("/atlassian-connect/all.js").headers["ETag"]
    again = site.client.get("/atlassian-connect/all.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_host_that_is_none_gets_no_script(site):
    answer = site.client.get("/atlassian-connect/all.js", headers={"Host": 'x";alert(1)//'})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "name",
    [
        "themes/atlaskit-tokens_light.css",
        "themes/atlaskit-tokens_dark.css",
        "themes/atlaskit-tokens_spacing.css",
        "surfaces.css",
        "legacy-text-colors.css",
        "connect-host.css",
    ],
)
def test_the_styles_that_it_asks_for_are_here(site, name):
    answer = site.client.get(f"/atlassian-connect/{name}", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_style_that_the_bridge_can_name_is_here(site):
    text = site.client.get("/atlassian-connect/all.js").text
    named = set(re.findall(r"CDN_URL \+ \"/([a-z-]+\.css)\"", text))
    assert named >= {"surfaces.css", "legacy-text-colors.css"}
    for name in named:
        assert site.client.get(f"/atlassian-connect/{name}", buffered=True).status_code == 200


@pytest.mark.parametrize("name", ["LICENSE", "iframe.js", "themes/nothing.css", "../site/base.css"])
def test_nothing_else_of_the_folder_is_served_as_a_style(site, name):
    assert site.client.get(f"/atlassian-connect/{name}", buffered=True).status_code == 404
