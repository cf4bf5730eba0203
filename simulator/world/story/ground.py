"""The git side of the story: the main branch and everybody's work beside it, commit by commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.world.story.edits import Edit, Lines, Rename, Tree
from simulator.world.story.stream import Stream, Written

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.world.story.cast import Person
    from simulator.world.story.codebase import Codebase


@dataclass(slots=True)
class Work:
    """A branch as its author has it (`mark`), and as others see it (`pushed`)."""

    branch: str
    author: Person
    tree: Tree
    mark: int
    commits: list[tuple[datetime, str, list[Edit]]] = field(default_factory=list)
    pushed: int | None = None
    is_there: bool = False


def touched(edits: list[Edit], before: Tree, after: Tree) -> dict[str, Lines | None]:
    """What `edits` made of a tree, by path."""
    paths = {edit.path for edit in edits} | {edit.new_path for edit in edits if isinstance(edit, Rename)}
    return {path: after.get(path) for path in sorted(paths) if before.get(path) is not after.get(path)}


def _applied(edits: list[Edit], tree: Tree) -> Tree:
    after = dict(tree)
    for edit in edits:
        edit.apply(after)
    return after


class Ground:
    """One repository's branches while its story is told; commits are known by their marks."""

    def __init__(self, codebase: Codebase, *, main_branch: str) -> None:
        self.stream = Stream()
        self.codebase = codebase
        self.main_branch = main_branch
        self.tree: Tree = {}
        self.mark = 0
        self._works: list[Work] = []
        self._kept = 0

    def found(self, person: Person, at: datetime, tree: Tree) -> None:
        """The first commit of all."""
        self.tree = dict(sorted(tree.items()))
        who = Written(person, at)
        self.mark = self.stream.commit(author=who, committer=who, message="Import\n", parents=(), changes=self.tree)

    def work_on_main(self, person: Person, at: datetime, message: str, *, edits: list[Edit] | None = None) -> int:
        """Somebody commits straight on the main branch; answers the commit's mark."""
        made = self.codebase.work(self.tree, size=0.7) if edits is None else edits
        before, self.tree = self.tree, _applied(made, self.tree)
        who = Written(person, at)
        self.mark = self.stream.commit(
            author=who, committer=who, message=message, parents=(self.mark,), changes=touched(made, before, self.tree)
        )
        return self.mark

    def branch_off(self, branch: str, author: Person) -> Work:
        """A new branch from where the main branch is."""
        work = Work(branch, author, self.tree, self.mark)
        self._works.append(work)
        return work

    def commit(self, work: Work, at: datetime, message: str, edits: list[Edit]) -> None:
        """One more commit, not pushed yet."""
        work.commits.append((at, message, edits))
        self._write(work, at, message, edits, committed=at)

    def _write(self, work: Work, at: datetime, message: str, edits: list[Edit], *, committed: datetime) -> None:
        before, work.tree = work.tree, _applied(edits, work.tree)
        work.mark = self.stream.commit(
            author=Written(work.author, at),
            committer=Written(work.author, committed),
            message=f"{message}\n",
            parents=(work.mark,),
            changes=touched(edits, before, work.tree),
        )

    def rebase(self, work: Work, at: datetime) -> None:
        """The same commits again on top of the main branch; what was pushed before stays, without a branch."""
        self.keep(work)
        work.mark, work.tree = self.mark, self.tree
        for authored, message, edits in work.commits:
            self._write(work, authored, message, edits, committed=at)

    def push(self, work: Work) -> int:
        """Let others see the branch as it is; answers its mark."""
        work.pushed, work.is_there = work.mark, True
        return work.mark

    def keep(self, work: Work) -> None:
        """Hold on to what was pushed even if no branch does: Bitbucket goes on showing such commits."""
        if work.pushed is not None:
            self._kept += 1
            self.stream.keep(work.pushed, self._kept)

    def merge(self, work: Work, *, author: Written, committer: Written, message: str, is_squash: bool) -> int:
        """Bring a branch's edits to the main branch; answers the new commit's mark."""
        edits = [edit for _, _, edits in work.commits for edit in edits]
        before, self.tree = self.tree, _applied(edits, self.tree)
        self.mark = self.stream.commit(
            author=author,
            committer=committer,
            message=message,
            parents=(self.mark,) if is_squash else (self.mark, work.mark),
            changes=touched(edits, before, self.tree),
        )
        return self.mark

    def remove(self, work: Work) -> None:
        """Delete a branch; its commits stay known."""
        self.keep(work)
        work.is_there = False

    def finish(self) -> None:
        """Set the branches as they stand."""
        self.stream.branch(self.main_branch, self.mark)
        for work in self._works:
            if work.is_there and work.pushed is not None:
                self.stream.branch(work.branch, work.pushed)
