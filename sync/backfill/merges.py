"""Which commits a merge brought, worked out from the commits that we hold: a call less for each pull request that was merged so.

Pure. Only of true merges, and only where every commit back to the main branch is known; of all others Bitbucket is asked.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct


class Node(Struct, frozen=True):
    """A commit, as far as it matters here."""

    parents: tuple[str, ...]
    at: datetime


def brought(commits: Mapping[str, Node], tip: str) -> Mapping[str, Sequence[str]]:
    """By merge on the first parents of `tip`: the commits that came with it, the newest first; only where they are certain.

    A merge brings what its second parent reaches and its first does not. What is older than the oldest known commit of the
    line may lie behind it, so nothing that leads there is certain.
    """
    line = list(_first_parents(commits, tip))
    if not line:
        return {}
    line.reverse()
    begin = commits[line[0]].at
    reached = _reach(commits, line[0], set())[0]
    found: dict[str, Sequence[str]] = {}
    for commit in line[1:]:
        came: set[str] = set()
        is_certain = True
        for parent in commits[commit].parents[1:]:
            more, is_whole = _reach(commits, parent, reached)
            came |= more
            reached |= more
            is_certain = is_certain and is_whole
        reached.add(commit)
        is_plain = len(commits[commit].parents) == 2
        if is_plain and is_certain and came and all(commits[one].at >= begin for one in came):
            found[commit] = list(_newest_first(commits, came))
    return found


def _first_parents(commits: Mapping[str, Node], tip: str) -> Iterator[str]:
    commit: str | None = tip
    while commit is not None and commit in commits:
        yield commit
        parents = commits[commit].parents
        commit = parents[0] if parents else None


def _reach(commits: Mapping[str, Node], start: str, reached: set[str]) -> tuple[set[str], bool]:
    """The known commits that `start` leads to and that were not reached before; and whether no unknown one is among them."""
    found: set[str] = set()
    waiting, is_whole = [start], True
    while waiting:
        commit = waiting.pop()
        if commit in reached or commit in found:
            continue
        if commit not in commits:
            is_whole = False
            continue
        found.add(commit)
        waiting += commits[commit].parents
    return found, is_whole


def _newest_first(commits: Mapping[str, Node], came: set[str]) -> Iterator[str]:
    """By time, but never a commit before one that was made on it, as git lists them."""
    children = dict.fromkeys(came, 0)
    for commit in came:
        for parent in commits[commit].parents:
            if parent in children:
                children[parent] += 1
    ready = [_by_time(commits, commit) for commit, count in children.items() if count == 0]
    heapq.heapify(ready)
    while ready:
        *_, commit = heapq.heappop(ready)
        yield commit
        for parent in commits[commit].parents:
            if parent in children:
                children[parent] -= 1
                if children[parent] == 0:
                    heapq.heappush(ready, _by_time(commits, parent))


def _by_time(commits: Mapping[str, Node], commit: str) -> tuple[float, str]:
    return -commits[commit].at.timestamp(), commit
