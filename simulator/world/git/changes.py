"""What differs between two commits: file by file, as a unified diff, as a mailbox of patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world.git.process import run
from simulator.world.git.records import ChangeKind, FileChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KINDS: dict[str, ChangeKind] = {
    "A": "added", "C": "added", "D": "removed", "M": "modified", "T": "modified", "R": "renamed",
}  # fmt: skip


def diffstat(path: Path, old: str, new: str, *, paths: tuple[str, ...] = (), renames: bool = True) -> list[FileChange]:
    """The files that differ between `old` and `new`, in git's order."""
    find = "-M" if renames else "--no-renames"
    out = run(path, "diff-tree", "-r", "-z", "--raw", "--numstat", find, old, new, "--", *paths)
    fields = iter(out.decode(errors="replace").split("\0"))
    kinds: dict[str, tuple[ChangeKind, str]] = {}
    changes: list[FileChange] = []
    for field in fields:
        if field.startswith(":"):
            kind = _KINDS[field.rsplit(" ", 1)[1][0]]
            before = next(fields)
            after = next(fields) if kind == "renamed" else before
            kinds[after] = (kind, before)
        elif field:
            changes.append(_numbered(field, fields, kinds))
    return changes


def _numbered(field: str, fields: Iterator[str], kinds: dict[str, tuple[ChangeKind, str]]) -> FileChange:
    added, removed, after = field.split("\t", 2)
    if not after:
        next(fields)
        after = next(fields)
    kind, before = kinds[after]
    return FileChange(
        kind,
        None if kind == "added" else before,
        None if kind == "removed" else after,
        None if added == "-" else int(added),
        None if removed == "-" else int(removed),
    )


def diff(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
    path: Path,
    old: str,
    new: str,
    *,
    paths: tuple[str, ...] = (),
    context: int = 3,
    ignore_whitespace: bool = False,
    renames: bool = True,
    binary: bool = True,
) -> bytes:
    """The unified diff that leads from `old` to `new`."""
    options = [f"-U{context}", "-M" if renames else "--no-renames", "--full-index" if binary else "--no-color"]
    if ignore_whitespace:
        options.append("--ignore-all-space")
    return run(path, "diff-tree", "-r", "-p", *options, old, new, "--", *paths)


def patch(path: Path, old: str | None, new: str) -> bytes:
    """The commits from `old` (exclusive; None: only `new`) to `new` as git's mailbox patches, oldest first."""
    revisions = ["-1", new] if old is None else [f"{old}..{new}"]
    return run(path, "format-patch", "--stdout", "--no-signature", *revisions)
