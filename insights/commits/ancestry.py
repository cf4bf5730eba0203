"""Which commits contain which, from their parents. Linear in the commits that are walked over."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

Parents = Mapping[str, tuple[str, ...]]
"""Commit to its parents. A commit that is missing is not known, and neither is what lies behind it."""

Point = TypeVar("Point")


def ancestors_of(tips: Iterable[str], parents: Parents) -> frozenset[str]:
    """Return some commits and all that they contain."""
    return frozenset(_walk(tips, parents, set()))


def first_containing(points: Iterable[tuple[str, Point]], parents: Parents) -> Mapping[str, Point]:
    """Return for each commit the first of some points (tags, deployments), in their order, that contains it.

    Each commit is walked over once, however many points there are.
    """
    first: dict[str, Point] = {}
    for commit, point in points:
        first.update(dict.fromkeys(_walk([commit], parents, first), point))
    return first


def _walk(tips: Iterable[str], parents: Parents, known: Mapping[str, Point] | set[str]) -> list[str]:
    """Return what is reached from some commits without passing one that is known."""
    found: dict[str, None] = {}
    stack = [tip for tip in tips if tip not in known]
    while stack:
        commit = stack.pop()
        if commit not in found:
            found[commit] = None
            stack.extend(parent for parent in parents.get(commit, ()) if parent not in known and parent not in found)
    return list(found)
