"""Requests and responses as values."""

from __future__ import annotations

import dataclasses

import pytest

from bitbucket.messages import Headers, Request, Response


def test_a_header_is_found_in_any_case():
    headers = Headers({"Content-Type": "application/json"})
    assert headers["content-type"] == headers["CONTENT-TYPE"] == "application/json"
    assert "CONTENT-type" in headers
    assert "Accept" not in headers
    assert 7 not in headers


def test_headers_are_iterated_as_they_were_written():
    assert dict(Headers({"X-One": "1", "x-two": "2"})) == {"X-One": "1", "x-two": "2"}
    assert len(Headers({"X-One": "1", "x-one": "2"})) == 1


def test_setting_a_header_replaces_it_whatever_its_case():
    headers = Headers({"accept": "*/*", "X-One": "1"}).with_header("Accept", "text/plain")
    assert dict(headers) == {"X-One": "1", "Accept": "text/plain"}


def test_setting_a_header_changes_neither_headers_nor_request():
    request = Request("GET", "https://api.bitbucket.org/", Headers({"X-One": "1"}))
    changed = request.with_header("X-One", "2")
    assert (request.headers["X-One"], changed.headers["X-One"]) == ("1", "2")
    assert (changed.method, changed.url) == (request.method, request.url)


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Cookie", "Set-Cookie", "Proxy-Authorization"])
def test_no_repr_shows_a_secret(name):
    request = Request("POST", "https://api.bitbucket.org/", Headers({name: "Bearer s3cr3t"}), b"s3cr3t body")
    response = Response(200, Headers({name: "s3cr3t"}), b"s3cr3t body")
    assert "s3cr3t" not in repr(request) + repr(response) + str(request.headers)


def test_what_is_no_secret_shows():
    assert "application/json" in repr(Headers({"Accept": "application/json"}))


def test_requests_and_responses_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request("GET", "https://api.bitbucket.org/").url = "https://evil.example/"
    with pytest.raises(dataclasses.FrozenInstanceError):
        Response(200).status = 500
