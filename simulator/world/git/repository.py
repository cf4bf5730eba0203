"""One git repository: read, and changed, through git's own plumbing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from simulator.world.git.records import Commit, FileChange, Signature, Tag, TreeEntry
    from simulator.world.model import MergeStrategy


class GitRepository:
    """A bare repository at `path`; the history is parsed once and kept up with what is written through here."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def branches(self) -> dict[str, str]:
        """Branch name -> commit hash."""
        raise NotImplementedError

    def tags(self) -> dict[str, Tag]:
        """Tag name -> tag."""
        raise NotImplementedError

    def commit(self, name: str) -> Commit:
        """The commit that `name` (hash, short hash, branch or tag) stands for; raises Missing."""
        raise NotImplementedError

    def commits(self, include: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[Commit]:
        """Commits reachable from `include` and not from `exclude`, newest first."""
        raise NotImplementedError

    def diffstat(self, old: str, new: str) -> list[FileChange]:
        """The files that differ between two commits."""
        raise NotImplementedError

    def diff(self, old: str, new: str) -> bytes:
        """The unified diff between two commits."""
        raise NotImplementedError

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor."""
        raise NotImplementedError

    def file_content(self, commit: str, path: str) -> bytes:
        """A file's bytes at a commit; raises Missing."""
        raise NotImplementedError

    def tree(self, commit: str, path: str = "") -> list[TreeEntry]:
        """The entries of one directory; raises Missing."""
        raise NotImplementedError

    def commit_files(
        self, branch: str, *, files: Mapping[str, bytes | None], message: str, author: Signature
    ) -> Commit:
        """One more commit on `branch`."""
        raise NotImplementedError

    def merge(
        self, *, source: str, destination: str, message: str, author: Signature, strategy: MergeStrategy
    ) -> Commit:
        """Bring commit `source` into branch `destination`; raises Conflict."""
        raise NotImplementedError

    def set_branch(self, name: str, target: str | None) -> None:
        """Point a branch at a commit (None deletes it)."""
        raise NotImplementedError

    def set_tag(
        self, name: str, target: str | None, *, message: str | None = None, tagger: Signature | None = None
    ) -> None:
        """Point a tag at a commit (None deletes it)."""
        raise NotImplementedError
