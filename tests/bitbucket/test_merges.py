"""Merging, at once or later."""

from __future__ import annotations

import json

import pytest

from bitbucket import merges
from bitbucket.errors import Conflict, NotYetReady, TimedOutThere, UnexpectedShape
from bitbucket.merges import MergeOptions, MergeTask
from bitbucket.messages import Headers, Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, NOW, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


PULL_REQUEST = f"{REPOSITORY_PATH}/pullrequests/7"


MERGED = {"id": 7, "state": "MERGED", "merge_commit": {"hash": "a" * 12}}


def sent(transport):
    return transport.last.method, transport.paths[-1]


def test_a_quick_merge_is_the_merged_pull_request(client_over):
    transport = FakeTransport(json_answer(MERGED))
    options = MergeOptions(message="Merge it", merge_strategy="squash", close_source_branch=True)
    assert merges.merge(client_over(transport), *WHERE, 7, options=options).state == "MERGED"
    assert sent(transport) == ("POST", f"{PULL_REQUEST}/merge")
    assert json.loads(transport.last.body) == {
        "message": "Merge it",
        "merge_strategy": "squash",
        "close_source_branch": True,
    }


def test_what_is_not_said_is_left_to_bitbucket(client_over):
    transport = FakeTransport(json_answer(MERGED))
    merges.merge(client_over(transport), *WHERE, 7)
    assert (transport.last.body, transport.query()) == (b"{}", {})


def test_a_slow_merge_is_a_task(client_over):
    location = f"{API}{PULL_REQUEST}/merge/task-status/abc-123"
    transport = FakeTransport(Response(202, Headers({"Location": location})))
    assert merges.merge(client_over(transport), *WHERE, 7, wait=False) == MergeTask(task_id="abc-123")
    assert transport.query() == {"async": "true"}


@pytest.mark.parametrize("location", ["", f"{API}/2.0/elsewhere", f"{API}/merge/task-status/", "task-status"])
def test_a_task_that_cannot_be_found_again_is_an_error(client_over, location):
    transport = FakeTransport(Response(202, Headers({"Location": location})))
    with pytest.raises(UnexpectedShape):
        merges.merge(client_over(transport), *WHERE, 7)


def test_a_task_that_goes_on_says_when_to_ask_again(client_over):
    transport = FakeTransport(json_answer({"task_status": "PENDING"}))
    with pytest.raises(NotYetReady) as raised:
        merges.merged(client_over(transport), *WHERE, 7, MergeTask(task_id="abc"))
    assert raised.value.retry_at > NOW
    assert sent(transport) == ("GET", f"{PULL_REQUEST}/merge/task-status/abc")


def test_a_task_that_is_done_is_the_merged_pull_request(client_over):
    transport = FakeTransport(json_answer({"task_status": "SUCCESS", "merge_result": MERGED}))
    assert merges.merged(client_over(transport), *WHERE, 7, MergeTask(task_id="abc")).state == "MERGED"


def test_a_task_is_asked_for_at_our_own_address(client_over):
    location = "https://evil.example/2.0/x/task-status/abc"
    transport = FakeTransport(Response(202, Headers({"Location": location})), json_answer({"task_status": "PENDING"}))
    client = client_over(transport)
    task = merges.merge(client, *WHERE, 7)
    with pytest.raises(NotYetReady):
        merges.merged(client, *WHERE, 7, task)
    assert transport.last.url.startswith(API)


def test_a_success_without_its_pull_request_is_an_error(client_over):
    transport = FakeTransport(json_answer({"task_status": "SUCCESS"}))
    with pytest.raises(UnexpectedShape):
        merges.merged(client_over(transport), *WHERE, 7, MergeTask(task_id="abc"))


@pytest.mark.parametrize(("status", "kind"), [(409, Conflict), (555, TimedOutThere)])
def test_a_merge_that_fails_says_why(client_over, status, kind):
    with pytest.raises(kind):
        merges.merge(client_over(FakeTransport(json_answer({}, status=status))), *WHERE, 7)


def test_an_unknown_strategy_is_not_sent(client_over):
    with pytest.raises(ValueError, match="octopus"):
        merges.merge(client_over(FakeTransport()), *WHERE, 7, options=MergeOptions(merge_strategy="octopus"))
