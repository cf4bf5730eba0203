"""A repository's front page and its files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from simulator.host import frames
from simulator.host.file_views import DEFAULT, PARAMETER, viewers_of
from simulator.host.navigation import repository_path
from simulator.world.errors import WorldError

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from simulator.assembly import Simulator
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing
    from simulator.world.git import Commit, TreeEntry
    from simulator.world.model import Repository

README_NAMES = ("README.md", "README.rst", "README.txt", "README", "readme.md")
LONGEST_SHOWN_BYTES = 512 * 1024
_LONGEST_README_BYTES = 64 * 1024


class RepositoryPages:
    """The overview and the file browser."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._viewing = viewing
        self._renderer = renderer

    def overview(self, workspace: str, repository: str) -> str:
        """Files, README, facts, and the panels of apps."""
        page, found = self._viewing.repository(workspace, repository)
        tip = main_commit(found)
        return self._renderer.repository(
            "overview.html",
            page,
            current=f"{repository_path(found)}/",
            tip=tip,
            entries=_listing(found, tip, ""),
            readme=_readme(found, tip),
            facts=_facts(found),
            panels=frames.repository_panels(self._simulator, page),
        )

    def source(self, workspace: str, repository: str, ref: str, path: str = "") -> str:
        """A directory or a file at a branch, tag or commit."""
        page, found = self._viewing.repository(workspace, repository)
        commit = found.git.commit(ref)
        entry = found.git.entry(commit.hash, path) if path else None
        is_file = entry is not None and entry.kind != "tree"
        content = found.git.file_content(commit.hash, path) if entry and entry.kind == "blob" else b""
        of_file = replace(page, commit=commit.hash, file=path)
        chosen = request.args.get(PARAMETER, DEFAULT)
        return self._renderer.repository(
            "source.html",
            page,
            current=f"{repository_path(found)}/",
            ref=ref,
            path=path,
            crumbs=_crumbs(path),
            entries=[] if is_file else _listing(found, commit, path),
            is_file=is_file,
            lines=_lines(content),
            size_bytes=len(content),
            viewers=viewers_of(self._simulator, of_file, chosen) if is_file else None,
        )

    def to_overview(self, workspace: str, repository: str) -> Response:
        """Other addresses of the front page."""
        _, found = self._viewing.repository(workspace, repository)
        return redirect(f"{repository_path(found)}/")


def main_commit(repository: Repository) -> Commit | None:
    """The newest commit of the main branch; None in an empty repository."""
    return repository.git.find(repository.main_branch) if repository.main_branch else None


def _listing(repository: Repository, commit: Commit | None, path: str) -> list[TreeEntry]:
    """A directory's entries, directories first."""
    if commit is None:
        return []
    entries = repository.git.tree(commit.hash, path)
    return sorted(entries, key=lambda one: (one.kind != "tree", one.path.lower()))


def _readme(repository: Repository, commit: Commit | None) -> str:
    if commit is None:
        return ""
    for name in README_NAMES:
        try:
            content = repository.git.file_content(commit.hash, name)
        except WorldError:
            continue
        return content[:_LONGEST_README_BYTES].decode(errors="replace")
    return ""


def _facts(repository: Repository) -> list[tuple[str, Any]]:
    states = [one.state for one in repository.pull_requests.values()]
    return [
        ("Main branch", repository.main_branch or "none"),
        ("Branches", len(repository.git.branches())),
        ("Tags", len(repository.git.tags())),
        ("Open pull requests", states.count("OPEN")),
        ("Merged pull requests", states.count("MERGED")),
        ("Access", "Private" if repository.is_private else "Public"),
    ]


def _crumbs(path: str) -> list[tuple[str, str]]:
    """Each part of a path with the path up to it."""
    parts = [part for part in path.split("/") if part]
    return [(part, "/".join(parts[: number + 1])) for number, part in enumerate(parts)]


def _lines(content: bytes) -> list[str] | None:
    """The lines of a text; None for what is binary or too long to show."""
    if b"\0" in content or len(content) > LONGEST_SHOWN_BYTES:
        return None
    return content.decode(errors="replace").splitlines()
