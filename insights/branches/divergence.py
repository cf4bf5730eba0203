"""How far a branch and its base have moved apart.

Source: panels.md 5.4, "Ahead / behind" and "Divergence risk". Units: commits, said as "100+" beyond what was asked for; files; days between
the point where they parted and the base's newest commit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from insights.facts.repository import CommitFacts
from insights.files.generated import GeneratedFiles
from insights.pull_requests.collisions import paths_of
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="divergence",
    version=1,
    title="Ahead, behind, shared files",
    text=(
        "Commits on the branch that its base lacks, commits on the base that the branch lacks (each at most 100+), "
        "files that both have changed since they parted, and the days by which the base has moved on since then."
    ),
    unit=Unit.COUNT,
    source="panels.md 5.4",
)

MOST_COUNTED = 100


class Capped(Struct, frozen=True):
    """A number, or "at least this many"."""

    number: int
    is_at_least: bool = False


class Divergence(Struct, frozen=True, kw_only=True):
    """How far apart. ``shared_paths`` is None where not all files of both sides are known."""

    ahead: Capped
    behind: Capped
    behind_for: timedelta
    shared_paths: tuple[str, ...] | None


def divergence(
    ahead: Iterable[CommitFacts] | None,
    behind: Iterable[CommitFacts] | None,
    *,
    parted_at: datetime | None,
    generated: GeneratedFiles,
) -> Result[Divergence]:
    """Compare the commits that only the branch has with those that only the base has, both as far as they were read.

    ``parted_at`` is the time of the merge base. Silent until both sides have been read. n counts the commits.
    """
    if ahead is None or behind is None:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NOT_KNOWN)
    own, others = list(ahead), list(behind)
    newest = max((commit.committed_at for commit in others), default=None)
    late = newest - parted_at if newest is not None and parted_at is not None else timedelta(0)
    value = Divergence(
        ahead=_capped(len(own)),
        behind=_capped(len(others)),
        behind_for=max(late, timedelta(0)),
        shared_paths=_shared(own, others, generated),
    )
    return Result(definition=DEFINITION.id, n=len(own) + len(others), value=value)


def _capped(number: int) -> Capped:
    """Bitbucket's page holds 100 commits: a full one may not be all."""
    return Capped(min(number, MOST_COUNTED), is_at_least=number >= MOST_COUNTED)


def _shared(own: list[CommitFacts], others: list[CommitFacts], generated: GeneratedFiles) -> tuple[str, ...] | None:
    if any(commit.files is None for commit in (*own, *others)):
        return None
    sides = ({path for commit in side for path in paths_of(commit.files or (), generated)} for side in (own, others))
    return tuple(sorted(set.intersection(*sides)))
