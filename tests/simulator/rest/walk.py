"""A walk through everything that REST serves: a tidepool in which each address leads to something, and a call of each operation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from simulator.rest.resources import ROUTES
from simulator.world import actions
from simulator.world.groups import create_group
from simulator.world.model import Deployment, Environment, Inline
from tests.simulator.rest.description import UNDESCRIBED, VALIDATED, described_key, skeleton
from tests.simulator.tidepool import SPIRAL, Client, Tidepool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from simulator.rest.routes import Route
    from tests.simulator.rest.description import Judge, Key

READS = [route for route in ROUTES if route.method == "GET" and "task-status" not in route.address]

BASE = "/repositories/tidepool/shells"
PULL = f"{BASE}/pullrequests/1"
COMMENT = f"{PULL}/comments/{{comment}}"
SAID = {"content": {"raw": "x"}}
HOOK = {"url": "https://x.example", "events": ["repo:push"], "description": "x", "active": True}
FORM = "form"
APP = "app"


@dataclass(frozen=True)
class Write:
    """One call, of those that change something mostly. Its path may name what the stand holds; `how` is JSON, a form, or the app's own."""

    method: str
    path: str
    body: Any = None
    how: str = "json"


def _properties() -> Iterator[Write]:
    """What an app keeps, on each of the four kinds of things."""
    for place in (BASE, f"{BASE}/commit/main", PULL, "/users/{bob}"):
        yield Write("PUT", f"{place}/properties/bittern/mood", {"a": 1}, APP)
        yield Write("DELETE", f"{place}/properties/bittern/mood", None, APP)


