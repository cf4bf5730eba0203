"""Every operation of REST 2.0, called by its name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from bitbucket.client import Payload
from bitbucket.messages import Response
from bitbucket.operation_table import COMMON_PARAMETERS, call, operation, operations
from tests.bitbucket.cast import API
from tests.bitbucket.compile_operations import TABLE, compiled
from tests.bitbucket.fake_transport import FakeTransport, text_answer

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "bitbucket" / "openapi.json"
EVERY_OPERATION = list(operations())
UUID = "21FA9BF8-b5b2-4891-97ed-d590bad0f871"
ENCODED_UUID = "%7B21fa9bf8-b5b2-4891-97ed-d590bad0f871%7D"
AWKWARD = "feature/a #1 %ü?&"
BY_UUID = {"workspace", "repo_slug", "selected_user", "selected_user_id", "target_username", "uid"}


@pytest.fixture(scope="module")
def description():
    if not DESCRIPTION.is_file():
        pytest.skip(f"{DESCRIPTION} is not there")
    return json.loads(DESCRIPTION.read_text("utf-8"))


def test_there_are_all_331():
    methods = [one.method for one in EVERY_OPERATION]
    assert len(EVERY_OPERATION) == len({one.key for one in EVERY_OPERATION}) == 331
    assert {method: methods.count(method) for method in set(methods)} == {
        "GET": 179,
        "PUT": 48,
        "POST": 50,
        "DELETE": 54,
    }


def test_the_table_is_what_the_description_says(description):
    assert TABLE.read_text("utf-8") == compiled(description)


def value_for(name):
    """A value that has to be encoded right: a UUID where one belongs, else a name full of trouble."""
    if name in BY_UUID or name.endswith("_uuid"):
        return UUID, ENCODED_UUID
    if name == "path":
        return "docs/a b#.txt", "docs/a%20b%23.txt"
    return AWKWARD, quote(AWKWARD, safe="")


@pytest.mark.parametrize("one", EVERY_OPERATION, ids=lambda one: one.key)
def test_it_is_called_with_its_method_path_and_parameters(client_over, one):
    in_path = re.findall(r"\{([^}]+)\}", one.template)
    in_query = [parameter.name for parameter in one.parameters if parameter.place == "query"]
    expected = one.template
    for name in in_path:
        expected = expected.replace(f"{{{name}}}", value_for(name)[1])
    values = {name: value_for(name)[0] for name in in_path} | dict.fromkeys(in_query, AWKWARD)

    transport = FakeTransport(Response(200, body=b"{}"))
    payload = Payload.as_json({"a": 1}) if one.takes_body else None
    call(client_over(transport), one.key, payload, **values)

    sent = urlsplit(transport.last.url)
    assert (transport.last.method, sent.path) == (one.method, f"/2.0{expected}")
    assert parse_qs(sent.query) == {name: [AWKWARD] for name in in_query}
    assert transport.last.body == (b'{"a":1}' if one.takes_body else None)


@pytest.mark.parametrize("one", EVERY_OPERATION, ids=lambda one: one.key)
def test_its_facts_are_those_of_the_description(description, one):
    item = description["paths"][one.template]
    described = item[one.method.lower()]
    listed = {
        parameter["name"]: parameter["in"] for parameter in item.get("parameters", []) + described.get("parameters", [])
    }
    assert {parameter.name: parameter.place for parameter in one.parameters} == listed
    assert set(re.findall(r"\{([^}]+)\}", one.template)) <= listed.keys()
    assert set(one.scopes) == {scope for way in described.get("security", []) for scope in way.get("oauth2", [])}
    assert one.operation_id == described.get("operationId")


def test_an_operation_is_found_by_atlassians_name_as_well():
    assert operation("getPipelinesForRepository") is operation("GET /repositories/{workspace}/{repo_slug}/pipelines")


@pytest.mark.parametrize("name", ["", "GET /nothing", "get /user", "getEverything", "DELETE /user"])
def test_what_is_no_operation_is_refused(client_over, name):
    with pytest.raises(LookupError):
        call(client_over(FakeTransport()), name)


class TestParameters:
    def test_a_missing_one_is_named(self, client_over):
        with pytest.raises(TypeError, match="repo_slug"):
            call(client_over(FakeTransport()), "GET /repositories/{workspace}/{repo_slug}", workspace="a")

    def test_a_missing_query_parameter_is_named(self, client_over):
        with pytest.raises(TypeError, match="search_query"):
            call(client_over(FakeTransport()), "GET /workspaces/{workspace}/search/code", workspace="a")

    def test_an_unknown_one_is_named(self, client_over):
        with pytest.raises(TypeError, match="colour"):
            call(client_over(FakeTransport()), "GET /user", colour="red")

    @pytest.mark.parametrize("name", sorted(COMMON_PARAMETERS))
    def test_those_of_every_collection_are_known_everywhere(self, client_over, name):
        transport = FakeTransport(Response(200, body=b"{}"))
        call(client_over(transport), "GET /user", **{name: "x"})
        assert transport.query() == {name: "x"}

    def test_one_that_is_none_is_left_out(self, client_over):
        transport = FakeTransport(Response(200, body=b"{}"))
        call(client_over(transport), "GET /user/workspaces", sort=None, administrator=True)
        assert transport.query() == {"administrator": "true"}

    def test_lists_and_names_with_dots_are_passed_on(self, client_over):
        transport = FakeTransport(Response(200, body=b"{}"))
        values = {"workspace": "a", "repo_slug": "b", "target.ref_name": "main", "status": ["PASSED", "FAILED"]}
        call(client_over(transport), "getPipelinesForRepository", **values)
        query = parse_qs(urlsplit(transport.last.url).query)
        assert query == {"target.ref_name": ["main"], "status": ["PASSED", "FAILED"]}

    def test_numbers_are_taken(self, client_over):
        transport = FakeTransport(Response(200, body=b"{}"))
        template = "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}"
        call(client_over(transport), template, workspace="a", repo_slug="b", pull_request_id=7)
        assert transport.paths == ["/2.0/repositories/a/b/pullrequests/7"]

    def test_a_segment_may_hold_two_of_them(self, client_over):
        transport = FakeTransport(Response(200, body=b"{}"))
        template = "GET /repositories/{workspace}/{repo_slug}/issues/export/{repo_name}-issues-{task_id}.zip"
        call(client_over(transport), template, workspace="a", repo_slug="b", repo_name="x/y", task_id="7")
        assert transport.paths == ["/2.0/repositories/a/b/issues/export/x%2Fy-issues-7.zip"]

    @pytest.mark.parametrize("value", ["", ".", ".."])
    def test_one_that_leads_elsewhere_is_refused(self, client_over, value):
        with pytest.raises(ValueError, match="segment"):
            call(client_over(FakeTransport()), "GET /users/{selected_user}", selected_user=value)


class TestBodies:
    @pytest.mark.parametrize("key", ["GET /user", "DELETE /addon"])
    def test_a_verb_that_takes_none_gets_none(self, client_over, key):
        with pytest.raises(TypeError, match="no body"):
            call(client_over(FakeTransport()), key, Payload.as_json({}))

    def test_a_body_that_the_description_forgot_is_sent(self, client_over):
        transport = FakeTransport(Response(204))
        call(client_over(transport), "PUT /addon", Payload.as_json({"key": "bittern"}))
        assert transport.last.body == b'{"key":"bittern"}'

    def test_a_raw_answer_can_be_streamed(self, client_over):
        pieces = []
        transport = FakeTransport(text_answer("diff", status=200))
        key = "GET /repositories/{workspace}/{repo_slug}/diff/{spec}"
        call(client_over(transport), key, sink=pieces.append, workspace="a", repo_slug="b", spec="x..feature/y")
        assert (b"".join(pieces), transport.paths) == (b"diff", ["/2.0/repositories/a/b/diff/x..feature%2Fy"])
        assert transport.last.url.startswith(API)
