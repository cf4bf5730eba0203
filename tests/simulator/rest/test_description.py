"""REST against Atlassian's own description: every operation served is in it, needs its scopes, answers in its schemas.

What differs on purpose stands in DIFFERENCES, each with its source. The description is older in places than the recorded
answers, which count more; and it forbids keys that its own server sends.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from simulator.rest.resources import ROUTES
from simulator.world import actions
from simulator.world.groups import create_group
from simulator.world.model import Deployment, Environment, Inline
from tests.simulator.tidepool import SPIRAL, Client, Tidepool

if TYPE_CHECKING:
    from simulator.rest.routes import Route

DESCRIPTION = Path(__file__).resolve().parents[3].parent / "shared" / "bitbucket" / "openapi.json"

pytestmark = pytest.mark.shared

# Served, and not described: recorded in commit-046d...-statuses-build.jenkins-branch-source.json.
UNDESCRIBED = {("GET", "/repositories/{}/{}/commit/{}/statuses/build")}
# Scopes that are not asked for, since nobody gets as far: error-gone-410.thread.json answers to all alike.
GONE = {"/repositories", "/workspaces", "/user/permissions/repositories", "/user/permissions/workspaces", "/snippets"}
# Statuses that the description does not list.
STATUSES = {
    **{("GET", address): 410 for address in GONE},  # error-gone-410.thread.json
    ("GET", "/repositories/{}/{}/src"): 302,  # the operation's own text: "redirects the client"
    ("GET", "/user/emails"): 200,  # described as "default"
    ("GET", "/user/emails/{}"): 200,
}

# (path of the value, what the schema says of it) -> why we differ.
DIFFERENCES = {
    (r".*", r"null is not of type.*"): "nothing is null in recorded answers where the description knows no null",
    (r".*links.*", r"Additional properties.*"): "recorded answers have links that the description leaves out",
    (
        r".*(summary|rendered/.*|content|message)",
        r"Additional properties.*\('type' was.*",
    ): "recorded with type rendered",
    (r".*(source|destination)/commit", r"Additional properties.*'links', 'type'.*"): "pullrequests-pagelen-50, 2026",
    (r".*merge_commit", r"Additional properties.*'links', 'type'.*"): "pullrequest.gildas.json",
    (r".*source/branch", r"Additional properties.*"): "pullrequest-updated.jenkins-branch-source.json, 2026",
    (r".*clone/\d+/href", r".*is not a \"uri\""): "git@host:path is recorded in repository-full.jenkins-branch-source",
    (r".*attributes", r"\[\] is not.*"): "a list in src-fb522a6...-script-bat-format-meta.jenkins-branch-source.json",
    (
        r"(values/\d+)?",
        r"Additional properties.*'(id|links|content)'.*",
    ): "tasks: the schema joins closed schemas by allOf",
    (r"(values/\d+/)?(repository|workspace)", r"Additional properties.*\('links' was.*"): "as recorded",
}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    if not DESCRIPTION.is_file():
        pytest.skip("the description is not at hand")
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return loaded


def skeleton(address: str) -> str:
    """An address with its parameters made nameless; ours take commit and path of a file together."""
    bare = re.sub(r"[<{][^>}]*[>}]", "{}", address)
    return {
        "/repositories/{}/{}/src/{}": "/repositories/{}/{}/src/{}/{}",
        "/repositories/{}/{}/filehistory/{}": "/repositories/{}/{}/filehistory/{}/{}",
    }.get(bare, bare)


def operations(description: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for address, methods in description["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "put", "post", "delete"}:
                found[method.upper(), skeleton(address)] = operation
    return found


def scopes(operation: dict[str, Any]) -> set[str]:
    security = operation.get("security") or [{}]
    return set(security[0].get("oauth2", []))


class TestAddresses:
    def test_all_that_is_served_is_described(self, description: dict[str, Any]):
        served = {(route.method, skeleton(route.address)) for route in ROUTES}
        assert served - set(operations(description)) == UNDESCRIBED

    def test_no_operation_is_served_twice(self):
        counted = Counter((route.method, skeleton(route.address)) for route in ROUTES)
        assert [key for key, count in counted.items() if count > 1] == []

    def test_so_much_of_it_is_served(self, description: dict[str, Any]):
        """A floor: what was once served stays served."""
        assert len({(route.method, skeleton(route.address)) for route in ROUTES}) >= 170

    def test_each_needs_the_described_scopes(self, description: dict[str, Any]):
        described = operations(description)
        wrong = {}
        for route in ROUTES:
            key = (route.method, skeleton(route.address))
            wanted = {route.scope} if isinstance(route.scope, str) else set(route.scope or ())
            if key in described and key[1] not in GONE and wanted != scopes(described[key]):
                wrong[key] = (wanted, scopes(described[key]))
        assert wrong == {}


class Stand:
    """A tidepool in which every address of ours leads to something, and what to put into the addresses."""

    def __init__(self, client: Client) -> None:
        pool = client.pool
        self.client = client
        self.pull_request = pool.open()
        self._fill(pool)
        comment = next(iter(self.pull_request.comments.values()))
        self.parts = {
            "workspace": "tidepool", "slug": "shells", "number": "1", "commit": self.tip, "selected": pool.bob.uuid,
            "member": pool.bob.uuid, "path:name": "main", "path:revision": "main", "path:key": "ci", "key": "POOL",
            "path:spec": f"{SPIRAL}..main", "path:revspec": f"{SPIRAL}..main", "path:rest": "main/README.md",
            "email": "alice@tidepool.example", "environment_uuid": self.environment.uuid, "subject": "repository",
            "deployment_uuid": pool.shells.deployments[0].uuid, "task_id": str(next(iter(self.pull_request.tasks))),
            "comment_id": str(comment.id), "uid": self.hook, "app_key": "bittern", "name": "colour",
            "group": "the-divers",
        }  # fmt: skip

    def _fill(self, pool: Tidepool) -> None:
        world, shells = pool.world, pool.shells
        self.tip = shells.git.branches()["main"]
        place = Inline("src/spiral.py", None, 1)
        comment = actions.comment(world, self.pull_request, actor=pool.alice, text="Hm", inline=place)
        actions.comment(world, self.pull_request, actor=pool.bob, text="So", parent=comment.id)
        actions.resolve_comment(world, self.pull_request, comment.id, actor=pool.bob)
        task = actions.add_task(world, self.pull_request, actor=pool.alice, text="x", comment_id=comment.id)
        actions.update_task(world, self.pull_request, task.id, actor=pool.bob, resolved=True)
        actions.request_changes(world, self.pull_request, actor=pool.erin)
        actions.approve(world, self.pull_request, actor=pool.alice)
        for commit in ("main", SPIRAL):
            actions.set_build_status(
                world, shells, actor=pool.kelp, commit=commit, key="ci", state="FAILED", url="https://x"
            )
        self.commit_comment = actions.comment_on_commit(world, shells, self.tip, actor=pool.alice, text="Hm")
        actions.fork_repository(world, shells, actor=pool.alice, workspace=pool.workspace, name="fork")
        shells.default_reviewers.append(pool.bob)
        shells.permissions[pool.alice.uuid] = "admin"
        shells.group_privileges[create_group(pool.workspace, "The Divers")] = "read"
        shells.branching_model.has_production = True
        shells.has_issues = True
        for names in (shells.issue_tracker.components, shells.issue_tracker.milestones, shells.issue_tracker.versions):
            names.append("one")
        issue = actions.report_issue(world, shells, actor=pool.alice, title="x", component="one", assignee=pool.bob)
        self.change = actions.change_issue(world, shells, issue, actor=pool.alice, state="open")
        self.issue_comment = actions.comment_on_issue(world, shells, issue, actor=pool.alice, text="x")
        issue.voters.append(pool.alice)
        self._deploy(pool)
        self.hook = self.client.send(
            "POST",
            "/repositories/tidepool/shells/hooks",
            {"url": "https://x.example", "events": ["repo:push"]},
            expect=201,
        )["uuid"]
        pool.workspace.hooks |= pool.shells.hooks
        self._keep_properties(pool)

    def _deploy(self, pool: Tidepool) -> None:
        self.environment = Environment("{0a0a0a0a-0000-4000-8000-000000000001}", "Test", "test", "Test", 0)
        pool.shells.environments[self.environment.uuid] = self.environment
        uuid = "{0a0a0a0a-0000-4000-8000-000000000011}"
        began, ended = pool.clock.at, pool.clock.at + timedelta(minutes=1)
        deployment = Deployment(uuid, 1, self.environment, self.tip, "SUCCESSFUL", began, ended, "v1")
        pool.shells.deployments.append(deployment)

    def _keep_properties(self, pool: Tidepool) -> None:
        value = {"x": 1, "_attributes": ["public"]}
        pool.shells.properties["bittern", "colour"] = value
        pool.shells.commit_properties[self.tip, "bittern", "colour"] = value
        self.pull_request.properties["bittern", "colour"] = value
        pool.world.user_properties[pool.bob.uuid, "bittern", "colour"] = value

    def address(self, route: Route) -> str:
        parts = dict(self.parts)
        if "/issues/" in route.address:
            parts |= {"comment_id": str(self.issue_comment.id), "change_id": str(self.change.id)}
        elif "/commit/" in route.address:
            parts["comment_id"] = str(self.commit_comment.id)
        if "/tags/" in route.address:
            parts["path:name"] = "v1.0"
        quoted = {name: value.replace("{", "%7B").replace("}", "%7D") for name, value in parts.items()}
        return re.sub(r"<([^>]*)>", lambda match: quoted[match[1]], route.address)


READS = [route for route in ROUTES if route.method == "GET" and "task-status" not in route.address]


def unexplained(schema: dict[str, Any], description: dict[str, Any], body: Any) -> list[str]:
    """What the schema says against a body and DIFFERENCES does not explain."""
    validator = jsonschema_rs.Draft4Validator({**schema, "components": description["components"]})
    found = []
    for error in validator.iter_errors(body):
        path = "/".join(str(part) for part in error.instance_path)
        if not any(re.fullmatch(where, path) and re.fullmatch(what, error.message) for where, what in DIFFERENCES):
            found.append(f"{path}: {error.message[:200]}")
    return found


def check(answer: Any, operation: dict[str, Any], description: dict[str, Any], key: tuple[str, str]) -> bool:
    """Whether an answer could be validated; asserts that it holds."""
    if key in STATUSES:
        assert answer.status_code == STATUSES[key]
        return False
    assert str(answer.status_code) in operation["responses"], answer.get_data(as_text=True)[:300]
    content = operation["responses"][str(answer.status_code)].get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None or not answer.is_json:
        return False
    assert unexplained(schema, description, answer.get_json()) == []
    return True


@pytest.fixture
def stand(client: Client) -> Stand:
    return Stand(client)


class TestReads:
    def test_every_read_answers_as_described(self, stand: Stand, description: dict[str, Any]):
        described, validated, empty = operations(description), 0, []
        for route in READS:
            key = (route.method, skeleton(route.address))
            if key in UNDESCRIBED:
                continue
            answer = stand.client.call("GET", stand.address(route))
            validated += check(answer, described[key], description, key)
            if answer.is_json and answer.get_json().get("values") == []:
                empty.append(route.address)
        # An empty list validates whatever its items look like.
        assert sorted(address.rpartition("/")[2] for address in empty) == ["<path:spec>", "pullrequests"]
        assert validated >= 75

    def test_the_checker_has_teeth(self, stand: Stand, description: dict[str, Any]):
        operation = operations(description)["GET", "/repositories/{}/{}/pullrequests/{}"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        body = stand.client.get("/repositories/tidepool/shells/pullrequests/1")
        assert unexplained(schema, description, body) == []
        for damage in ({"id": "1"}, {"state": "OPENED"}, {"created_on": 5}, {"author": "bob"}):
            assert unexplained(schema, description, body | damage) != [], damage

    def test_errors_have_the_described_shape(self, client: Client, description: dict[str, Any]):
        schema = {"$ref": "#/components/schemas/error"}
        for path in (
            "/nope",
            "/repositories/x/y",
            "/repositories",
            "/repositories/tidepool/shells/pullrequests?pagelen=99",
        ):
            body = client.call("GET", path).get_json()
            assert [one for one in unexplained(schema, description, body) if "data" not in one] == []


BASE = "/repositories/tidepool/shells"
PULL = f"{BASE}/pullrequests/1"
WRITES: list[tuple[str, str, Any]] = [
    ("POST", f"{BASE}/refs/branches", {"name": "n", "target": {"hash": "main"}}),
    ("DELETE", f"{BASE}/refs/branches/n", None),
    ("POST", f"{BASE}/refs/tags", {"name": "t", "target": {"hash": "main"}}),
    ("DELETE", f"{BASE}/refs/tags/t", None),
    ("POST", f"{BASE}/commit/main/approve", None),
    ("DELETE", f"{BASE}/commit/main/approve", None),
    ("POST", f"{BASE}/commit/main/comments", {"content": {"raw": "x"}}),
    ("POST", f"{BASE}/commit/main/statuses/build", {"key": "k", "state": "SUCCESSFUL", "url": "https://x.example"}),
    ("PUT", f"{BASE}/commit/main/statuses/build/k", {"state": "FAILED"}),
    ("POST", f"{BASE}/pullrequests", {"title": "x", "source": {"branch": {"name": "conflict"}}}),
    ("PUT", PULL, {"title": "y"}),
    ("POST", f"{PULL}/comments", {"content": {"raw": "x"}}),
    ("POST", f"{PULL}/tasks", {"content": {"raw": "x"}}),
    ("DELETE", f"{PULL}/approve", None),
    ("POST", f"{PULL}/approve", None),
    ("POST", f"{PULL}/request-changes", None),
    ("DELETE", f"{PULL}/request-changes", None),
    ("POST", f"{PULL}/merge", {}),
    ("POST", f"{BASE}/pullrequests/2/decline", {}),
    ("PUT", f"{BASE}/default-reviewers/alice", None),
    ("DELETE", f"{BASE}/default-reviewers/alice", None),
    ("PUT", f"{BASE}/branching-model/settings", {"development": {"use_mainbranch": True}}),
    ("PUT", f"{BASE}/permissions-config/users/erin", {"permission": "write"}),
    ("DELETE", f"{BASE}/permissions-config/users/erin", None),
    ("PUT", f"{BASE}/permissions-config/groups/the-divers", {"permission": "write"}),
    ("DELETE", f"{BASE}/permissions-config/groups/the-divers", None),
    ("POST", f"{BASE}/environments", {"name": "Blue"}),
    ("POST", f"{BASE}/hooks", {"url": "https://x.example", "events": ["repo:push"]}),
    ("POST", "/workspaces/tidepool/hooks", {"url": "https://x.example", "events": ["repo:push"]}),
    ("POST", f"{BASE}/issues", {"title": "x"}),
    ("PUT", f"{BASE}/issues/1", {"title": "y"}),
    ("POST", f"{BASE}/issues/1/comments", {"content": {"raw": "x"}}),
    ("POST", f"{BASE}/issues/1/changes", {"changes": {"state": {"new": "closed"}}}),
    ("PUT", f"{BASE}/issues/1/vote", None),
    ("POST", f"{BASE}/forks", {"name": "again"}),
    ("POST", "/workspaces/tidepool/projects", {"key": "NEW", "name": "New"}),
    ("PUT", "/workspaces/tidepool/projects/NEW", {"name": "Newer"}),
    ("DELETE", "/workspaces/tidepool/projects/NEW", None),
    ("POST", "/repositories/tidepool/made", {}),
    ("PUT", "/repositories/tidepool/made", {"description": "x"}),
    ("DELETE", "/repositories/tidepool/made", None),
]


def described_key(method: str, path: str, description: dict[str, Any]) -> tuple[str, str]:
    """The described operation that an address of ours belongs to: the one with the fewest parameters."""
    matching = []
    for address in description["paths"]:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", address)
        if re.fullmatch(pattern, path) and method.lower() in description["paths"][address]:
            matching.append(skeleton(address))
    return method, min(matching, key=lambda address: address.count("{}"))


def test_every_write_answers_as_described(stand: Stand, description: dict[str, Any]):
    described, validated = operations(description), 0
    for method, path, body in WRITES:
        key = described_key(method, path, description)
        answer = stand.client.call(method, path, body)
        assert answer.status_code < 300, (method, path, answer.get_data(as_text=True))
        validated += check(answer, described[key], description, key)
    assert validated >= 25
