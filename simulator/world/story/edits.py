"""Changes to files as intentions rather than texts, so that a branch's work can be done again on a newer main branch.

A file is a tuple of lines; an edit looks for the line that it hangs on. That is how merges and rebases of the story come
out as git's own would, without asking git thousands of times.
"""

from __future__ import annotations

from dataclasses import dataclass

Lines = tuple[str, ...]
Tree = dict[str, Lines]


@dataclass(frozen=True, slots=True)
class Insert:
    """New lines after the line `after` (at the end where it is gone)."""

    path: str
    after: str
    lines: Lines

    def apply(self, tree: Tree) -> None:
        """Make the change in `tree`."""
        held = tree.get(self.path, ())
        place = held.index(self.after) + 1 if self.after in held else len(held)
        tree[self.path] = held[:place] + self.lines + held[place:]


@dataclass(frozen=True, slots=True)
class Replace:
    """Other lines instead of the line `old` (nothing where it is gone)."""

    path: str
    old: str
    lines: Lines

    def apply(self, tree: Tree) -> None:
        """Make the change in `tree`."""
        held = tree.get(self.path, ())
        if self.old in held:
            place = held.index(self.old)
            tree[self.path] = held[:place] + self.lines + held[place + 1 :]


@dataclass(frozen=True, slots=True)
class Write:
    """The whole file, new or rewritten."""

    path: str
    lines: Lines

    def apply(self, tree: Tree) -> None:
        """Make the change in `tree`."""
        tree[self.path] = self.lines


@dataclass(frozen=True, slots=True)
class Remove:
    """No such file any more."""

    path: str

    def apply(self, tree: Tree) -> None:
        """Make the change in `tree`."""
        tree.pop(self.path, None)


@dataclass(frozen=True, slots=True)
class Rename:
    """The file under another name, as it is."""

    path: str
    new_path: str

    def apply(self, tree: Tree) -> None:
        """Make the change in `tree`."""
        if self.path in tree:
            tree[self.new_path] = tree.pop(self.path)


Edit = Insert | Replace | Write | Remove | Rename
