"""What git holds, as values: commits, tags, file changes, tree entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

ChangeKind = Literal["added", "removed", "modified", "renamed"]


@dataclass(slots=True, frozen=True)
class Signature:
    """Who did something and when; the time keeps the offset that git recorded."""

    name: str
    email: str
    at: datetime

    @property
    def raw(self) -> str:
        """`Name <e-mail>`, as REST's `author.raw`."""
        return f"{self.name} <{self.email}>"


@dataclass(slots=True, frozen=True)
class Commit:
    """A commit; `hash` and `parents` are full."""

    hash: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(slots=True, frozen=True)
class Tag:
    """A tag and the commit at its end; `message` and `tagger` are None for a lightweight one."""

    name: str
    target: str
    message: str | None = None
    tagger: Signature | None = None


@dataclass(slots=True, frozen=True)
class FileChange:
    """One file of a diffstat; lines are None for binary files."""

    kind: ChangeKind
    old_path: str | None
    new_path: str | None
    lines_added: int | None
    lines_removed: int | None


@dataclass(slots=True, frozen=True)
class TreeEntry:
    """A file, directory, link or submodule of a tree."""

    path: str
    mode: str
    kind: Literal["blob", "tree", "commit"]
    hash: str
    size_bytes: int | None
