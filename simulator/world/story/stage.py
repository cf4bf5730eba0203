"""Playing the beats in order: each makes its commits, and leaves its traces in the pull request.

Until the repository is written, commits are known by their marks; the model holds `:mark` where a hash belongs, and
`simulator.world.story.production` puts the hashes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world import identifiers
from simulator.world.messages import merge_message
from simulator.world.model import (
    Activity,
    BuildStatus,
    Comment,
    Inline,
    Participant,
    PullRequest,
    Task,
    Update,
)
from simulator.world.story.cast import PEOPLE
from simulator.world.story.stream import Written

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from simulator.world.model import PullRequestState, Repository, User
    from simulator.world.story.beats import Beat, Build, Plot
    from simulator.world.story.cast import Person, Venue
    from simulator.world.story.ground import Ground, Work
    from simulator.world.world import World

_SUMMARIES = {"FAILED": "2 tests failed", "SUCCESSFUL": "All is well", "STOPPED": "Stopped by hand", "INPROGRESS": ""}


class Stage:
    """One repository's story while it is told."""

    def __init__(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
        self,
        world: World,
        repository: Repository,
        venue: Venue,
        users: dict[str, User],
        *,
        ground: Ground,
        rng: random.Random,
        end: datetime,
    ) -> None:
        self.repository = repository
        self.venue = venue
        self.ground = ground
        self.end = end
        self._world = world
        self._users = users
        self._rng = rng
        self._works: dict[int, Work] = {}
        self._open: dict[int, PullRequest] = {}
        self._comments: dict[int, Comment] = {}
        self._tasks: dict[int, Task] = {}
        self._builds = 0

    @property
    def manager(self) -> Person:
        """Who makes the releases here: the first who knows the area."""
        return next(one for one in PEOPLE if self.venue.area in one.areas)

    def uuid(self, kind: str, number: int) -> str:
        """A UUID for the `number`th thing of a kind in this repository."""
        return identifiers.uuid_for(self._world.seed, kind, self.repository.uuid, number)

    def play(self, beat: Beat) -> None:
        """Let one beat happen, unless what it needs is gone."""
        getattr(self, f"_on_{beat.kind}")(beat)

    def _user(self, person: Person) -> User:
        return self._users[person.key]

    # Branches

    def _on_start(self, beat: Beat) -> None:
        self._works[id(beat.plot)] = self.ground.branch_off(beat.plot.branch, beat.plot.author)

    def _on_commit(self, beat: Beat) -> None:
        plot, work = beat.plot, self._works[id(beat.plot)]
        codebase = self.ground.codebase
        edits = codebase.lock_update(*plot.package) if plot.package else codebase.work(work.tree, size=plot.size)
        self.ground.commit(work, beat.at, beat.details["message"], edits)

    def _on_rebase(self, beat: Beat) -> None:
        self.ground.rebase(self._works[id(beat.plot)], beat.at)

    def _on_push(self, beat: Beat) -> None:
        plot = beat.plot
        mark = self.ground.push(self._works[id(plot)])
        self.build(mark, beat.details["builds"], plot.branch)
        pull_request = self._open.get(id(plot))
        if pull_request is None:
            return
        pull_request.source_hash = f":{mark}"
        if self.venue.resets_approvals:
            for one in pull_request.participants:
                one.state = None if one.state == "approved" else one.state
        self._updated(pull_request, beat, {})

    def build(self, mark: int, builds: list[Build], refname: str) -> None:
        """What the build servers said of a commit, as far as they had got by the end."""
        held = self.repository.build_statuses.setdefault(f":{mark}", {})
        for build in builds:
            self._builds += 1
            is_over = build.finished <= self.end
            held[build.key] = BuildStatus(
                uuid=self.uuid("build", self._builds),
                key=build.key,
                commit=f":{mark}",
                state=build.state if is_over else "INPROGRESS",
                created_on=build.started,
                updated_on=build.finished if is_over else build.started,
                url=f"https://ci.heron.example/{self.repository.slug}/{self._builds}",
                name=f"{self.repository.slug} » {refname} #{self._builds}",
                description=_SUMMARIES[build.state] if is_over else "",
                refname=refname,
            )

    # Pull requests

    def _on_open(self, beat: Beat) -> None:
        plot, repository = beat.plot, self.repository
        pull_request = PullRequest(
            id=len(repository.pull_requests) + 1,
            repository=repository,
            source_repository=repository,
            author=self._user(plot.author),
            title=plot.title,
            description=plot.description,
            source_branch=plot.branch,
            source_hash=f":{self._works[id(plot)].mark}",
            destination_branch=self.venue.main_branch,
            destination_hash=f":{self.ground.mark}",
            created_on=beat.at,
            updated_on=beat.at,
            draft=plot.draft,
            close_source_branch=plot.close_source_branch,
            participants=[Participant(self._user(one), "REVIEWER") for one in plot.reviewers],
        )
        repository.pull_requests[pull_request.id] = pull_request
        self._open[id(plot)] = pull_request
        self._updated(pull_request, beat, {})

    def _updated(self, pull_request: PullRequest, beat: Beat, changes: dict[str, object]) -> None:
        """An `update` entry in the log, as Bitbucket keeps it: how things stand now."""
        pull_request.updated_on = beat.at
        if pull_request.state == "OPEN":
            pull_request.destination_hash = f":{self.ground.mark}"
        update = Update.of(pull_request, changes=changes)
        pull_request.activity.append(Activity("update", beat.at, self._user(beat.actor), update=update))

    def _on_retitle(self, beat: Beat) -> None:
        if pull_request := self._open.get(id(beat.plot)):
            old, pull_request.title = pull_request.title, beat.details["title"]
            self._updated(pull_request, beat, {"title": {"old": old, "new": pull_request.title}})

    def _on_ready(self, beat: Beat) -> None:
        if pull_request := self._open.get(id(beat.plot)):
            pull_request.draft = False
            self._updated(pull_request, beat, {"draft": {"old": True, "new": False}})

    def _on_invite(self, beat: Beat) -> None:
        pull_request, user = self._open.get(id(beat.plot)), self._user(beat.details["who"])
        if pull_request and user not in pull_request.reviewers:
            self._taking_part(pull_request, user).role = "REVIEWER"
            self._updated(pull_request, beat, {"reviewers": {"added": [{"uuid": user.uuid}]}})

    def _taking_part(self, pull_request: PullRequest, user: User) -> Participant:
        found = pull_request.participant(user)
        if found is None:
            found = Participant(user)
            pull_request.participants.append(found)
        return found

    def _on_comment(self, beat: Beat) -> None:
        pull_request = self._open.get(id(beat.plot))
        parent = self._comments.get(id(beat.details.get("parent")))
        if pull_request is None or (beat.details.get("parent") and parent is None):
            return
        user = self._user(beat.actor)
        comment = Comment(self._world.next_id(), user, beat.details["text"], beat.at, beat.at)
        if parent is not None:
            comment.parent_id = parent.id
        elif beat.details.get("inline"):
            comment.inline = self._place(beat.plot)
        pull_request.comments[comment.id] = comment
        self._comments[id(beat)] = comment
        self._taking_part(pull_request, user).participated_on = beat.at
        pull_request.activity.append(Activity("comment", beat.at, user, comment_id=comment.id))
        pull_request.updated_on = beat.at

    def _place(self, plot: Plot) -> Inline | None:
        work = self._works[id(plot)]
        paths = [edit.path for _, _, edits in work.commits for edit in edits if edit.path in work.tree]
        if not paths:
            return None
        path = self._rng.choice(paths)
        return Inline(path, None, self._rng.randrange(1, len(work.tree[path]) + 1))

    def _on_resolve(self, beat: Beat) -> None:
        comment = self._comments.get(id(beat.details["on"]))
        if comment is not None and id(beat.plot) in self._open:
            comment.resolved_by, comment.resolved_on = self._user(beat.actor), beat.at

    def _on_task(self, beat: Beat) -> None:
        pull_request = self._open.get(id(beat.plot))
        comment = self._comments.get(id(beat.details["on"]))
        if pull_request is None or comment is None:
            return
        user = self._user(beat.actor)
        task = Task(self._world.next_id(), user, beat.details["text"], beat.at, beat.at, comment_id=comment.id)
        pull_request.tasks[task.id] = task
        self._tasks[id(beat)] = task

    def _on_task_done(self, beat: Beat) -> None:
        task = self._tasks.get(id(beat.details["on"]))
        if task is not None:
            task.state, task.updated_on = "RESOLVED", beat.at
            task.resolved_by, task.resolved_on = self._user(beat.actor), beat.at

    def _judged(self, beat: Beat, state: str | None) -> None:
        pull_request = self._open.get(id(beat.plot))
        if pull_request is None:
            return
        user = self._user(beat.actor)
        part = self._taking_part(pull_request, user)
        part.participated_on, pull_request.updated_on = beat.at, beat.at
        if state == "approved":
            part.state = "approved"
            pull_request.activity.append(Activity("approval", beat.at, user))
        elif state == "changes_requested":
            part.state = "changes_requested"
            pull_request.activity.append(Activity("changes_requested", beat.at, user))

    def _on_approve(self, beat: Beat) -> None:
        self._judged(beat, "approved")

    def _on_changes(self, beat: Beat) -> None:
        self._judged(beat, "changes_requested")

    def _on_merge(self, beat: Beat) -> None:
        pull_request, work = self._open.pop(id(beat.plot), None), self._works[id(beat.plot)]
        if pull_request is None:
            return
        pull_request.destination_hash = f":{self.ground.mark}"
        who, is_squash = Written(beat.actor, beat.at), self.venue.strategy == "squash"
        mark = self.ground.merge(
            work,
            author=Written(beat.plot.author, beat.at) if is_squash else who,
            committer=who,
            message=merge_message(pull_request),
            is_squash=is_squash,
        )
        pull_request.merge_commit = f":{mark}"
        self._closed(pull_request, beat, "MERGED", "fulfilled")
        if pull_request.close_source_branch:
            self.ground.remove(work)

    def _on_decline(self, beat: Beat) -> None:
        pull_request, work = self._open.pop(id(beat.plot), None), self._works[id(beat.plot)]
        if pull_request is None:
            return
        pull_request.reason = beat.details["reason"]
        pull_request.destination_hash = f":{self.ground.mark}"
        self._closed(pull_request, beat, "DECLINED", "rejected")
        if self._rng.random() < 0.6:
            self.ground.remove(work)

    def _closed(self, pull_request: PullRequest, beat: Beat, state: PullRequestState, word: str) -> None:
        pull_request.state = state
        pull_request.closed_by, pull_request.closed_on = self._user(beat.actor), beat.at
        self._updated(pull_request, beat, {"status": {"old": "open", "new": word}})

    def finish(self) -> None:
        """Set the branches as they stand at the end, and what open pull requests would be merged into."""
        self.ground.finish()
        for pull_request in self._open.values():
            pull_request.destination_hash = f":{self.ground.mark}"
