"""The token endpoint: what is sent there and how its answer is read."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from rich.pretty import pretty_repr

from bitbucket.answers import decode
from bitbucket.errors import GrantRefused, NotJson, RateLimited, UnexpectedShape
from bitbucket.messages import Headers, Response
from bitbucket.oauth import TokenAnswer, token_answer_from, token_endpoint, token_request
from tests.bitbucket.cast import NOW, SITE
from tests.bitbucket.fake_transport import json_answer


def test_the_endpoint_is_on_the_site_and_not_on_the_api_host():
    assert token_endpoint(SITE) == "https://bitbucket.org/site/oauth2/access_token"


def test_a_request_is_a_form():
    form = {"grant_type": "urn:bitbucket:oauth2:jwt", "scope": "repository pullrequest"}
    request = token_request(token_endpoint(SITE), form, authorization="JWT x.y.z")
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == "JWT x.y.z"
    assert parse_qs(request.body.decode()) == {name: [value] for name, value in form.items()}


@pytest.mark.parametrize("name", ["scope", "scopes"])
def test_scopes_are_read_under_either_name(name):
    answer = token_answer_from(json_answer({"access_token": "t", "expires_in": 7200, name: "account team"}), now=NOW)
    assert answer.granted_scopes() == {"account", "team"}


def test_a_token_without_scopes_has_none():
    assert token_answer_from(json_answer({"access_token": "t"}), now=NOW).granted_scopes() == frozenset()


def test_a_token_that_does_not_say_how_long_lives_an_hour():
    assert token_answer_from(json_answer({"access_token": "t"}), now=NOW).expires_in == 3600


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": ""},
        {"access_token": "with space"},
        {"access_token": "line\r\nbreak: x"},
        {"access_token": "ü"},
        {"access_token": "x" * 8193},
        {"access_token": "t", "expires_in": 0},
        {"access_token": "t", "expires_in": -1},
        {"access_token": "t", "expires_in": "soon"},
        {"access_token": 7},
        {},
    ],
)
def test_what_cannot_be_a_token_is_refused(body):
    with pytest.raises(UnexpectedShape):
        token_answer_from(json_answer(body), now=NOW)


def test_a_login_page_is_no_token():
    with pytest.raises(NotJson):
        token_answer_from(Response(200, Headers(), b"<html>"), now=NOW)


@pytest.mark.parametrize(("status", "kind"), [(400, GrantRefused), (401, GrantRefused), (429, RateLimited)])
def test_a_no_is_raised(status, kind):
    with pytest.raises(kind):
        token_answer_from(json_answer({"error": "invalid_grant"}, status=status), now=NOW)


def test_no_repr_shows_a_token():
    answer = decode(b'{"access_token": "s3cr3t", "refresh_token": "s3cr3t-too"}', TokenAnswer)
    assert "s3cr3t" not in repr(answer) + pretty_repr(answer) + str(answer)
