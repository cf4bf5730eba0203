"""What every answer of REST has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.rest.registration import EXTENSION

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

SHELLS = "/repositories/tidepool/shells"


def test_the_api_is_found_on_the_app(client: Client):
    assert client.http.application.extensions[EXTENSION] is client.api


def test_json_answers_say_so_and_have_an_etag(client: Client):
    first, again = client.call("GET", SHELLS), client.call("GET", SHELLS)
    assert first.content_type == "application/json; charset=utf-8"
    assert first.headers["ETag"] == again.headers["ETag"]
    assert first.headers["Cache-Control"] == "must-revalidate, max-age=0"
    assert "Authorization" in first.headers["Vary"]


def test_errors_and_empty_answers_have_an_etag_too(client: Client):
    assert client.call("GET", "/nope").headers["ETag"]
    assert client.call("DELETE", f"{SHELLS}/refs/branches/conflict").headers["ETag"]


def test_it_never_answers_304(client: Client):
    tag = client.call("GET", SHELLS).headers["ETag"]
    answer = client.http.get("/2.0" + SHELLS, headers=client.headers(client.pool.alice) | {"If-None-Match": tag})
    assert answer.status_code == 200


def test_another_world_another_etag(client: Client):
    before = client.call("GET", SHELLS).headers["ETag"]
    client.pool.shells.description = "Changed"
    assert client.call("GET", SHELLS).headers["ETag"] != before


def test_a_last_slash_makes_no_difference(client: Client):
    assert client.get(f"{SHELLS}/") == client.get(SHELLS)


@pytest.mark.parametrize(("method", "path"), [("POST", "/pullrequests/1/approve"), ("PUT", "/default-reviewers/x")])
def test_a_call_without_a_length_is_a_411(client: Client, method: str, path: str):
    answer = client.http.open(f"/2.0{SHELLS}{path}", method=method, headers=client.headers(client.pool.alice))
    assert (answer.status_code, answer.get_data(as_text=True)) == (411, "Length Required")


def test_a_length_of_zero_is_a_length(client: Client):
    client.pool.open()
    assert client.call("POST", f"{SHELLS}/pullrequests/1/approve").status_code == 200


def test_a_body_that_is_no_json_object_is_a_400(client: Client):
    for data in (b"{", b"[1]", b'"x"', b"\xff"):
        answer = client.http.post(
            f"/2.0{SHELLS}/pullrequests",
            data=data,
            headers=client.headers(client.pool.alice),
            content_type="application/json",
        )
        assert answer.status_code == 400, data


def test_an_address_that_is_there_but_not_for_this_method_is_a_405(client: Client):
    body = client.send("PUT", f"{SHELLS}/commits", {}, expect=405)
    assert body["type"] == "error"


@pytest.mark.parametrize(
    "path", ["", "/", "/teams/x", "/teams/%7Baa559944-83c9-4963-a9a8-69ac8d9cf5d2%7D", f"{SHELLS}/nope"]
)
def test_an_address_that_is_not_there_is_a_404(client: Client, path: str):
    assert client.get(path, expect=404)["error"]["message"] == "Resource not found"


@pytest.mark.parametrize(
    "path",
    ["/repositories", "/workspaces", "/user/permissions/repositories", "/user/permissions/workspaces", "/snippets"],
)
def test_what_crossed_workspaces_is_gone_even_for_nobody(client: Client, path: str):
    for who in (None, client.pool.alice):
        assert client.get(path, who=who, expect=410)["data"]["announcement_url"].endswith("#CHANGE-2770")


def test_a_wish_for_fields_reaches_every_resource(client: Client):
    assert client.get(SHELLS, fields="slug,owner.uuid") == {
        "slug": "shells",
        "owner": {"uuid": client.pool.workspace.uuid},
    }
    assert "links" not in client.get(SHELLS, fields="-links")


def test_a_wish_into_a_condensed_object_makes_it_whole(client: Client):
    client.pool.open()
    body = client.get(f"{SHELLS}/pullrequests", fields="+values.destination.repository.owner")
    (one,) = body["values"]
    assert one["destination"]["repository"]["owner"]["uuid"] == client.pool.workspace.uuid
    assert "title" in one


def test_links_lead_to_where_the_world_says_that_it_is(client: Client):
    client.pool.world.api_url = "http://127.0.0.1:1"
    assert client.get(SHELLS)["links"]["self"]["href"] == "http://127.0.0.1:1/2.0/repositories/tidepool/shells"
