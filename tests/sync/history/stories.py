"""Stories: what happens by chance, from a seed, in one repository of a simulated Bitbucket, and the deliveries that tell of it.

Each deed takes a while, sometimes less than a second, as Bitbucket tells the time of an event to the second only.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from uuid import UUID

from connect.webhooks import WebhookDelivery
from simulator.world import World, actions
from simulator.world.errors import WorldError
from simulator.world.identifiers import account_id_for, uuid_for
from simulator.world.model import Project, User, Workspace
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON

NAMES = ("Ana", "Ben", "Cem", "Dee")
KEYS = ("unit", "lint")
STATES = ("INPROGRESS", "SUCCESSFUL", "FAILED", "INPROGRESS", "SUCCESSFUL")


class Story:
    """A world with one repository, what has happened in it, and the chance that it happens by."""

    def __init__(self, *, seed, began=NOON - timedelta(days=30)):
        self.chance = random.Random(seed)
        self.began = self.now = began
        self.events = []
        self.world = World(seed=seed, now=lambda: self.now)
        self.world.listeners.append(self.events.append)
        self.people = [self._person(name) for name in NAMES]
        self.workspace = self.world.add_workspace(Workspace(ALICE_WORKSPACE, "alice", "Alice & Co", began))
        for person in self.people:
            self.workspace.members[person.uuid] = "owner"
        self.workspace.projects["HOME"] = Project(uuid_for("project", seed), "HOME", "Home", began, began)
        self.repository = actions.create_repository(
            self.world, self.workspace, actor=self.people[0], name="Heron", uuid=ALICE_REPOSITORY
        )
        self.repository.main_branch = "main"
        self.repository.reset_approvals_on_change = self.chance.random() < 0.5
        self._act(actions.push_commit, self.repository, branch="main", message="Begin")

    def _person(self, name):
        return self.world.add_user(
            User(
                uuid=uuid_for("user", name),
                account_id=account_id_for("user", name),
                nickname=name.lower(),
                display_name=f"{name} Example",
                created_on=self.now,
                email=f"{name.lower()}@example.com",
            )
        )

    def close(self):
        self.world.close()

    def tell(self, deeds):
        """Let so many things happen."""
        for _ in range(deeds):
            self.chance.choice(self._deeds())()
        return self

    def deliveries(self):
        """What Bitbucket sends about it, in order."""
        return [delivery_of(event, number) for number, event in enumerate(self.events)]

    def _act(self, deed, *about, actor=None, **how):
        """Do it if it can be done, and let time pass."""
        self.now += self.chance.choice(
            [
                timedelta(microseconds=self.chance.randrange(1, 400_000)),
                timedelta(seconds=self.chance.randrange(1, 9000)),
            ]
        )
        try:
            return deed(self.world, *about, actor=actor or self.chance.choice(self.people), **how)
        except WorldError:
            return None

    def _deeds(self):
        rare = [self._rename, self._tag, self._delete_branch, self._supersede, self._decline, self._task, self._merge]
        often = [self._open, self._report, self._rewrite, self._change]
        most = [self._push, self._comment, self._review, self._answer]
        return [*rare, *often * 3, *most * 6]

    def _pull_request(self, *, is_open=True):
        found = [one for one in self.repository.pull_requests.values() if not is_open or one.state == "OPEN"]
        return self.chance.choice(found) if found else None

    def _push(self):
        branches = [one.source_branch for one in self.repository.pull_requests.values() if one.state == "OPEN"]
        self._change_files(self.chance.choice(["main", *branches * 3]))

    def _change_files(self, branch):
        files = {f"src/{self.chance.randrange(20)}.py": f"value = {len(self.events)}\n"}
        self._act(
            actions.push_commit, self.repository, branch=branch, message=f"Change {len(self.events)}", files=files
        )

    def _rewrite(self):
        branches = [name for name in self.repository.git.branches() if name != "main"]
        if branches:
            self._act(actions.force_push, self.repository, branch=self.chance.choice(sorted(branches)))

    def _open(self):
        """Somebody opens a pull request from a branch of their own, on which there is something."""
        branch = f"feature/{len(self.events)}"
        self._change_files(branch)
        author = self.chance.choice(self.people)
        self._act(
            lambda world, repository, *, actor, **how: actions.open_pull_request(
                world, repository, author=actor, **how
            ),
            self.repository,
            actor=author,
            title=f"Change {len(self.events)}",
            source=branch,
            reviewers=[one for one in self.people if one is not author and self.chance.random() < 0.5],
            draft=self.chance.random() < 0.3,
            close_source_branch=self.chance.random() < 0.5,
        )

    def _report(self):
        commits = sorted(self.repository.git.branches().values())
        if commits:
            self._act(
                actions.set_build_status,
                self.repository,
                commit=self.chance.choice(commits),
                key=self.chance.choice(KEYS),
                state=self.chance.choice(STATES),
                name="Pipeline",
            )

    def _comment(self):
        if about := self._pull_request(is_open=self.chance.random() < 0.9):
            parents = [one.id for one in about.comments.values() if not one.deleted]
            parent = self.chance.choice([None, *parents])
            self._act(actions.comment, about, text="Why?", parent=parent)

    def _answer(self):
        """Something happens to a comment that is there."""
        about = self._pull_request(is_open=False)
        if about is None or not about.comments:
            return
        resolved = [one for one in about.comments.values() if one.resolved_by and not one.deleted]
        comment = self.chance.choice(resolved or list(about.comments.values()))
        deeds = [actions.delete_comment, actions.reopen_comment if comment.resolved_by else actions.resolve_comment]
        if self.chance.random() < 0.3:
            self._act(actions.update_comment, about, comment.id, actor=comment.user, text="Which blue?")
        else:
            self._act(self.chance.choice([*deeds, deeds[1]]), about, comment.id)

    def _task(self):
        if about := self._pull_request():
            self._act(actions.add_task, about, text="Please mend this")

    def _review(self):
        """Somebody gives a verdict, or takes back the one that they have given."""
        about = self._pull_request()
        if about is None:
            return
        standing = [one for one in about.participants if one.state is not None]
        if standing and self.chance.random() < 0.4:
            part = self.chance.choice(standing)
            deed = actions.unapprove if part.state == "approved" else actions.withdraw_changes_request
            self._act(deed, about, actor=part.user)
        else:
            actor = self.chance.choice([one for one in self.people if one is not about.author])
            self._act(self.chance.choice([actions.approve, actions.request_changes]), about, actor=actor)

    def _change(self):
        if about := self._pull_request():
            deed = self.chance.choice(["title", "draft", "ready", "reviewers"])
            if deed == "title":
                self._act(actions.update_pull_request, about, title=f"Better {len(self.events)}")
            elif deed == "reviewers":
                asked = [one for one in self.people if one is not about.author and self.chance.random() < 0.5]
                self._act(actions.update_pull_request, about, reviewers=asked)
            else:
                self._act(actions.convert_to_draft if deed == "draft" else actions.mark_ready, about)

    def _merge(self):
        if about := self._pull_request():
            self._act(actions.merge, about, strategy=self.chance.choice(["merge_commit", "squash", None]))

    def _decline(self):
        if about := self._pull_request():
            self._act(actions.decline, about)

    def _supersede(self):
        if about := self._pull_request():
            self._act(actions.supersede, about)

    def _delete_branch(self):
        branches = sorted(set(self.repository.git.branches()) - {"main"})
        if branches:
            self._act(actions.delete_branch, self.repository, name=self.chance.choice(branches))

    def _tag(self):
        self._act(actions.create_tag, self.repository, name=f"v{len(self.events)}", target="main")

    def _rename(self):
        self._act(actions.rename_repository, self.repository, name=f"Heron {len(self.events)}")


def delivery_of(event, number):
    """An event as the web server reads it from a request to a Connect app."""
    headers = {
        "X-Event-Key": event.key,
        "X-Request-UUID": str(UUID(int=number + 1)),
        "X-Attempt-Number": "1",
        "X-Event-Time": event.occurred_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }
    return WebhookDelivery.from_http(headers, json.dumps({"event": event.key, "data": event.body}).encode())
