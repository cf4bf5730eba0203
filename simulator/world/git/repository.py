"""One git repository: read, and changed, through git's own plumbing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from simulator.world.errors import Conflict, Missing
from simulator.world.git import borrowing, changes, trees, writing
from simulator.world.git.history import SHORTEST_PREFIX, History
from simulator.world.git.process import attempt, run
from simulator.world.git.records import Commit, FileChange, Signature, Tag, TreeEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from simulator.world.model import MergeStrategy, PullRequest

_BRANCHES = "refs/heads/"
_TAGS = "refs/tags/"
_TAG_FORMAT = "%(refname)%00%(objectname)%00%(*objectname)%00%(taggername)%00%(taggeremail)%00%(taggerdate:iso-strict)%00%(contents)%00%00"
_HEX = frozenset("0123456789abcdef")


class GitRepository:
    """A bare repository at `path`; the history is parsed once and kept up with what is written through here.

    Nothing else may write to `path` meanwhile. Not safe for threads: `World.lock` guards it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.diffstat = functools.lru_cache(maxsize=4096)(self._diffstat)

    @classmethod
    def create(cls, path: Path, *, main_branch: str = "main") -> GitRepository:
        """A new and empty one; `path` must not exist."""
        path.mkdir(parents=True)
        run(path, "init", "--quiet", "--bare", "--template=", f"--initial-branch={main_branch}", ".")
        return cls(path)

    @classmethod
    def borrow(cls, origin: Path, path: Path) -> tuple[GitRepository, str]:
        """A repository with what `origin` has, without touching it; and the name of its main branch."""
        main_branch = borrowing.borrow(origin, path)
        return cls(path), main_branch

    @classmethod
    def fork(cls, origin: GitRepository, path: Path) -> GitRepository:
        """A copy of `origin` that shares its objects."""
        path.parent.mkdir(parents=True, exist_ok=True)
        run(path.parent, "clone", "--quiet", "--bare", "--shared", str(origin.path), str(path))
        return cls(path)

    def fetch(self, origin: GitRepository, commit_hash: str) -> None:
        """Take a commit and its ancestors over from another repository, on no branch."""
        if commit_hash not in self.history:
            source = f"{origin.path}/"
            run(
                self.path,
                "-c",
                "uploadpack.allowAnySHA1InWant=true",
                "fetch",
                "--quiet",
                source,
                f"{commit_hash}:refs/kept/{commit_hash}",
            )
            self.history.learn(commit_hash)

    def reload(self) -> None:
        """Read everything anew when it is next needed: something else has written to the repository."""
        for name in ("history", "_branches", "_tags", "_size_bytes"):
            self.__dict__.pop(name, None)
        self.diffstat.cache_clear()

    @functools.cached_property
    def history(self) -> History:
        """Every commit, read when first asked for."""
        return History(self.path)

    @functools.cached_property
    def _branches(self) -> dict[str, str]:
        out = run(self.path, "for-each-ref", "--format=%(refname)%00%(objectname)", _BRANCHES).decode()
        pairs = (line.split("\0") for line in out.splitlines())
        return {ref.removeprefix(_BRANCHES): target for ref, target in pairs}

    @functools.cached_property
    def _tags(self) -> dict[str, Tag]:
        out = run(self.path, "for-each-ref", f"--format={_TAG_FORMAT}", _TAGS).decode(errors="replace")
        found = (trees.parsed_tag(record.lstrip("\n")) for record in out.split("\0\0\n"))
        return {tag.name: tag for tag in found if tag is not None and tag.target in self.history}

    @functools.cached_property
    def _size_bytes(self) -> int:
        return sum(one.stat().st_size for one in (self.path / "objects").rglob("*") if one.is_file())

    def size_bytes(self) -> int:
        """What the objects took on disk when they were first asked about (borrowed ones are not counted)."""
        return self._size_bytes

    def branches(self) -> dict[str, str]:
        """Branch name -> commit hash."""
        return dict(self._branches)

    def tags(self) -> dict[str, Tag]:
        """Tag name -> tag."""
        return dict(self._tags)

    def commit(self, name: str) -> Commit:
        """The commit that `name` (hash, short hash, branch or tag) stands for; raises Missing."""
        found = self.find(name)
        if found is None:
            raise Missing(f"Commit not found: {name}")
        return found

    def find(self, name: str) -> Commit | None:
        """As `commit`, None where there is none."""
        if name in self._branches:
            return self.history[self._branches[name]]
        if name in self._tags:
            return self.history[self._tags[name].target]
        lowered = name.lower()
        if len(lowered) >= SHORTEST_PREFIX and _HEX.issuperset(lowered):
            return self.history.by_prefix(lowered)
        return None

    def commits(self, include: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[Commit]:
        """Commits reachable from `include` and not from `exclude` (full hashes), children before their parents."""
        return self.history.walk(include, exclude)

    def touching(self, listing: Sequence[str], paths: Sequence[str]) -> list[str]:
        """Those of `listing` that change one of `paths`, in the same order."""
        wanted = set(listing)
        if not wanted:
            return []
        out = run(self.path, "log", "--format=%H", "--all", "--", *paths)
        changed = wanted.intersection(out.decode().split())
        return [one for one in listing if one in changed]

    def pull_request_commits(self, pull_request: PullRequest) -> list[str]:
        """The commits that a pull request brings, or brought: reachable from its source, not from its destination.

        A fork's commits are here too: forks share the objects of what they were forked from.
        """
        source, destination = pull_request.source_hash, pull_request.destination_hash
        if source not in self.history:
            return []
        hidden = [destination] if destination in self.history else []
        return self.history.listing([source], hidden)

    def _diffstat(self, old: str, new: str) -> list[FileChange]:
        return changes.diffstat(self.path, old, new)

    def diff(self, old: str, new: str, *, paths: tuple[str, ...] = (), context: int = 3) -> bytes:
        """The unified diff between two commits."""
        return changes.diff(self.path, old, new, paths=paths, context=context)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits (full hashes)."""
        if self.history.is_ancestor(one, other):
            return one
        done = attempt(self.path, "merge-base", one, other)
        return done.stdout.decode().strip() or None if done.returncode == 0 else None

    def parent_or_empty(self, commit: Commit) -> str:
        """What a commit is compared with: its first parent, or the empty tree."""
        held = next((parent for parent in commit.parents if parent in self.history), None)
        return held or trees.empty_tree(self.path)

    def file_content(self, commit: str, path: str) -> bytes:
        """A file's bytes at a commit; raises Missing."""
        return trees.content(self.path, commit, path)

    def entry(self, commit: str, path: str) -> TreeEntry:
        """The file or directory at `path`; raises Missing."""
        return trees.entry(self.path, commit, path)

    def tree(self, commit: str, path: str = "", *, recursive: bool = False) -> list[TreeEntry]:
        """The entries of one directory, or everything below it; raises Missing."""
        return trees.listing(self.path, commit, path, recursive=recursive)

    def commit_files(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
        self,
        branch: str,
        *,
        files: Mapping[str, bytes | None],
        message: str,
        author: Signature,
        committer: Signature | None = None,
        parent: str | None = None,
    ) -> Commit:
        """A commit on `branch` (made where it is new) over `parent`, by default the branch's newest commit."""
        over = parent or self._branches.get(branch)
        made = writing.commit_files(
            self.path, _BRANCHES + branch, parent=over, files=files, message=message, author=author,
            committer=committer or author,
        )  # fmt: skip
        self._branches[branch] = made
        return self.history.learn(made)

    def merge(
        self, *, source: str, destination: str, message: str, author: Signature, strategy: MergeStrategy
    ) -> Commit:
        """Bring commit `source` into branch `destination`; raises Conflict."""
        tip = self._branches[destination]
        if strategy == "fast_forward":
            made = self._fast_forward(tip, source)
        else:
            parents = (tip, source) if strategy == "merge_commit" else (tip,)
            tree = writing.merged_tree(self.path, tip, source)
            made = writing.commit_tree(
                self.path, tree, parents=parents, message=message, author=author, committer=author
            )
        writing.set_ref(self.path, _BRANCHES + destination, made, expected=tip)
        self._branches[destination] = made
        return self.history.learn(made)

    def _fast_forward(self, tip: str, source: str) -> str:
        if not self.history.is_ancestor(tip, source):
            raise Conflict("Fast forward merge is not possible: the destination has commits that the source lacks.")
        return source

    def conflicts(self, source: str, destination: str) -> list[str]:
        """The files in which a merge of two commits would conflict."""
        return writing.conflicts(self.path, destination, source)

    def file_history(self, commit: str, path: str, *, follow: bool = True) -> list[tuple[str, str]]:
        """(commit, name then) of each change of a file, the newest first."""
        return trees.history(self.path, commit, path, follow=follow)

    def rewrite(self, commit: Commit, *, author: Signature, message: str | None = None) -> Commit:
        """The same change as `commit` under a new hash, on no branch: what an amend makes."""
        made = writing.commit_tree(
            self.path, commit.tree, parents=commit.parents, message=message or commit.message, author=commit.author,
            committer=author,
        )  # fmt: skip
        return self.history.learn(made)

    def keep(self, commit_hash: str) -> None:
        """Hold on to a commit though no branch may: Bitbucket goes on showing what was rewritten or deleted."""
        run(self.path, "update-ref", f"refs/kept/{commit_hash}", commit_hash)

    def set_branch(self, name: str, target: str | None) -> None:
        """Point a branch at a commit (None deletes it)."""
        writing.set_ref(self.path, _BRANCHES + name, target)
        if target is None:
            self._branches.pop(name, None)
        else:
            self.history.learn(target)
            self._branches[name] = target

    def set_tag(
        self, name: str, target: str | None, *, message: str | None = None, tagger: Signature | None = None
    ) -> None:
        """Point a tag at a commit (None deletes it); with message and tagger it is annotated."""
        held = target
        if target is not None and message is not None and tagger is not None:
            held = writing.annotated_tag(self.path, name, target, message=message, tagger=tagger)
        writing.set_ref(self.path, _TAGS + name, held)
        if target is None:
            self._tags.pop(name, None)
        else:
            self._tags[name] = Tag(name, target, message, tagger)
