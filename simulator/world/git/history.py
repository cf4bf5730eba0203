"""A repository's commits, parsed once from `git log` and kept up as new ones are written.

Fifty thousand commits take about two seconds to read and then every question about ancestry is answered from memory.
"""

from __future__ import annotations

import bisect
import heapq
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.world.errors import Missing
from simulator.world.git.process import run
from simulator.world.git.records import Commit, Signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%aN%x00%aE%x00%B"
_FIELDS = 12
_LISTINGS_KEPT = 16
SHORTEST_PREFIX = 4


class History:
    """Commits by hash, the order among them, and who `.mailmap` says that their authors are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._commits: dict[str, Commit] = {}
        self._listings: OrderedDict[tuple[frozenset[str], frozenset[str]], list[str]] = OrderedDict()
        self.canonical: dict[tuple[str, str], tuple[str, str]] = {}
        """(name, e-mail) as written in commits -> the same after .mailmap"""
        self._sorted = sorted(self._read("--all"))

    def __contains__(self, commit_hash: object) -> bool:
        return commit_hash in self._commits

    def __len__(self) -> int:
        return len(self._commits)

    def __getitem__(self, commit_hash: str) -> Commit:
        return self._commits[commit_hash]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commits)

    def _read(self, *revisions: str) -> list[str]:
        """Take in what `git log` shows of `revisions`; answers the hashes that are new."""
        raw = run(self._path, "log", "-z", f"--format=tformat:{_FORMAT}", *revisions, "--")
        fields = raw.decode(errors="replace").split("\0")
        starts = range(0, len(fields) - _FIELDS + 1, _FIELDS)
        new = [fields[start] for start in starts if fields[start] not in self._commits]
        for start in starts:
            self._add(fields[start : start + _FIELDS])
        return new

    def _add(self, fields: Sequence[str]) -> None:
        commit_hash, tree, parents, name, email, at, c_name, c_email, c_at, m_name, m_email, message = fields
        author = Signature(name, email, datetime.fromisoformat(at))
        committer = Signature(c_name, c_email, datetime.fromisoformat(c_at))
        known = tuple(parents.split())
        self._commits[commit_hash] = Commit(commit_hash, tree, known, author, committer, message)
        self.canonical[name, email] = (m_name, m_email)

    def learn(self, commit_hash: str) -> Commit:
        """The commit `commit_hash`, reading it and its unknown ancestors where they are new."""
        if commit_hash not in self._commits:
            # Mostly it is one commit over known ones; asking git for it alone is much quicker.
            new = self._read("-1", commit_hash)
            if any(parent not in self._commits for parent in self._commits[commit_hash].parents):
                new += self._read(commit_hash, *(f"^{tip}" for tip in self._heads() if tip != commit_hash))
            for one in new:
                bisect.insort(self._sorted, one)
        return self._commits[commit_hash]

    def _heads(self) -> list[str]:
        parents = {parent for commit in self._commits.values() for parent in commit.parents}
        return [commit_hash for commit_hash in self._commits if commit_hash not in parents]

    def by_prefix(self, prefix: str) -> Commit | None:
        """The only commit whose hash starts with `prefix`; raises Missing where there are several."""
        place = bisect.bisect_left(self._sorted, prefix)
        found = [one for one in self._sorted[place : place + 2] if one.startswith(prefix)]
        if len(found) > 1:
            raise Missing(f"Commit '{prefix}' is ambiguous.")
        return self._commits[found[0]] if found else None

    def ancestors(self, tips: Iterable[str]) -> set[str]:
        """The hashes reachable from `tips`, themselves included."""
        seen: set[str] = set()
        waiting = [tip for tip in tips if tip in self._commits]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                # A shallow repository names parents that it does not hold.
                waiting.extend(parent for parent in self._commits[one].parents if parent in self._commits)
        return seen

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether `one` is reachable from `other`."""
        return one in self.ancestors([other])

    def walk(self, include: Iterable[str], exclude: Iterable[str] = ()) -> Iterator[Commit]:
        """Commits reachable from `include` and not from `exclude`: children first, newest first among equals."""
        return (self._commits[one] for one in self.listing(include, exclude))

    def listing(self, include: Iterable[str], exclude: Iterable[str] = ()) -> list[str]:
        """The hashes that `walk` goes through; kept for a while, as pages ask for the same list again and again."""
        key = (frozenset(include), frozenset(exclude))
        if key not in self._listings:
            self._listings[key] = self._ordered(key[0], key[1])
            if len(self._listings) > _LISTINGS_KEPT:
                self._listings.popitem(last=False)
        self._listings.move_to_end(key)
        return self._listings[key]

    def _ordered(self, include: frozenset[str], exclude: frozenset[str]) -> list[str]:
        hidden = self.ancestors(exclude) if exclude else set()
        wanted = self.ancestors(include) - hidden
        children = dict.fromkeys(wanted, 0)
        for one in wanted:
            for parent in self._commits[one].parents:
                if parent in children:
                    children[parent] += 1
        ready = [self._rank(one) for one, count in children.items() if count == 0]
        heapq.heapify(ready)
        order = []
        while ready:
            _, one = heapq.heappop(ready)
            order.append(one)
            for parent in self._commits[one].parents:
                if parent in children:
                    children[parent] -= 1
                    if children[parent] == 0:
                        heapq.heappush(ready, self._rank(parent))
        return order

    def _rank(self, commit_hash: str) -> tuple[float, str]:
        return (-self._commits[commit_hash].committer.at.timestamp(), commit_hash)
