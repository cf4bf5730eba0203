"""From a path to a repository of the world: borrow the objects, know the people, read the pull requests."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.world import identifiers
from simulator.world.git import GitRepository
from simulator.world.model import Project, Repository, Workspace
from simulator.world.reading.people import People
from simulator.world.reading.pull_requests import read_merged, read_open

if TYPE_CHECKING:
    from simulator.world.model import User
    from simulator.world.world import World

_MEMBERS = 50
"""So many of the busiest authors are members of the workspace; the others are only known as authors."""


def read_repository(
    world: World, origin: Path, *, workspace_slug: str = "local", workspace_name: str = "Local", is_private: bool = True
) -> Repository:
    """Show the git repository at `origin` in `world`; it is never written to.

    The first author by number of commits owns the workspace, with the API token `token-of-<nickname>`.
    Raises GitFailed where there is no repository or no commit.
    """
    directory = Path(tempfile.mkdtemp(prefix="simulator-read-"))
    world.on_close(partial(shutil.rmtree, directory, ignore_errors=True))
    resolved = origin.expanduser().resolve()
    slug = identifiers.slug_of(resolved.name.removesuffix(".git"))
    git, main_branch = GitRepository.borrow(resolved, directory / f"{slug}.git")
    with world.lock:
        people = People(world, git)
        oldest = min((git.history[key].author.at for key in git.history), default=world.now()).astimezone(UTC)
        workspace = _workspace(world, people, workspace_slug, workspace_name, created_on=oldest)
        repository = Repository(
            uuid=identifiers.uuid_for(world.seed, "read", workspace_slug, slug),
            workspace=workspace,
            project=next(iter(workspace.projects.values())),
            slug=slug,
            name=resolved.name.removesuffix(".git"),
            git=git,
            created_on=oldest,
            updated_on=_newest(git),
            is_private=is_private,
            main_branch=main_branch,
            description=_description(resolved),
            permissions={uuid: "admin" if role == "owner" else "write" for uuid, role in workspace.members.items()},
        )
        read_merged(repository, people)
        read_open(repository, people)
        return world.add_repository(repository)


def _newest(git: GitRepository) -> datetime:
    return max(git.history[tip].committer.at for tip in git.branches().values()).astimezone(UTC)


def _description(origin: Path) -> str:
    for candidate in (origin / "description", origin / ".git" / "description"):
        if candidate.is_file():
            text = candidate.read_text(errors="replace").strip()
            return "" if text.startswith("Unnamed repository") else text
    return ""


def _workspace(world: World, people: People, slug: str, name: str, *, created_on: datetime) -> Workspace:
    uuid = identifiers.uuid_for(world.seed, "workspace", slug)
    workspace = world.workspaces.get(uuid)
    if workspace is None:
        workspace = world.add_workspace(Workspace(uuid, slug, name, created_on))
        key = identifiers.uuid_for(world.seed, "project", slug)
        workspace.projects["CODE"] = Project(key, "CODE", "Code", created_on, created_on)
    humans = [world.users[one] for one, _ in people.commits.most_common() if world.users[one].kind == "user"]
    for user in humans[:_MEMBERS]:
        workspace.members.setdefault(user.uuid, "owner" if user is humans[0] else "member")
        _give_token(user)
    return workspace


def _give_token(user: User) -> None:
    if not user.api_tokens:
        user.api_tokens.append(f"token-of-{user.nickname}")
