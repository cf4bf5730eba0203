"""Commits and branches of a repository."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import request

from simulator.connect.module_shapes import BRANCH_LIST, BRANCH_SUMMARY, COMMIT_SUMMARY
from simulator.host.navigation import repository_path
from simulator.host.repository_pages import main_commit
from simulator.host.web_items import WebItem, web_items

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.modules import Page
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing
    from simulator.world import World
    from simulator.world.git import Commit
    from simulator.world.model import BuildStatus, PullRequest, Repository, User

PAGE_LENGTH = 30
_STATE_ORDER = ("FAILED", "STOPPED", "INPROGRESS", "SUCCESSFUL")


@dataclass(frozen=True)
class CommitRow:
    """A commit in a list. `build` is the worst state of its builds, None where it has none."""

    commit: Commit
    author: User | None
    build: str | None


@dataclass(frozen=True)
class BranchRow:
    """A branch in the list of branches."""

    name: str
    is_main: bool
    row: CommitRow
    pull_request: PullRequest | None
    items: list[WebItem]


class CommitPages:
    """Lists of commits, one commit, and the branches."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._world = simulator.world
        self._viewing = viewing
        self._renderer = renderer

    def branch(self, workspace: str, repository: str, branch: str) -> str:
        """A branch's own address: its history, and what apps add there."""
        return self._history(workspace, repository, branch, is_summary=True)

    def commits(self, workspace: str, repository: str) -> str:
        """The history of a branch, newest first; `?branch=`, `?page=`."""
        return self._history(workspace, repository, request.args.get("branch"))

    def _history(self, workspace: str, repository: str, wanted_branch: str | None, *, is_summary: bool = False) -> str:
        page, found = self._viewing.repository(workspace, repository)
        branch = wanted_branch or found.main_branch or ""
        number = max(1, request.args.get("page", 1, type=int))
        tip = found.git.find(branch)
        history = found.git.commits([tip.hash]) if tip else iter(())
        start = (number - 1) * PAGE_LENGTH
        wanted = list(itertools.islice(history, start, start + PAGE_LENGTH + 1))
        return self._renderer.repository(
            "commits.html",
            page,
            current=f"{repository_path(found)}/commits/",
            rows=[commit_row(self._world, found, one) for one in wanted[:PAGE_LENGTH]],
            branch=branch,
            branches=sorted(found.git.branches()),
            number=number,
            has_more=len(wanted) > PAGE_LENGTH,
            infos=self._items(replace(page, branch=branch), BRANCH_SUMMARY, "info") if tip and is_summary else [],
            items=self._items(replace(page, branch=branch), BRANCH_SUMMARY, "actions") if tip and is_summary else [],
        )

    def commit(self, workspace: str, repository: str, commit: str) -> str:
        """One commit: message, files, builds."""
        page, found = self._viewing.repository(workspace, repository)
        it = found.git.commit(commit)
        return self._renderer.repository(
            "commit.html",
            page,
            current=f"{repository_path(found)}/commits/",
            row=commit_row(self._world, found, it),
            files=found.git.diffstat(found.git.parent_or_empty(it), it.hash),
            builds=builds_of(found, it.hash),
            infos=self._items(replace(page, commit=it.hash), COMMIT_SUMMARY, "info"),
            items=self._items(replace(page, commit=it.hash), COMMIT_SUMMARY, "actions"),
        )

    def branches(self, workspace: str, repository: str) -> str:
        """Every branch with its newest commit, the main one first, then by age."""
        page, found = self._viewing.repository(workspace, repository)
        open_from = {one.source_branch: one for one in found.pull_requests.values() if one.state == "OPEN"}
        rows = [
            BranchRow(
                name,
                name == found.main_branch,
                commit_row(self._world, found, found.git.commit(name)),
                open_from.get(name),
                self._items(replace(page, branch=name), BRANCH_LIST, "actions"),
            )
            for name in found.git.branches()
        ]
        rows.sort(key=lambda one: (one.is_main, one.row.commit.committer.at.timestamp()), reverse=True)
        return self._renderer.repository(
            "branches.html",
            page,
            current=f"{repository_path(found)}/branches/",
            rows=rows,
            tip=main_commit(found),
        )

    def _items(self, page: Page, place: str, part: str) -> list[WebItem]:
        return web_items(self._simulator, page, f"{place}.{part}")


def commit_row(world: World, repository: Repository, commit: Commit) -> CommitRow:
    """A commit with its author's account and the state of its builds."""
    return CommitRow(commit, world.user_of(commit.author), worst_state(builds_of(repository, commit.hash)))


def builds_of(repository: Repository, commit_hash: str) -> list[BuildStatus]:
    """The builds of a commit, newest first."""
    found = repository.build_statuses.get(commit_hash, {}).values()
    return sorted(found, key=lambda one: one.updated_on, reverse=True)


def worst_state(builds: list[BuildStatus]) -> str | None:
    """The state that stands for several builds."""
    states = {one.state for one in builds}
    return next((state for state in _STATE_ORDER if state in states), None)
