"""Commits, and what builds say of them."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from bitbucket import commits
from bitbucket.resources import BuildStatus
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def sent(transport):
    return transport.last.method, transport.paths[-1]


class TestCommits:
    def test_the_newest_of_a_branch_is_one_call(self, client_over):
        commit = {
            "hash": "b" * 40,
            "date": "2026-11-20T10:00:00+00:00",
            "message": "Fix\n",
            "parents": [{"hash": "a" * 40}],
        }
        transport = FakeTransport(json_answer({"values": [commit], "next": f"{API}/2.0/x?page=8xhd"}))
        newest = commits.newest_commit(client_over(transport), *WHERE, "release/1.0")
        assert (newest.hash, newest.parents[0].hash) == ("b" * 40, "a" * 40)
        assert transport.paths == [f"{REPOSITORY_PATH}/commits/release%2F1.0"]
        assert transport.query()["pagelen"] == "1"

    def test_there_may_be_none(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        assert commits.newest_commit(client_over(transport), *WHERE, "main") is None

    def test_builds_say_what_they_think_of_one(self, client_over):
        transport = FakeTransport(
            json_answer({"size": 1, "values": [{"key": "ci", "state": "FAILED", "name": "Build 7"}]})
        )
        page = commits.build_statuses(client_over(transport), *WHERE, "b" * 40)
        assert [(status.key, status.state) for status in page.values] == [("ci", "FAILED")]
        assert transport.paths == [f"{REPOSITORY_PATH}/commit/{'b' * 40}/statuses"]

    def test_one_is_read_by_its_cut_hash(self, client_over):
        transport = FakeTransport(json_answer({"hash": "b" * 40, "message": "Fix"}))
        assert commits.commit(client_over(transport), *WHERE, "b" * 12).hash == "b" * 40
        assert transport.paths == [f"{REPOSITORY_PATH}/commit/{'b' * 12}"]

    def test_a_page_reaches_from_some_tips_to_others(self, client_over):
        transport = FakeTransport(json_answer({"values": [{"hash": "b" * 40}], "next": f"{API}/2.0/x?page=8xhd"}))
        page = commits.page_of_commits(client_over(transport), *WHERE, include=["b" * 40, "next"], exclude=["main"])
        assert ([one.hash for one in page.values], page.next) == (["b" * 40], f"{API}/2.0/x?page=8xhd")
        assert transport.paths == [f"{REPOSITORY_PATH}/commits"]
        asked = parse_qs(urlsplit(transport.last.url).query)
        assert (asked["include"], asked["exclude"]) == (["b" * 40, "next"], ["main"])
        assert asked["pagelen"] == ["100"]

    def test_a_page_of_all_of_them_names_no_ends(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        commits.page_of_commits(client_over(transport), *WHERE)
        assert not {"include", "exclude"} & transport.query().keys()

    def test_those_of_a_pull_request_come_over_all_pages(self, client_over):
        transport = FakeTransport(
            json_answer({"values": [{"hash": "b" * 40}], "next": f"{API}/2.0/x?page=2"}),
            json_answer({"values": [{"hash": "a" * 40}]}),
        )
        told = commits.commits_of_pull_request(client_over(transport), *WHERE, 7)
        assert [one.hash for one in told] == ["b" * 40, "a" * 40]
        assert transport.paths[0] == f"{REPOSITORY_PATH}/pullrequests/7/commits"

    def test_a_branch_that_looks_like_a_uuid_stays_a_branch(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        commits.newest_commit(client_over(transport), *WHERE, "21FA9BF8-b5b2-4891-97ed-d590bad0f871")
        assert transport.paths[0].endswith("/commits/21FA9BF8-b5b2-4891-97ed-d590bad0f871")


class TestBuilds:
    def test_those_of_a_pull_request_say_of_which_commit_they_are(self, client_over):
        told = {"key": "ci", "state": "FAILED", "commit": {"hash": "b" * 40}}
        transport = FakeTransport(json_answer({"size": 1, "values": [told]}))
        (status,) = commits.statuses_of_pull_request(client_over(transport), *WHERE, 7)
        assert (status.commit.hash, status.state) == ("b" * 40, "FAILED")
        assert transport.paths == [f"{REPOSITORY_PATH}/pullrequests/7/statuses"]
        assert "values.commit.hash" in transport.query()["fields"].split(",")

    STATUS = BuildStatus(key="ci/1", state="FAILED", name="Build 7", url="https://ci.example/7")

    def test_one_is_reported(self, client_over):
        transport = FakeTransport(json_answer({"key": "ci/1", "state": "FAILED"}, status=201))
        assert commits.report_build(client_over(transport), *WHERE, "a" * 40, self.STATUS).key == "ci/1"
        assert sent(transport) == ("POST", f"{REPOSITORY_PATH}/commit/{'a' * 40}/statuses/build")
        assert json.loads(transport.last.body) == {
            "key": "ci/1",
            "state": "FAILED",
            "name": "Build 7",
            "url": "https://ci.example/7",
        }

    def test_one_is_changed_by_its_key(self, client_over):
        transport = FakeTransport(json_answer({"key": "ci/1", "state": "SUCCESSFUL"}))
        commits.update_build(client_over(transport), *WHERE, "a" * 40, self.STATUS)
        assert sent(transport) == ("PUT", f"{REPOSITORY_PATH}/commit/{'a' * 40}/statuses/build/ci%2F1")
        assert "key" not in json.loads(transport.last.body)

    @pytest.mark.parametrize("send", [commits.report_build, commits.update_build])
    def test_an_unknown_state_is_not_sent(self, client_over, send):
        with pytest.raises(ValueError, match="GREEN"):
            send(client_over(FakeTransport()), *WHERE, "a" * 40, BuildStatus(key="ci", state="GREEN"))
