"""What the first panel reads, one call each, and the installation's own two calls."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bitbucket import addon, commits, pull_requests, refs, repositories, users, workspaces
from bitbucket.errors import BadRequest, ForeignObject, NotFound
from bitbucket.installation_calls import INSTALLATION_OPERATIONS, scopes_used
from bitbucket.messages import Response
from bitbucket.scopes import needs, scopes_of
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, CHARLIES_REPOSITORY, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

ROOT = Path(__file__).resolve().parent.parent.parent
WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


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


class TestARepository:
    def test_it_is_read_by_uuid_with_the_fields_that_are_needed(self, client_over):
        answer = {"uuid": ALICES_REPOSITORY, "slug": "moxie", "mainbranch": {"name": "main"}, "is_private": True}
        transport = FakeTransport(json_answer(answer))
        repository = repositories.repository(client_over(transport), *WHERE)
        assert (repository.slug, repository.mainbranch.name, repository.is_private) == ("moxie", "main", True)
        assert transport.paths == [REPOSITORY_PATH]
        asked = set(transport.query()["fields"].split(","))
        assert {"uuid", "mainbranch.name", "workspace.uuid", "links.html.href"} <= asked

    def test_it_is_found_without_knowing_its_workspace(self, client_over):
        transport = FakeTransport(json_answer({"uuid": ALICES_REPOSITORY}))
        repositories.repository(client_over(transport), "{}", ALICES_REPOSITORY.strip("{}"))
        assert transport.paths == ["/2.0/repositories/%7B%7D/%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"]

    def test_an_answer_about_another_one_is_refused(self, client_over):
        transport = FakeTransport(json_answer({"uuid": CHARLIES_REPOSITORY}))
        with pytest.raises(ForeignObject):
            repositories.repository(client_over(transport), *WHERE)

    def test_a_slug_is_not_good_enough(self, client_over):
        with pytest.raises(ValueError, match="UUID"):
            repositories.repository(client_over(FakeTransport()), ALICES_WORKSPACE, "moxie")


class TestBranches:
    def test_the_newest_come_first_with_the_count_of_all(self, client_over):
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

    def test_one_is_read_by_its_name(self, client_over):
        transport = FakeTransport(json_answer({"name": "feature/a#1", "target": {"hash": "a" * 40}}))
        assert refs.branch(client_over(transport), *WHERE, "feature/a#1").target.hash == "a" * 40
        assert transport.paths == [f"{REPOSITORY_PATH}/refs/branches/feature%2Fa%231"]

    def test_one_that_is_not_there_is_not_found(self, client_over):
        answer = json_answer({"type": "error", "error": {"message": 'Branch "x" does not exist.'}}, status=404)
        with pytest.raises(NotFound):
            refs.branch(client_over(FakeTransport(answer)), *WHERE, "x")


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

    def test_a_branch_that_looks_like_a_uuid_stays_a_branch(self, client_over):
        transport = FakeTransport(json_answer({"values": []}))
        commits.newest_commit(client_over(transport), *WHERE, "21FA9BF8-b5b2-4891-97ed-d590bad0f871")
        assert transport.paths[0].endswith("/commits/21FA9BF8-b5b2-4891-97ed-d590bad0f871")


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


class TestPrincipals:
    def test_a_workspace_is_read_by_uuid(self, client_over):
        transport = FakeTransport(json_answer({"uuid": ALICES_WORKSPACE.upper(), "slug": "alice"}))
        assert workspaces.workspace(client_over(transport), ALICES_WORKSPACE).slug == "alice"
        assert transport.paths == ["/2.0/workspaces/%7Baaaaaaaa-0000-4000-8000-000000000001%7D"]

    def test_a_user_is_read_by_uuid(self, client_over):
        transport = FakeTransport(json_answer(user_json(1)))
        found = users.user(client_over(transport), "DDDDDDDD-0000-4000-8000-000000000001")
        assert (found.display_name, found.is_person) == ("Bob", True)
        assert transport.paths == ["/2.0/users/%7Bdddddddd-0000-4000-8000-000000000001%7D"]

    @pytest.mark.parametrize("read", [workspaces.workspace, users.user])
    def test_an_answer_about_another_one_is_refused(self, client_over, read):
        with pytest.raises(ForeignObject):
            read(client_over(FakeTransport(json_answer({"uuid": CHARLIES_REPOSITORY}))), ALICES_WORKSPACE)


class TestTheInstallation:
    def test_it_is_updated_from_the_descriptor_address(self, client_over):
        transport = FakeTransport(Response(204))
        addon.update_addon(client_over(transport))
        assert (transport.last.method, transport.last.url, transport.last.body) == ("PUT", f"{API}/2.0/addon", b"{}")

    def test_it_is_updated_with_a_descriptor(self, client_over):
        transport = FakeTransport(Response(204))
        addon.update_addon(client_over(transport), {"key": "bittern"})
        assert json.loads(transport.last.body) == {"key": "bittern"}

    def test_what_bitbucket_has_against_a_descriptor_is_told(self, client_over):
        answer = json_answer({"type": "error", "error": {"message": "Scopes cannot be increased"}}, status=400)
        with pytest.raises(BadRequest, match="Scopes cannot be increased"):
            addon.update_addon(client_over(FakeTransport(answer)), {"key": "bittern"})

    def test_it_can_be_removed(self, client_over):
        transport = FakeTransport(Response(204))
        addon.delete_addon(client_over(transport))
        assert (transport.last.method, transport.paths) == ("DELETE", ["/2.0/addon"])


class TestScopes:
    def test_the_descriptor_asks_for_what_is_called_and_no_more(self):
        assert scopes_used() == {"account", "repository", "pullrequest"}

    def test_every_operation_declares_its_own(self):
        assert all(isinstance(operation.scopes, frozenset) for operation in INSTALLATION_OPERATIONS)

    def test_an_operation_that_declares_none_is_a_mistake(self):
        with pytest.raises(AttributeError):
            scopes_of([lambda client: None])

    def test_scopes_add_up(self):
        @needs("issue", "account")
        def one(): ...

        @needs("account")
        def other(): ...

        assert scopes_of([one, other]) == {"issue", "account"}

    def test_every_operation_that_the_service_calls_is_listed(self):
        listed = {(operation.__module__, operation.__name__) for operation in INSTALLATION_OPERATIONS}
        assert operations_called_by_the_service() <= listed


def operations_called_by_the_service():
    """(module, function) of every operation that sync, jobs, web, models or the top-level modules name."""
    modules = {operation.__module__ for operation in INSTALLATION_OPERATIONS}
    files = [path for folder in ("sync", "jobs", "web", "models") for path in (ROOT / folder).rglob("*.py")]
    called = set()
    for path in [*files, *ROOT.glob("*.py")]:
        called |= {use for use in uses_of_bitbucket(ast.parse(path.read_text("utf-8"))) if use[0] in modules}
    return {
        (module, name)
        for module, name in called
        if hasattr(getattr(__import__(module, fromlist=[name]), name, None), "scopes")
    }


def uses_of_bitbucket(tree):
    """`from bitbucket.refs import branch` and `from bitbucket import refs; refs.branch(…)` are the two ways to name one."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "bitbucket":
            aliases |= {alias.asname or alias.name: f"bitbucket.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bitbucket."):
            yield from ((node.module, alias.name) for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr
