"""What changed."""

from __future__ import annotations

import pytest

from bitbucket import diffs
from bitbucket.errors import TimedOutThere
from bitbucket.messages import Headers, Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer, text_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def sent(transport):
    return transport.last.method, transport.paths[-1]


CHANGE = {"status": "renamed", "lines_added": 2, "lines_removed": 1, "old": {"path": "a"}, "new": {"path": "b"}}


def test_changed_files_are_listed(client_over):
    added = {"status": "added", "lines_added": 5, "lines_removed": 0, "old": None, "new": {"path": "c"}}
    transport = FakeTransport(json_answer({"values": [CHANGE, added]}))
    first, second = diffs.changed_files(client_over(transport), *WHERE, "feature/x..main")
    assert (first.old.path, first.new.path, second.old) == ("a", "b", None)
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/diffstat/feature%2Fx..main")


def test_those_of_a_pull_request_are_found_through_a_redirect(client_over):
    there = f"{API}{REPOSITORY_PATH}/diffstat/x..y?topic=true"
    transport = FakeTransport(Response(302, Headers({"Location": there})), json_answer({"values": [CHANGE]}))
    (change,) = diffs.files_of_pull_request(client_over(transport), *WHERE, 7)
    assert change.status == "renamed"
    assert transport.paths == [f"{REPOSITORY_PATH}/pullrequests/7/diffstat", f"{REPOSITORY_PATH}/diffstat/x..y"]


def test_a_diff_is_streamed(client_over):
    pieces = []
    transport = FakeTransport(text_answer("diff --git", status=200))
    diffs.diff(client_over(transport), *WHERE, "a" * 40, sink=pieces.append)
    assert b"".join(pieces) == b"diff --git"
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/diff/{'a' * 40}")


def test_that_of_a_pull_request_is_streamed_through_a_redirect(client_over):
    pieces = []
    there = f"{API}{REPOSITORY_PATH}/diff/x..y"
    transport = FakeTransport(Response(302, Headers({"Location": there})), text_answer("diff", status=200))
    diffs.diff_of_pull_request(client_over(transport), *WHERE, 7, sink=pieces.append)
    assert (b"".join(pieces), transport.last.url) == (b"diff", there)


def test_one_that_is_too_large_over_there_says_so(client_over):
    with pytest.raises(TimedOutThere) as raised:
        diffs.diff(client_over(FakeTransport(json_answer({}, status=555))), *WHERE, "a..b", sink=print)
    assert not raised.value.permanent


def test_what_a_source_has_changed_since_it_parted_is_one_call(client_over):
    transport = FakeTransport(json_answer({"values": [{"status": "modified", "new": {"path": "a.py"}}]}))
    found = diffs.files_since_parting(client_over(transport), *WHERE, source="a" * 12, destination="b" * 12)
    assert [one.new.path for one in found] == ["a.py"]
    assert transport.paths == [f"{REPOSITORY_PATH}/diffstat/{'a' * 12}..{'b' * 12}"]
    assert transport.query()["topic"] == "true"
