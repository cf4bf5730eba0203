"""The issue tracker, while there is one."""

from __future__ import annotations

import pytest

from bitbucket import issues
from bitbucket.errors import Gone, TooManyPages
from bitbucket.messages import Response
from bitbucket.query_language import field
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def sent(transport):
    return transport.last.method, transport.paths[-1]


ISSUE = {"id": 3, "title": "Broken", "state": "new", "kind": "bug", "priority": "major", "assignee": None}


def test_they_are_filtered_and_sorted(client_over):
    transport = FakeTransport(json_answer({"values": [ISSUE]}))
    where = field("state").is_in("new", "open") & field("assignee").equals(None)
    (issue,) = issues.issues(client_over(transport), *WHERE, where=where, sort="created_on")
    assert (issue.title, issue.priority, issue.assignee) == ("Broken", "major", None)
    query = transport.query()
    assert (query["q"], query["sort"]) == ('state IN ("new", "open") AND assignee = null', "created_on")
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/issues")


def test_reading_them_ends_somewhere(client_over):
    def endless(request):
        return json_answer({"values": [], "next": f"{API}/2.0/x?page={len(transport.requests)}"})

    transport = FakeTransport(endless, repeat=True)
    with pytest.raises(TooManyPages):
        list(issues.issues(client_over(transport), *WHERE, most_pages=3))


def test_some_of_them_come_with_the_count_of_all(client_over):
    transport = FakeTransport(json_answer({"size": 42, "values": [ISSUE]}))
    page = issues.some_issues(client_over(transport), *WHERE, pagelen=1)
    assert (page.size, page.values[0].id) == (42, 3)
    assert (transport.query()["pagelen"], "q" in transport.query()) == ("1", False)


def test_one_is_read_made_changed_and_deleted(client_over):
    transport = FakeTransport(json_answer(ISSUE), json_answer(ISSUE, status=201), json_answer(ISSUE), Response(204))
    client = client_over(transport)
    assert issues.issue(client, *WHERE, 3).kind == "bug"
    assert issues.create_issue(client, *WHERE, {"title": "Broken", "kind": "bug"}).id == 3
    assert issues.update_issue(client, *WHERE, 3, {"state": "resolved"}).id == 3
    issues.delete_issue(client, *WHERE, 3)
    assert [(request.method, request.body) for request in transport.requests] == [
        ("GET", None),
        ("POST", b'{"title":"Broken","kind":"bug"}'),
        ("PUT", b'{"state":"resolved"}'),
        ("DELETE", None),
    ]
    assert transport.paths[2:] == [f"{REPOSITORY_PATH}/issues/3"] * 2


def test_one_is_discussed(client_over):
    comment = {"id": 9, "content": {"raw": "Same here"}}
    transport = FakeTransport(
        json_answer({"values": [comment]}), json_answer(comment, status=201), json_answer(comment), Response(204)
    )
    client = client_over(transport)
    assert [one.content.raw for one in issues.comments(client, *WHERE, 3)] == ["Same here"]
    assert issues.add_comment(client, *WHERE, 3, "Same here").id == 9
    assert issues.edit_comment(client, *WHERE, 3, 9, text="Not here").id == 9
    issues.delete_comment(client, *WHERE, 3, 9)
    assert [request.method for request in transport.requests] == ["GET", "POST", "PUT", "DELETE"]
    assert transport.paths[2:] == [f"{REPOSITORY_PATH}/issues/3/comments/9"] * 2


def test_a_removed_tracker_is_gone_and_says_why(client_over):
    with pytest.raises(Gone, match="August 2026"):
        issues.some_issues(client_over(FakeTransport(json_answer({}, status=410))), *WHERE)
