"""What the forms of the pages do: review, merge, push, branch, report a build. Each becomes one of the world's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, abort, request

from simulator.host.navigation import repository_path
from simulator.host.viewing import back
from simulator.world import actions
from simulator.world.errors import Forbidden, WorldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.assembly import Simulator
    from simulator.connect.modules import Page
    from simulator.host.viewing import Viewing
    from simulator.world.model import PullRequest, Repository, User

_BUILD_STATES = ("SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED")
_STRATEGIES = ("merge_commit", "squash", "fast_forward")


class Deeds:
    """The targets of forms. A refusal of the world becomes a line at the top of the page that the form stood on."""

    def __init__(self, simulator: Simulator, viewing: Viewing) -> None:
        self._world = simulator.world
        self._viewing = viewing

    def open_pull_request(self, workspace: str, repository: str) -> Response:
        """Open a pull request and go to it."""
        found, actor = self._repository(workspace, repository, needs="read")
        base = repository_path(found)
        form = request.form
        try:
            made = actions.open_pull_request(
                self._world,
                found,
                author=actor,
                title=form.get("title", "").strip() or form.get("source", ""),
                source=form.get("source", ""),
                destination=form.get("destination") or None,
                description=form.get("description", ""),
                reviewers=[self._world.users[one] for one in form.getlist("reviewers") if one in self._world.users],
                draft=form.get("draft") == "on",
                close_source_branch=form.get("close_source_branch") == "on",
            )
        except WorldError as error:
            return back(with_problem(f"{base}/pull-requests/new", error.message))
        return back(f"{base}/pull-requests/{made.id}")

    def on_pull_request(self, workspace: str, repository: str, number: int) -> Response:
        """Approve, request changes, comment, merge, decline, change draft."""
        page, it = self._viewing.pull_request(workspace, repository, number)
        actor = page.viewer
        name = request.form.get("action", "")
        deed = self._deeds().get(name)
        if deed is None:
            abort(400)
        address = f"{repository_path(it.repository)}/pull-requests/{number}"
        try:
            deed(it, self._allowed(page, actor, needs=_needs(name, it, actor)))
        except WorldError as error:
            return back(with_problem(address, error.message))
        return back(address)

    def push(self, workspace: str, repository: str) -> Response:
        """Put a commit on a branch."""
        form = request.form
        path = form.get("path", "").strip()

        def deed(found: Repository, actor: User) -> object:
            return actions.push_commit(
                self._world,
                found,
                actor=actor,
                branch=form.get("branch", ""),
                message=form.get("message", "").strip() or "Change something",
                files={path: form.get("content", "")} if path else None,
            )

        return self._on_repository(workspace, repository, "commits/", deed)

    def create_branch(self, workspace: str, repository: str) -> Response:
        """Create a branch."""
        name, target = request.form.get("name", "").strip(), request.form.get("target", "")
        return self._on_repository(
            workspace,
            repository,
            "branches/",
            lambda found, actor: actions.create_branch(self._world, found, actor=actor, name=name, target=target),
        )

    def delete_branch(self, workspace: str, repository: str) -> Response:
        """Delete a branch."""
        name = request.form.get("name", "")
        return self._on_repository(
            workspace,
            repository,
            "branches/",
            lambda found, actor: actions.delete_branch(self._world, found, actor=actor, name=name),
        )

    def set_build_status(self, workspace: str, repository: str, commit: str) -> Response:
        """Report a build of a commit."""
        form = request.form
        state = next((one for one in _BUILD_STATES if one == form.get("state")), None)
        if state is None:
            abort(400)
        key = form.get("key", "").strip() or "pipeline"

        def deed(found: Repository, actor: User) -> object:
            return actions.set_build_status(
                self._world,
                found,
                actor=actor,
                commit=found.git.commit(commit).hash,
                key=key,
                state=state,  # type: ignore[arg-type]
                name=form.get("name", "").strip() or key,
                url=f"{self._world.site_url}{repository_path(found)}/commits/{commit}",
            )

        return self._on_repository(workspace, repository, f"commits/{commit}", deed)

    def _on_repository(
        self, workspace: str, repository: str, below: str, deed: Callable[[Repository, User], object]
    ) -> Response:
        found, actor = self._repository(workspace, repository, needs="write")
        address = f"{repository_path(found)}/{below}"
        try:
            deed(found, actor)
        except WorldError as error:
            return back(with_problem(request.form.get("back") or address, error.message))
        return back(address)

    def _repository(self, workspace: str, repository: str, *, needs: str) -> tuple[Repository, User]:
        page, found = self._viewing.repository(workspace, repository)
        return found, self._allowed(page, page.viewer, needs=needs)

    def _allowed(self, page: Page, actor: User | None, *, needs: str) -> User:
        if actor is None:
            raise Forbidden("Log in to do this.")
        if not self._viewing.may(page, needs):
            raise Forbidden(f"{actor.display_name} has no {needs} access to this repository.")
        return actor

    def _deeds(self) -> dict[str, Callable[[PullRequest, User], object]]:
        world, form = self._world, request.form
        text = form.get("text", "").strip()
        strategy = next((one for one in _STRATEGIES if one == form.get("strategy")), None)
        return {
            "approve": lambda it, actor: actions.approve(world, it, actor=actor),
            "unapprove": lambda it, actor: actions.unapprove(world, it, actor=actor),
            "request_changes": lambda it, actor: actions.request_changes(world, it, actor=actor),
            "withdraw_changes_request": lambda it, actor: actions.withdraw_changes_request(world, it, actor=actor),
            "comment": lambda it, actor: actions.comment(world, it, actor=actor, text=text) if text else None,
            "merge": lambda it, actor: actions.merge(world, it, actor=actor, strategy=strategy),  # type: ignore[arg-type]
            "decline": lambda it, actor: actions.decline(world, it, actor=actor, reason=text),
            "mark_ready": lambda it, actor: actions.mark_ready(world, it, actor=actor),
            "convert_to_draft": lambda it, actor: actions.convert_to_draft(world, it, actor=actor),
        }


def _needs(deed: str, pull_request: PullRequest, actor: User | None) -> str:
    """Whoever may read may speak and judge; only writers, and the author of what is theirs, may end or change it."""
    if deed == "merge" or (deed in {"decline", "mark_ready", "convert_to_draft"} and actor is not pull_request.author):
        return "write"
    return "read"


def with_problem(address: str, problem: str) -> str:
    """An address whose page shows a problem at its top."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "problem"]
    return parts._replace(query=urlencode([*query, ("problem", problem)])).geturl()
