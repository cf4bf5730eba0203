"""Calls: what goes out, what comes back, and what is never followed."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from bitbucket.client import BitbucketClient, Payload, encoded_query
from bitbucket.credentials import Bearer, ConnectJwt
from bitbucket.deadline import Deadline
from bitbucket.errors import (
    CircuitOpen,
    ConnectionFailed,
    ForeignHost,
    ForeignRedirect,
    Gone,
    NotFound,
    NotJson,
    NotYetReady,
    RateLimited,
    TimedOut,
    Unauthorized,
    UnexpectedRedirect,
    UnexpectedShape,
)
from bitbucket.messages import Headers, Response
from bitbucket.resources import Repository
from tests.bitbucket.cast import API, CLIENT_KEY, NOW, SECRET
from tests.bitbucket.fake_transport import FakeTransport, json_answer, text_answer


class Item(msgspec.Struct, frozen=True):
    id: int


def redirect(location, status=302):
    return Response(status, Headers({"Location": location} if location is not None else {}))


class TestGet:
    def test_it_decodes_what_was_asked_for(self, client_over):
        transport = FakeTransport(json_answer({"uuid": "{x}", "name": "moxie", "unknown": [1]}))
        repository = client_over(transport).get("/2.0/repositories/1team/moxie", Repository)
        assert (repository.name, repository.slug) == ("moxie", None)
        assert (transport.last.method, transport.last.url) == ("GET", f"{API}/2.0/repositories/1team/moxie")
        assert transport.last.headers["Accept"] == "application/json"

    def test_it_asks_for_fields(self, client_over):
        transport = FakeTransport(json_answer({}))
        client_over(transport).get("/2.0/x", Repository, params={"a": 1}, fields="+values.participants,-links")
        assert transport.last.url == f"{API}/2.0/x?a=1&fields=%2Bvalues.participants%2C-links"

    def test_another_shape_is_an_error_that_says_where(self, client_over):
        with pytest.raises(UnexpectedShape, match=r"\$\.name"):
            client_over(FakeTransport(json_answer({"name": 7}))).get("/2.0/x", Repository)

    def test_a_login_page_is_an_error(self, client_over):
        answer = Response(200, Headers({"Content-Type": "text/html"}), b"<html>Log in</html>")
        with pytest.raises(NotJson):
            client_over(FakeTransport(answer)).get("/2.0/x", Repository)

    def test_an_answer_that_is_not_ready_is_an_error(self, client_over):
        with pytest.raises(NotYetReady) as raised:
            client_over(FakeTransport(json_answer({}, status=202))).get("/2.0/x", Repository)
        assert raised.value.retry_at > NOW


class TestQueries:
    @pytest.mark.parametrize(
        ("params", "query"),
        [
            ({}, ""),
            ({"q": 'name = "a b"'}, "q=name%20%3D%20%22a%20b%22"),
            ({"fields": "+values.x"}, "fields=%2Bvalues.x"),
            ({"async": True, "draft": False}, "async=true&draft=false"),
            ({"state": ["OPEN", "MERGED"]}, "state=OPEN&state=MERGED"),
            ({"state": []}, ""),
            ({"pagelen": 50}, "pagelen=50"),
            ({"path": "ä/#&="}, "path=%C3%A4%2F%23%26%3D"),
            ({"creator.uuid": "{x}"}, "creator.uuid=%7Bx%7D"),
        ],
    )
    def test_everything_in_it_is_encoded(self, params, query):
        assert encoded_query(params) == query

    def test_a_path_with_a_query_keeps_it(self, client_over):
        client = client_over(FakeTransport())
        assert client.url_of("/2.0/x?a=1", params={"b": "2"}) == f"{API}/2.0/x?a=1&b=2"
        assert client.url_of("/2.0/x") == f"{API}/2.0/x"


class TestVerbs:
    def test_post_and_put_send_json_and_decode_the_answer(self, client_over):
        transport = FakeTransport(json_answer({"id": 1}, status=201), json_answer({"id": 2}))
        client = client_over(transport)
        assert client.post("/2.0/x", Item, payload=Payload.as_json({"title": "ä"})).id == 1
        assert client.put("/2.0/x", Item, payload=Payload.as_json([Item(3)])).id == 2
        assert [request.method for request in transport.requests] == ["POST", "PUT"]
        assert transport.requests[0].body == '{"title":"ä"}'.encode()
        assert transport.requests[0].headers["Content-Type"] == "application/json"
        assert transport.requests[1].body == b'[{"id":3}]'

    def test_a_form_is_sent_as_a_form(self, client_over):
        transport = FakeTransport(json_answer({}))
        client_over(transport).request(
            "POST", "/2.0/src", payload=Payload.as_form({"message": "a b", "files": ["x", "y"]})
        )
        assert transport.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert dict(parse_qsl(transport.last.body.decode()))["message"] == "a b"

    def test_a_call_without_a_body_has_none(self, client_over):
        transport = FakeTransport(json_answer({"id": 1}))
        client_over(transport).post("/2.0/x/approve", Item)
        assert transport.last.body is None
        assert "Content-Type" not in transport.last.headers

    @pytest.mark.parametrize("status", [200, 204])
    def test_delete_returns_nothing(self, client_over, status):
        transport = FakeTransport(Response(status))
        assert client_over(transport).delete("/2.0/x") is None
        assert transport.last.method == "DELETE"

    def test_accepted_work_is_no_error_for_a_verb_that_asks_for_it(self, client_over):
        transport = FakeTransport(json_answer({}, status=202, headers={"Location": "/2.0/task"}))
        assert client_over(transport).request("POST", "/2.0/merge").status == 202

    def test_an_unchanged_resource_is_no_error(self, client_over):
        transport = FakeTransport(Response(304))
        response = client_over(transport).request("GET", "/2.0/log", headers={"If-None-Match": '"x"'})
        assert response.status == 304
        assert transport.last.headers["If-None-Match"] == '"x"'

    def test_raw_content_goes_to_a_sink(self, client_over):
        pieces = []
        client_over(FakeTransport(text_answer("raw", status=200))).request("GET", "/2.0/src/x", sink=pieces.append)
        assert b"".join(pieces) == b"raw"

    def test_another_media_type_can_be_asked_for(self, client_over):
        transport = FakeTransport(text_answer("diff", status=200))
        assert client_over(transport).request("GET", "/2.0/diff/x", headers={"Accept": "text/plain"}).body == b"diff"
        assert transport.last.headers["Accept"] == "text/plain"


class TestErrors:
    def test_an_error_is_raised_with_what_the_server_said(self, client_over):
        answer = json_answer({"type": "error", "error": {"message": "Repository a/b not found"}}, status=404)
        with pytest.raises(NotFound, match="404 Repository a/b not found"):
            client_over(FakeTransport(answer)).get("/2.0/x", Item)

    def test_a_removed_endpoint_says_so(self, client_over):
        with pytest.raises(Gone):
            client_over(FakeTransport(json_answer({}, status=410))).get("/2.0/x", Item)

    def test_a_rate_limit_has_a_time_to_try_again(self, client_over):
        answer = text_answer("Rate limit for this resource has been exceeded", status=429)
        with pytest.raises(RateLimited) as raised:
            client_over(FakeTransport(answer)).get("/2.0/x", Item)
        assert raised.value.retry_at > NOW

    @pytest.mark.parametrize("failure", [ConnectionFailed("x"), TimedOut("x"), CircuitOpen("x")])
    def test_so_has_a_host_that_cannot_be_reached(self, client_over, failure):
        with pytest.raises(type(failure)) as raised:
            client_over(FakeTransport(failure)).get("/2.0/x", Item)
        assert raised.value.retry_at > NOW


class TestCredentials:
    class Renewable:
        """A credential whose tokens are refused until it has renewed them often enough."""

        def __init__(self):
            self.number = 1

        def authorize(self, request, *, deadline_seconds):
            return request.with_header("Authorization", f"Bearer token-{self.number}")

        def renew(self, refused):
            self.number += 1
            return True

    def test_a_refused_token_is_renewed_once(self, client_over):
        transport = FakeTransport(json_answer({}, status=401), json_answer({"id": 1}))
        assert client_over(transport, credential=self.Renewable()).get("/2.0/x", Item).id == 1
        assert [request.headers["Authorization"] for request in transport.requests] == [
            "Bearer token-1",
            "Bearer token-2",
        ]

    def test_a_second_refusal_is_final(self, client_over):
        transport = FakeTransport(json_answer({}, status=401), repeat=True)
        with pytest.raises(Unauthorized):
            client_over(transport, credential=self.Renewable()).get("/2.0/x", Item)
        assert len(transport.requests) == 2

    def test_a_credential_that_cannot_be_renewed_is_refused_at_once(self, client_over):
        transport = FakeTransport(json_answer({}, status=401), repeat=True)
        with pytest.raises(Unauthorized):
            client_over(transport, credential=Bearer("x")).get("/2.0/x", Item)
        assert len(transport.requests) == 1


class TestRedirects:
    def test_it_follows_one_on_the_pinned_host(self, client_over):
        transport = FakeTransport(
            redirect(f"{API}/2.0/repositories/a/b/diff/x..y?path=1#top"), text_answer("d", status=200)
        )
        assert client_over(transport).request("GET", "/2.0/pr/1/diff").body == b"d"
        assert transport.last.url == f"{API}/2.0/repositories/a/b/diff/x..y?path=1"

    def test_it_follows_a_relative_one(self, client_over):
        transport = FakeTransport(redirect("/2.0/there"), json_answer({"id": 1}))
        client_over(transport).get("/2.0/here", Item)
        assert transport.last.url == f"{API}/2.0/there"

    def test_the_new_address_is_signed_anew(self, client_over):
        def sign(*, client_key, secret, method, url):
            return urlsplit(url).path

        transport = FakeTransport(redirect("/2.0/there"), json_answer({"id": 1}))
        client_over(transport, credential=ConnectJwt(CLIENT_KEY, SECRET, sign=sign)).get("/2.0/here", Item)
        assert [request.headers["Authorization"] for request in transport.requests] == [
            "JWT /2.0/here",
            "JWT /2.0/there",
        ]

    @pytest.mark.parametrize(
        "location",
        [
            "http://127.0.0.1:9/steal",
            "https://evil.example/2.0/x",
            "//evil.example/2.0/x",
            "http://api.bitbucket.org/2.0/x",
            "https://api.bitbucket.org:444/2.0/x",
            "https://api.bitbucket.org@evil.example/",
            "https://api.bitbucket.org.evil.example/",
            "ftp://api.bitbucket.org/",
        ],
    )
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_it_never_follows_one_that_leaves(self, client_over, location, status):
        transport = FakeTransport(redirect(location, status))
        with pytest.raises(ForeignHost):
            client_over(transport, credential=Bearer("x")).get("/2.0/x", Item)
        assert len(transport.requests) == 1

    def test_one_that_leaves_says_where_to(self, client_over):
        with pytest.raises(ForeignRedirect) as raised:
            client_over(FakeTransport(redirect("https://media.example/download"))).request("GET", "/2.0/downloads/x")
        assert raised.value.url == "https://media.example/download"

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_it_follows_none_where_something_is_changed(self, client_over, method):
        transport = FakeTransport(redirect("/2.0/there"))
        with pytest.raises(UnexpectedRedirect):
            client_over(transport).request(method, "/2.0/x")
        assert len(transport.requests) == 1

    @pytest.mark.parametrize("location", [None, ""])
    def test_one_to_nowhere_is_an_error(self, client_over, location):
        with pytest.raises(UnexpectedRedirect):
            client_over(FakeTransport(redirect(location))).get("/2.0/x", Item)

    def test_it_follows_no_more_than_three(self, client_over):
        transport = FakeTransport(redirect("/2.0/again"), repeat=True)
        with pytest.raises(UnexpectedRedirect):
            client_over(transport).get("/2.0/x", Item)
        assert len(transport.requests) == 4


class TestDeadlines:
    def test_seconds_are_for_each_exchange(self, client_over):
        transport = FakeTransport(json_answer({"id": 1}), repeat=True)
        client = client_over(transport, deadline=7)
        client.get("/2.0/x", Item)
        client.get("/2.0/x", Item)
        assert transport.deadlines == [7, 7]

    def test_a_deadline_is_shared_by_all_calls(self, client_over, clock):
        def slow(request):
            clock.pass_seconds(1.25)
            return json_answer({"id": 1})

        transport = FakeTransport(slow, repeat=True)
        client = client_over(transport).within(Deadline(3, clock=clock.monotonic))
        client.get("/2.0/x", Item)
        client.get("/2.0/x", Item)
        client.get("/2.0/x", Item)
        with pytest.raises(TimedOut):
            client.get("/2.0/x", Item)
        assert transport.deadlines == [3, 1.75, 0.5]

    def test_redirects_and_renewals_take_from_it_as_well(self, client_over, clock):
        def slow_redirect(request):
            clock.pass_seconds(1)
            return redirect("/2.0/there")

        transport = FakeTransport(slow_redirect, json_answer({"id": 1}))
        client_over(transport).within(Deadline(3, clock=clock.monotonic)).get("/2.0/here", Item)
        assert transport.deadlines == [3, 2]


def test_no_repr_shows_a_secret(clock):
    client = BitbucketClient(FakeTransport(), Bearer("t0ken"), api_url=API, now=clock.now)
    assert "t0ken" not in repr(client) + repr(Payload.as_json({"token": "t0ken"}))
