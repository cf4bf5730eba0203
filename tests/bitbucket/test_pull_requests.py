"""Pull requests of one repository: the open ones, one, and page after page of all."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from bitbucket import pull_requests
from bitbucket.errors import ForeignObject
from bitbucket.query_language import field
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, CHARLIES_REPOSITORY, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


PULL_REQUEST = f"{REPOSITORY_PATH}/pullrequests/7"


MERGED = {"id": 7, "state": "MERGED", "merge_commit": {"hash": "a" * 12}}


def user_json(number=1, **members):
    return {
        "type": "user",
        "uuid": f"{{dddddddd-0000-4000-8000-00000000000{number}}}",
        "display_name": "Bob",
        **members,
    }


def pull_request_json(number, *, repository=ALICES_REPOSITORY):
    end = {"branch": {"name": "main"}, "commit": {"hash": "a" * 12}, "repository": {"uuid": repository}}
    return {
        "id": number,
        "title": f"Change {number}",
        "state": "OPEN",
        "draft": False,
        "task_count": 2,
        "created_on": "2026-11-01T08:00:00.000000+00:00",
        "updated_on": "2026-11-02T08:00:00+01:00",
        "author": user_json(1),
        "reviewers": [user_json(2)],
        "participants": [{"user": user_json(2), "role": "REVIEWER", "approved": True, "state": "approved"}],
        "source": {**end, "branch": {"name": "feature/one"}},
        "destination": end,
    }


def sent(transport):
    return transport.last.method, transport.paths[-1]


class TestPullRequests:
    def test_the_open_ones_come_with_reviewers_and_participants(self, client_over):
        answer = {"size": 73, "next": f"{API}/2.0/x?page=2", "values": [pull_request_json(7)]}
        transport = FakeTransport(json_answer(answer))
        found = pull_requests.open_pull_requests(client_over(transport), *WHERE)
        assert (found.total, found.has_more, found.foreign_count) == (73, True, 0)
        pull_request = found.pull_requests[0]
        assert pull_request.participants[0].approved
        assert pull_request.reviewers[0].display_name == "Bob"
        assert pull_request.source.branch.name == "feature/one"
        assert pull_request.created_on == datetime(2026, 11, 1, 8, tzinfo=UTC)

    def test_they_are_asked_for_in_one_page_of_the_largest_size(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        found = pull_requests.open_pull_requests(client_over(transport), *WHERE)
        assert (found.pull_requests, found.has_more) == ((), False)
        assert transport.paths == [f"{REPOSITORY_PATH}/pullrequests"]
        query = transport.query()
        assert (query["pagelen"], query["state"], query["sort"]) == ("50", "OPEN", "created_on")
        asked = set(query["fields"].split(","))
        assert {"values.participants.state", "values.reviewers.uuid", "values.draft", "values.task_count"} <= asked

    def test_those_of_another_repository_are_dropped_and_counted(self, client_over):
        values = [pull_request_json(1), pull_request_json(2, repository=CHARLIES_REPOSITORY), pull_request_json(3)]
        found = pull_requests.open_pull_requests(client_over(FakeTransport(json_answer({"values": values}))), *WHERE)
        assert [pull_request.id for pull_request in found.pull_requests] == [1, 3]
        assert found.foreign_count == 1

    def test_one_whose_fork_was_deleted_is_kept(self, client_over):
        pull_request = pull_request_json(1)
        pull_request["source"] = {"branch": {"name": "x"}, "commit": None, "repository": None}
        pull_request["destination"]["repository"] = None
        transport = FakeTransport(json_answer({"values": [pull_request]}))
        assert len(pull_requests.open_pull_requests(client_over(transport), *WHERE).pull_requests) == 1


class TestReading:
    def test_one_is_read_with_how_it_was_closed(self, client_over):
        transport = FakeTransport(json_answer({**MERGED, "closed_by": {"display_name": "Bob"}}))
        found = pull_requests.pull_request(client_over(transport), *WHERE, 7)
        assert (found.state, found.closed_by.display_name) == ("MERGED", "Bob")
        assert sent(transport) == ("GET", PULL_REQUEST)
        assert {"reason", "merge_commit.hash"} <= set(transport.query()["fields"].split(","))

    def test_one_of_another_repository_is_refused(self, client_over):
        told = {"id": 7, "destination": {"repository": {"uuid": CHARLIES_REPOSITORY}}}
        with pytest.raises(ForeignObject):
            pull_requests.pull_request(client_over(FakeTransport(json_answer(told))), *WHERE, 7)

    def test_a_page_of_them_names_every_state(self, client_over):
        transport = FakeTransport(json_answer({"values": [MERGED]}))
        where = field("updated_on").is_over(datetime(2026, 1, 1, tzinfo=UTC))
        page = pull_requests.page_of_pull_requests(client_over(transport), *WHERE, where=where)
        query = parse_qs(urlsplit(transport.last.url).query)
        assert page.values[0].id == 7
        assert query["state"] == ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"]
        assert query["q"] == ["updated_on > 2026-01-01T00:00:00+00:00"]
        assert (query["pagelen"], query["sort"]) == (["50"], ["-updated_on"])

    def test_a_page_without_a_filter_has_none(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        pull_requests.page_of_pull_requests(client_over(transport), *WHERE, states=("MERGED",), sort="created_on")
        assert "q" not in transport.query()
        assert transport.query()["state"] == "MERGED"
