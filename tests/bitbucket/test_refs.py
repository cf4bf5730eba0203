"""Branches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bitbucket import refs
from bitbucket.errors import NotFound
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def test_the_newest_come_first_with_the_count_of_all(client_over):
    target = {"hash": "a" * 40, "date": "2026-11-20T10:00:00+00:00", "author": {"raw": "Bob <b@example.com>"}}
    answer = {"size": 31, "values": [{"name": "feature/one", "target": target}]}
    transport = FakeTransport(json_answer(answer))
    page = refs.newest_branches(client_over(transport), *WHERE, pagelen=5)
    assert (page.size, page.values[0].name) == (31, "feature/one")
    assert page.values[0].target.date == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert transport.paths == [f"{REPOSITORY_PATH}/refs/branches"]
    query = transport.query()
    assert (query["sort"], query["pagelen"]) == ("-target.date", "5")
    assert {"size", "next", "values.name", "values.target.date"} <= set(query["fields"].split(","))


def test_one_is_read_by_its_name(client_over):
    transport = FakeTransport(json_answer({"name": "feature/a#1", "target": {"hash": "a" * 40}}))
    assert refs.branch(client_over(transport), *WHERE, "feature/a#1").target.hash == "a" * 40
    assert transport.paths == [f"{REPOSITORY_PATH}/refs/branches/feature%2Fa%231"]


def test_one_that_is_not_there_is_not_found(client_over):
    answer = json_answer({"type": "error", "error": {"message": 'Branch "x" does not exist.'}}, status=404)
    with pytest.raises(NotFound):
        refs.branch(client_over(FakeTransport(answer)), *WHERE, "x")


def test_branches_and_tags_come_in_one_list(client_over):
    annotated = {"raw": "Bob <b@example.com>"}
    told = [
        {"type": "branch", "name": "main", "target": {"hash": "a" * 40}},
        {
            "type": "tag",
            "name": "v1",
            "target": {"hash": "a" * 40},
            "tagger": annotated,
            "date": "2026-11-20T10:00:00Z",
        },
    ]
    transport = FakeTransport(json_answer({"size": 2, "values": told}))
    page = refs.page_of_refs(client_over(transport), *WHERE)
    assert [(one.type, one.name) for one in page.values] == [("branch", "main"), ("tag", "v1")]
    assert page.values[1].tagger.raw == "Bob <b@example.com>"
    assert transport.paths == [f"{REPOSITORY_PATH}/refs"]
    query = transport.query()
    assert query["pagelen"] == "100"
    assert {"values.tagger.raw", "values.date", "values.target.repository.full_name", "next"} <= set(
        query["fields"].split(",")
    )


def test_a_tag_is_read_by_its_name(client_over):
    transport = FakeTransport(json_answer({"type": "tag", "name": "v1", "target": {"hash": "a" * 40}}))
    assert refs.tag(client_over(transport), *WHERE, "v1").target.hash == "a" * 40
    assert transport.paths == [f"{REPOSITORY_PATH}/refs/tags/v1"]