# In this order: what comes later may need what came before.
WRITES = [
    Write("GET", f"{BASE}/src/main/src"),
    Write("POST", f"{BASE}/refs/branches", {"name": "n", "target": {"hash": "main"}}),
    Write("DELETE", f"{BASE}/refs/branches/n"),
    Write("POST", f"{BASE}/refs/tags", {"name": "t", "target": {"hash": "main"}}),
    Write("DELETE", f"{BASE}/refs/tags/t"),
    Write("POST", f"{BASE}/commits", {"include": "main"}, FORM),
    Write("POST", f"{BASE}/commits/main", {"exclude": "conflict"}, FORM),
    Write("POST", f"{BASE}/src", {"message": "m", "branch": "bubbles", "a.txt": "a"}, FORM),
    Write("POST", f"{BASE}/commit/main/approve"),
    Write("DELETE", f"{BASE}/commit/main/approve"),
    Write("POST", f"{BASE}/commit/{{tip}}/comments", SAID),
    Write("PUT", f"{BASE}/commit/{{tip}}/comments/{{commit_comment}}", SAID),
    Write("DELETE", f"{BASE}/commit/{{tip}}/comments/{{commit_comment}}"),
    Write(
        "POST", f"{BASE}/commit/main/statuses/build", {"key": "k", "state": "SUCCESSFUL", "url": "https://x.example"}
    ),
    Write("PUT", f"{BASE}/commit/main/statuses/build/k", {"state": "FAILED"}),
    Write("POST", f"{BASE}/pullrequests", {"title": "x", "source": {"branch": {"name": "conflict"}}}),
    Write("POST", f"{BASE}/pullrequests", {"title": "y", "source": {"branch": {"name": "bubbles"}}}),
    Write("POST", f"{BASE}/pullrequests/3/merge?async=true", {}),
    Write("GET", "{location}"),
    Write("PUT", PULL, {"title": "y"}),
    Write("POST", f"{PULL}/comments", SAID),
    Write("PUT", COMMENT, SAID),
    Write("DELETE", f"{COMMENT}/resolve"),
    Write("POST", f"{COMMENT}/resolve"),
    Write("DELETE", COMMENT),
    Write("POST", f"{PULL}/tasks", SAID),
    Write("PUT", f"{PULL}/tasks/{{task}}", {"state": "UNRESOLVED"}),
    Write("DELETE", f"{PULL}/tasks/{{task}}"),
    Write("DELETE", f"{PULL}/approve"),
    Write("POST", f"{PULL}/approve"),
    Write("POST", f"{PULL}/request-changes"),
    Write("DELETE", f"{PULL}/request-changes"),
    *_properties(),
    Write("POST", f"{PULL}/merge", {}),
    Write("POST", f"{BASE}/pullrequests/2/decline", {}),
    Write("PUT", f"{BASE}/default-reviewers/alice"),
    Write("DELETE", f"{BASE}/default-reviewers/alice"),
    Write("PUT", f"{BASE}/branching-model/settings", {"development": {"use_mainbranch": True}}),
    Write("PUT", f"{BASE}/override-settings", {}),
    Write("PUT", f"{BASE}/permissions-config/users/erin", {"permission": "write"}),
    Write("DELETE", f"{BASE}/permissions-config/users/erin"),
    Write("PUT", f"{BASE}/permissions-config/groups/the-divers", {"permission": "write"}),
    Write("DELETE", f"{BASE}/permissions-config/groups/the-divers"),
    Write("POST", f"{BASE}/environments", {"name": "Blue"}),
    Write("DELETE", f"{BASE}/environments/{{environment}}"),
    Write("POST", f"{BASE}/hooks", HOOK),
    Write("PUT", f"{BASE}/hooks/{{hook}}", HOOK),
    Write("DELETE", f"{BASE}/hooks/{{hook}}"),
    Write("POST", "/workspaces/tidepool/hooks", HOOK),
    Write("PUT", "/workspaces/tidepool/hooks/{hook}", HOOK),
    Write("DELETE", "/workspaces/tidepool/hooks/{hook}"),
    Write("POST", f"{BASE}/issues", {"title": "x"}),
    Write("PUT", f"{BASE}/issues/1", {"title": "y"}),
    Write("POST", f"{BASE}/issues/1/comments", SAID),
    Write("PUT", f"{BASE}/issues/1/comments/{{issue_comment}}", SAID),
    Write("DELETE", f"{BASE}/issues/1/comments/{{issue_comment}}"),
    Write("POST", f"{BASE}/issues/1/changes", {"changes": {"state": {"new": "closed"}}}),
    Write("PUT", f"{BASE}/issues/1/vote"),
    Write("DELETE", f"{BASE}/issues/1/vote"),
    Write("PUT", f"{BASE}/issues/1/watch"),
    Write("DELETE", f"{BASE}/issues/1/watch"),
    Write("DELETE", f"{BASE}/issues/1"),
    Write("POST", f"{BASE}/forks", {"name": "again"}),
    Write("POST", "/workspaces/tidepool/projects", {"key": "NEW", "name": "New"}),
    Write("PUT", "/workspaces/tidepool/projects/NEW", {"name": "Newer"}),
    Write("DELETE", "/workspaces/tidepool/projects/NEW"),
    Write("POST", "/repositories/tidepool/made", {}),
    Write("PUT", "/repositories/tidepool/made", {"description": "x"}),
    Write("DELETE", "/repositories/tidepool/made"),
]


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

    def send(self, write: Write, location: str = "") -> TestResponse:
        """Make one of the calls that change something."""
        held = {
            "comment": self.parts["comment_id"],
            "task": self.parts["task_id"],
            "issue_comment": self.issue_comment.id,
            "commit_comment": self.commit_comment.id,
            "hook": quote(self.hook),
            "environment": quote(self.environment.uuid),
            "bob": quote(self.client.pool.bob.uuid),
            "tip": self.tip,
            "location": location,
        }
        path = write.path.format(**held)
        if write.how == FORM:
            return self.client.call(write.method, path, data=write.body)
        who = self.client.app_token("repository") if write.how == APP else "alice"
        return self.client.call(write.method, path, write.body, who=who)


@dataclass
class Walk:
    """What came of calling every operation: an outcome for each, and the lists in which nothing was."""

    judge: Judge
    outcomes: dict[Key, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)

    @classmethod
    def through_everything(cls, client: Client, judge: Judge) -> Walk:
        """All operations; what reads comes first, since what writes takes things away."""
        walk, stand = cls(judge), Stand(client)
        walk.read(stand)
        walk.write(stand)
        return walk

    def read(self, stand: Stand) -> None:
        """Call everything that only reads."""
        for route in READS:
            key = (route.method, skeleton(route.address))
            if key in UNDESCRIBED:
                continue
            answer = stand.client.call("GET", stand.address(route))
            self.outcomes[key] = self.judge.judge(key, answer)
            # An empty list validates whatever its items look like.
            if answer.is_json and answer.get_json().get("values") == []:
                self.empty.append(route.address)

    def write(self, stand: Stand) -> None:
        """Call everything that changes something, in its order."""
        location = ""
        for write in WRITES:
            answer = stand.send(write, location)
            assert answer.status_code < 300, (write, answer.get_data(as_text=True))
            location = answer.headers.get("Location", "").removeprefix(f"{stand.client.pool.world.api_url}/2.0")
            address = answer.request.path.removeprefix("/2.0")
            key = described_key(write.method, address, self.judge.described)
            # A second call of an operation may have less to show than the first one.
            if self.outcomes.get(key) != VALIDATED:
                self.outcomes[key] = self.judge.judge(key, answer)
