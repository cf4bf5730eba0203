"""The list of pull requests, one pull request, and the form that opens one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flask import request

from simulator import casting
from simulator.connect.module_shapes import PULL_REQUEST_SUMMARY
from simulator.host import frames
from simulator.host.commit_pages import builds_of, commit_row, worst_state
from simulator.host.navigation import repository_path
from simulator.host.web_items import web_items
from simulator.world.errors import WorldError

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.assembly import Simulator
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing
    from simulator.world.git import FileChange
    from simulator.world.model import Activity, Comment, Participant, PullRequest, Repository, Update, User

PAGE_LENGTH = 25
FILTERS = {"open": ("OPEN",), "merged": ("MERGED",), "declined": ("DECLINED", "SUPERSEDED"), "all": None}
_MOST_COMMITS = 50


@dataclass(frozen=True)
class PullRequestRow:
    """A pull request in the list."""

    pull_request: PullRequest
    reviewers: list[Participant]
    comment_count: int
    build: str | None


@dataclass(frozen=True)
class Entry:
    """One line of the activity: who did what, and when; `comment` only where something was said."""

    kind: Literal["update", "approval", "changes_requested", "comment"]
    user: User
    at: datetime
    text: str
    comment: Comment | None = None


class PullRequestPages:
    """Everything about pull requests that is looked at."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._viewing = viewing
        self._renderer = renderer

    def listing(self, workspace: str, repository: str) -> str:
        """Pull requests by state, the latest change first."""
        page, found = self._viewing.repository(workspace, repository)
        chosen = request.args.get("state", "open")
        states = FILTERS.get(chosen, FILTERS["open"])
        number = max(1, request.args.get("page", 1, type=int))
        wanted = [one for one in found.pull_requests.values() if states is None or one.state in states]
        wanted.sort(key=lambda one: one.updated_on, reverse=True)
        start = (number - 1) * PAGE_LENGTH
        return self._renderer.repository(
            "pull_requests.html",
            page,
            current=f"{repository_path(found)}/pull-requests/",
            rows=[_row(one) for one in wanted[start : start + PAGE_LENGTH]],
            filters=list(FILTERS),
            chosen=chosen,
            total=len(wanted),
            number=number,
            has_more=len(wanted) > start + PAGE_LENGTH,
        )

    def pull_request(self, workspace: str, repository: str, number: int) -> str:
        """One pull request with what happened to it, what can be done, and the panels of apps."""
        page, it = self._viewing.pull_request(workspace, repository, number)
        found = it.repository
        return self._renderer.repository(
            "pull_request.html",
            page,
            current=f"{repository_path(found)}/pull-requests/",
            it=it,
            reviewers=reviewers_of(it),
            mine=it.participant(page.viewer) if page.viewer else None,
            activity=activity_of(it),
            files=_files(found, it),
            commits=[
                commit_row(self._simulator.world, found, found.git.commit(one))
                for one in found.git.pull_request_commits(it)[:_MOST_COMMITS]
            ],
            builds=builds_of(found, it.source_hash),
            panels=frames.pull_request_panels(self._simulator, page),
            infos=web_items(self._simulator, page, f"{PULL_REQUEST_SUMMARY}.info"),
            items=web_items(self._simulator, page, f"{PULL_REQUEST_SUMMARY}.actions"),
        )

    def form(self, workspace: str, repository: str) -> str:
        """The form that opens a pull request."""
        page, found = self._viewing.repository(workspace, repository)
        branches = sorted(found.git.branches())
        return self._renderer.repository(
            "pull_request_new.html",
            page,
            current=f"{repository_path(found)}/pull-requests/",
            branches=branches,
            sources=[one for one in branches if one != found.main_branch],
            source=request.args.get("source", ""),
            people=[one for one in casting.people_of(self._simulator.world, found.workspace) if one is not page.viewer],
        )


def reviewers_of(pull_request: PullRequest) -> list[Participant]:
    """Those who were asked, and those who gave a verdict anyway."""
    return [one for one in pull_request.participants if one.role == "REVIEWER" or one.state is not None]


def activity_of(pull_request: PullRequest) -> list[Entry]:
    """What happened, newest first, as sentences; deleted comments are left out."""
    found: list[Entry] = []
    before: Update | None = None
    for activity in pull_request.activity:
        entry = _entry(pull_request, activity, before)
        before = activity.update or before
        if entry is not None:
            found.append(entry)
    return found[::-1]


def _entry(pull_request: PullRequest, activity: Activity, before: Update | None) -> Entry | None:
    comment = pull_request.comments.get(activity.comment_id) if activity.comment_id is not None else None
    if activity.kind == "comment":
        is_shown = comment is not None and not comment.deleted
        return Entry("comment", activity.user, activity.at, "commented", comment) if is_shown else None
    texts = {"approval": "approved", "changes_requested": "requested changes"}
    text = texts.get(activity.kind) or _update_text(activity.update, before)
    return Entry(activity.kind, activity.user, activity.at, text)


def _update_text(update: Update | None, before: Update | None) -> str:
    """What an update changed, as far as the one before it tells."""
    if update is None:
        return "updated the pull request"
    if update.state != "OPEN":
        words = {"MERGED": "merged", "DECLINED": "declined", "SUPERSEDED": "superseded"}
        return f"{words[update.state]} the pull request"
    if before is None:
        return "opened the pull request"
    if update.draft != before.draft:
        return "made the pull request a draft" if update.draft else "marked the pull request as ready"
    if update.source_hash != before.source_hash:
        return f"pushed to {update.source_branch}"
    changed = sorted(update.changes)
    return f"changed {', '.join(changed)}" if changed else "updated the pull request"


def _row(pull_request: PullRequest) -> PullRequestRow:
    comments = [one for one in pull_request.comments.values() if not one.deleted]
    build = worst_state(builds_of(pull_request.repository, pull_request.source_hash))
    return PullRequestRow(pull_request, reviewers_of(pull_request), len(comments), build)


def _files(repository: Repository, pull_request: PullRequest) -> list[FileChange]:
    """The files that a pull request changes; none where a fork took its commits away."""
    try:
        base = repository.git.merge_base(pull_request.destination_hash, pull_request.source_hash)
        return repository.git.diffstat(base or pull_request.destination_hash, pull_request.source_hash)
    except WorldError:
        return []
