"""Approvals, change requests, comments, tasks."""

from __future__ import annotations

import json

import pytest

from bitbucket import pull_request_reviews
from bitbucket.messages import Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


PULL_REQUEST = f"{REPOSITORY_PATH}/pullrequests/7"


COMMENT = {
    "id": 11,
    "content": {"raw": "Why?"},
    "user": {"display_name": "Bob"},
    "inline": {"path": "a.py", "from": None, "to": 3},
}


def sent(transport):
    return transport.last.method, transport.paths[-1]


class TestReviewing:
    @pytest.mark.parametrize(
        ("act", "method", "address"),
        [
            (pull_request_reviews.approve, "POST", "approve"),
            (pull_request_reviews.request_changes, "POST", "request-changes"),
        ],
    )
    def test_an_opinion_is_given_without_a_body(self, client_over, act, method, address):
        transport = FakeTransport(json_answer({"approved": True, "state": "approved", "role": "REVIEWER"}))
        assert act(client_over(transport), *WHERE, 7).role == "REVIEWER"
        assert (*sent(transport), transport.last.body) == (method, f"{PULL_REQUEST}/{address}", None)

    @pytest.mark.parametrize(
        ("act", "address"),
        [
            (pull_request_reviews.unapprove, "approve"),
            (pull_request_reviews.withdraw_changes_request, "request-changes"),
        ],
    )
    def test_an_opinion_is_taken_back(self, client_over, act, address):
        transport = FakeTransport(Response(204))
        act(client_over(transport), *WHERE, 7)
        assert sent(transport) == ("DELETE", f"{PULL_REQUEST}/{address}")


class TestDiscussing:
    def test_comments_are_read_with_their_places(self, client_over):
        answered = {"id": 12, "parent": {"id": 11}, "deleted": True, "content": {"raw": ""}}
        transport = FakeTransport(json_answer({"values": [COMMENT, answered]}))
        first, second = pull_request_reviews.comments(client_over(transport), *WHERE, 7)
        assert (first.inline.path, first.inline.from_line, first.inline.to_line) == ("a.py", None, 3)
        assert (second.parent.id, second.deleted) == (11, True)
        assert sent(transport) == ("GET", f"{PULL_REQUEST}/comments")

    def test_a_comment_is_made(self, client_over):
        transport = FakeTransport(json_answer(COMMENT, status=201))
        assert pull_request_reviews.add_comment(client_over(transport), *WHERE, 7, "Why?").id == 11
        assert (*sent(transport), transport.last.body) == (
            "POST",
            f"{PULL_REQUEST}/comments",
            b'{"content":{"raw":"Why?"}}',
        )

    def test_a_comment_is_answered(self, client_over):
        transport = FakeTransport(json_answer(COMMENT, status=201))
        pull_request_reviews.add_comment(client_over(transport), *WHERE, 7, "Because.", answers=11)
        assert json.loads(transport.last.body) == {"content": {"raw": "Because."}, "parent": {"id": 11}}

    def test_a_comment_is_edited_and_deleted(self, client_over):
        transport = FakeTransport(json_answer(COMMENT), Response(204))
        client = client_over(transport)
        pull_request_reviews.edit_comment(client, *WHERE, 7, 11, text="Why not?")
        assert (*sent(transport), transport.last.body) == (
            "PUT",
            f"{PULL_REQUEST}/comments/11",
            b'{"content":{"raw":"Why not?"}}',
        )
        pull_request_reviews.delete_comment(client, *WHERE, 7, 11)
        assert sent(transport) == ("DELETE", f"{PULL_REQUEST}/comments/11")

    def test_tasks_are_read(self, client_over):
        told = {"id": 5, "state": "UNRESOLVED", "content": {"raw": "Test it"}, "comment": {"id": 11}}
        transport = FakeTransport(json_answer({"values": [told]}))
        (task,) = pull_request_reviews.tasks(client_over(transport), *WHERE, 7)
        assert (task.state, task.content.raw, task.comment.id) == ("UNRESOLVED", "Test it", 11)
        assert sent(transport) == ("GET", f"{PULL_REQUEST}/tasks")
