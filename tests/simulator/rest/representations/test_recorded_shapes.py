"""Our JSON has the keys of the recorded bodies: the same objects, side by side with what Bitbucket sent.

What the recording has and we lack is a fault, unless WITHOUT names it with a reason; what we have beyond it must be in
BEYOND, with its source. Recordings differ in age, so each row names the newest one of its kind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.world import actions
from simulator.world.model import Inline
from tests.simulator.tidepool import SPIRAL, Client

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "bitbucket"
SHELLS = "/repositories/tidepool/shells"

pytestmark = pytest.mark.shared

OWNER_IS_A_PERSON = {"owner.account_id", "owner.nickname"}
# What the recording has and ours has not.
WITHOUT = {
    "repository": OWNER_IS_A_PERSON,
    "repository in an event": OWNER_IS_A_PERSON,
}
# What ours has beyond the named recording; whatever is below such a path comes with it.
BEYOND = {
    "repository": {"owner.username"},  # a team's, repo-push.toolchain--branch-delete.json
    "repository in an event": {"owner.username"},
    "pull request in a list": {
        "queued",  # description, since 2026
        "source.branch.sync_strategies",  # pullrequest-updated.jenkins-branch-source.json, 2026
    },
    "comment": {"pending", "pullrequest.draft"},  # description; pullrequest-activity-approval.gildas.json, 2025
    "comment on a line": {"pending", "pullrequest.draft"},
    "task": {"content.type", "content.markup", "content.html", "pending"},  # description
    "build status": {"uuid"},  # description
    "build status in an event": {"uuid", "commit.author.user"},  # its author was nobody Bitbucket knew
    # The keys of 2025: repo-push.jenkins-branch-source--branch-created.json.
    "push to a branch": {
        f"{side}.{key}"
        for side in ("old", "new")
        for key in ("sync_strategies", "links.pullrequest_create", "target.committer")
    }
    | {"commits.committer"},
    "deleted branch": {
        "old.sync_strategies",
        "old.links.pullrequest_create",
        "old.target.committer",
        "old.target.author.user",
    },
    "hook": {"subject_type", "secret_set"},  # description
}


def differences(theirs: Any, ours: Any, path: str = "") -> tuple[set[str], set[str]]:
    """The keys that only one of the two has; where either holds nothing there is nothing to compare."""
    if isinstance(theirs, list) and isinstance(ours, list):
        return differences(theirs[0], ours[0], path) if theirs and ours else (set(), set())
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return set(), set()
    missing = {f"{path}{key}" for key in theirs.keys() - ours.keys()}
    extra = {f"{path}{key}" for key in ours.keys() - theirs.keys()}
    for key in theirs.keys() & ours.keys():
        inner = differences(theirs[key], ours[key], f"{path}{key}.")
        missing, extra = missing | inner[0], extra | inner[1]
    return missing, extra


def recorded(name: str, path: str) -> Any:
    file = SHARED / name
    if not file.is_file():
        pytest.skip("the recorded data is not at hand")
    value = json.loads(file.read_text())
    for key in path.split(".") if path else []:
        value = value[int(key)] if key.isdecimal() else value[key]
    return value


def push_change(client: Client, act: Callable[[], object]) -> Any:
    client.pool.events.clear()
    act()
    (event,) = [one for one in client.pool.events if one.key == "repo:push"]
    return event.body["push"]["changes"][0]


def event(client: Client, key: str) -> Any:
    return next(one for one in client.pool.events if one.key == key).body


def opened(client: Client) -> Client:
    client.pool.events.clear()
    actions.open_pull_request(
        client.pool.world, client.pool.shells, author=client.pool.bob, title="Wind", source=SPIRAL, description="* x",
        reviewers=[client.pool.alice],
    )  # fmt: skip
    return client


def commented(client: Client) -> Client:
    opened(client)
    pull_request = client.pool.shells.pull_requests[1]
    actions.comment(client.pool.world, pull_request, actor=client.pool.alice, text="Hm", inline=Inline("a", None, 5))
    actions.approve(client.pool.world, pull_request, actor=client.pool.alice)
    return client


def built(client: Client) -> Client:
    client.pool.events.clear()
    actions.set_build_status(
        client.pool.world, client.pool.shells, actor=client.pool.kelp, commit="main", key="ci", state="FAILED"
    )
    return client


def activity(client: Client, kind: str) -> Any:
    values = commented(client).get(f"{SHELLS}/pullrequests/1/activity")["values"]
    return next(one for one in values if kind in one)


def push(client: Client) -> Any:
    pool = client.pool
    return push_change(
        client, lambda: actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch="main", message="x")
    )


def new_branch(client: Client) -> Any:
    pool = client.pool
    return push_change(
        client, lambda: actions.create_branch(pool.world, pool.shells, actor=pool.bob, name="n", target="main")
    )


def new_tag(client: Client) -> Any:
    pool = client.pool
    return push_change(
        client,
        lambda: actions.create_tag(pool.world, pool.shells, actor=pool.bob, name="t", target="main", message="x"),
    )


def no_branch(client: Client) -> Any:
    pool = client.pool
    return push_change(client, lambda: actions.delete_branch(pool.world, pool.shells, actor=pool.bob, name=SPIRAL))


HOOK = {"url": "https://x.example/", "events": ["repo:push"]}
ROWS: dict[str, tuple[str, str, Callable[[Client], Any]]] = {
    "repository": ("rest/repository-full.jenkins-branch-source.json", "", lambda c: c.get(SHELLS)),
    "repository in an event": (
        "webhooks/repo-push.jenkins-branch-source--branch-created.json",
        "repository",
        lambda c: event(opened(c), "pullrequest:created")["repository"],
    ),
    "account": (
        "webhooks/repo-push.jenkins-branch-source--branch-created.json",
        "actor",
        lambda c: event(opened(c), "pullrequest:created")["actor"],
    ),
    "pull request in a list": (
        "rest/pullrequests-pagelen-50.jenkins-branch-source.json",
        "values.1",
        lambda c: opened(c).get(f"{SHELLS}/pullrequests")["values"][0],
    ),
    "pull request in an event": (
        "webhooks/pullrequest-updated.jenkins-branch-source.json",
        "pullrequest",
        lambda c: event(commented(c), "pullrequest:approved")["pullrequest"],
    ),
    "branch": (
        "rest/refs-branches-feature-draft.jenkins-branch-source.json",
        "",
        lambda c: c.get(f"{SHELLS}/refs/branches/main"),
    ),
    "tag": ("rest/refs-tags-v0-0-0.jenkins-branch-source.json", "", lambda c: c.get(f"{SHELLS}/refs/tags/v1.0")),
    "commit": ("rest/commit-a7235e1ff894.jenkins-branch-source.json", "", lambda c: c.get(f"{SHELLS}/commit/main")),
    "commit in a list": (
        "rest/commits-include-feature-diffstat-exclude-174561d.jenkins-branch-source.json",
        "values.0",
        lambda c: c.get(f"{SHELLS}/commits/main")["values"][0],
    ),
    "push to a branch": ("webhooks/repo-push.woodpecker.json", "push.changes.0", push),
    "new branch": ("webhooks/repo-push.jenkins-branch-source--branch-created.json", "push.changes.0", new_branch),
    "new tag": ("webhooks/repo-push.jenkins-branch-source--annotated-tag-created.json", "push.changes.0", new_tag),
    "deleted branch": ("webhooks/repo-push.toolchain--branch-delete.json", "payload.data.push.changes.0", no_branch),
    "build status": (
        "rest/commit-046d9a3c1532acf4cf08fe93235c00e4d673c1d2-statuses-build.jenkins-branch-source.json",
        "",
        lambda c: built(c).get(f"{SHELLS}/commit/main/statuses/build/ci"),
    ),
    "build status in an event": (
        "webhooks/repo-commit-status-created.toolchain.json",
        "payload.data.commit_status",
        lambda c: event(built(c), "repo:commit_status_created")["commit_status"],
    ),
    "comment": (
        "rest/pullrequest-comments.drone-go-scm.json",
        "values.0",
        lambda c: {
            k: v for k, v in commented(c).get(f"{SHELLS}/pullrequests/1/comments")["values"][0].items() if k != "inline"
        },
    ),
    "comment on a line": (
        "rest/pullrequest-review.drone-go-scm.json",
        "",
        lambda c: commented(c).get(f"{SHELLS}/pullrequests/1/comments")["values"][0],
    ),
    "approval in an event": (
        "webhooks/pullrequest-approved.toolchain.json",
        "payload.data.approval",
        lambda c: event(commented(c), "pullrequest:approved")["approval"],
    ),
    "activity: approval": ("rest/pullrequest-activity-approval.gildas.json", "", lambda c: activity(c, "approval")),
    "activity: update": ("rest/pullrequest-activity-update.gildas.json", "", lambda c: activity(c, "update")),
    "participant": (
        "rest/participant.gildas.json",
        "",
        lambda c: opened(c).send("POST", f"{SHELLS}/pullrequests/1/approve"),
    ),
    "task": (
        "rest/pullrequests-1-tasks-get.atlassian-python-api.json",
        "values.1",
        lambda c: opened(c).send("POST", f"{SHELLS}/pullrequests/1/tasks", {"content": {"raw": "x"}}, expect=201),
    ),
    "diffstat": (
        "rest/diffstat-feature-diffstat-174561d.jenkins-branch-source.json",
        "values.0",
        lambda c: c.get(f"{SHELLS}/diffstat/main")["values"][0],
    ),
    "file": (
        "rest/src-fb522a6f08c7c7df337312e4e65ec1b57710672e-script-bat-format-meta.jenkins-branch-source.json",
        "",
        lambda c: c.get(f"{SHELLS}/src/main/README.md", format="meta"),
    ),
    "directory": (
        "rest/src-listing.drone-go-scm.json",
        "values.0",
        lambda c: c.get(f"{SHELLS}/src/main/src", format="meta"),
    ),
    "workspace": ("rest/workspace.gildas.json", "", lambda c: c.get("/workspaces/tidepool")),
    "workspace access": (
        "rest/workspace-access.gildas.json",
        "",
        lambda c: c.get("/user/workspaces")["values"][0],
    ),
    "user": ("rest/user.toolchain.json", "", lambda c: c.get("/user")),
    "repository permission": (
        "rest/workspace-permissions-repository.jenkins-x-go-scm.json",
        "values.0",
        lambda c: c.get("/workspaces/tidepool/permissions/repositories")["values"][0],
    ),
    "hook": (
        "rest/hooks-pagelen-100.jenkins-branch-source.json",
        "values.0",
        lambda c: c.send("POST", f"{SHELLS}/hooks", HOOK, expect=201),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_it_has_the_recorded_keys_and_no_others(client: Client, name: str):
    file, path, ours_of = ROWS[name]
    missing, extra = differences(recorded(file, path), json.loads(json.dumps(ours_of(client))))
    assert missing == WITHOUT.get(name, set())
    assert extra == BEYOND.get(name, set())
