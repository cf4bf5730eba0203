"""How often a file was changed, and where the work is: revisions and the hotspot score.

Source: panels.md 5.5; Tornhill, Your Code as a Crime Scene, 2015, for the idea of a hotspot. Units: revisions are non-merge commits (or
merged pull requests) touching the file in 12 months, renames followed; the score is the percentile rank of the revisions
times that of the size, 0 to 1. It says "look here", it does not judge quality.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import YEAR_DAYS
from insights.files.changes import Change, with_present_names, within
from insights.result import Definition, Result, Unit, WhyNot, Window
from insights.statistics.percentiles import percentile_rank

REVISIONS = Definition(
    name="revisions",
    version=1,
    title="Revisions",
    text=(
        "How many commits of the last 52 weeks touch this file, merge commits left out and renames followed, and the "
        "part of the repository's changed files that changed less often (equals counted half)."
    ),
    unit=Unit.COUNT,
    source="panels.md 5.5",
)
HOTSPOT = Definition(
    name="hotspot",
    version=1,
    title="Hotspot",
    text=(
        "A place to look at, no verdict: how the file ranks by revisions in the last 52 weeks, times how it ranks by "
        "size, each from 0 to 1 among the repository's changed files."
    ),
    unit=Unit.SCORE,
    source="Tornhill, Your Code as a Crime Scene, 2015; panels.md 5.5",
)


class Revisions(Struct, frozen=True):
    """How many, and the rank among the changed files, 0 to 1."""

    count: int
    rank: float


class Hotspot(Struct, frozen=True):
    """The score of one file."""

    path: str
    score: float
    revisions: int


def revision_counts(changes: Iterable[Change]) -> Counter[str]:
    """Count the changes of each file, from changes under present names. A file is counted once for each."""
    return Counter(path for change in changes for path in {file.path for file in change.files})


def revisions(path: str, changes: Iterable[Change], look: Look) -> Result[Revisions]:
    """Return the revisions of one file, from all changes of the repository. n counts the files it is ranked among."""
    window = look.last_days(YEAR_DAYS)
    return revisions_among(path, revision_counts(within(with_present_names(changes), window)), window)


def revisions_among(path: str, counts: Counter[str], window: Window) -> Result[Revisions]:
    """Return the revisions of one file, from those of all files in a window, which were counted before."""
    if not counts:
        return Result(definition=REVISIONS.id, n=0, why_not=WhyNot.NO_DATA, window=window)
    rank = percentile_rank(sorted(counts.values()), counts[path])
    return Result(definition=REVISIONS.id, n=len(counts), value=Revisions(counts[path], rank), window=window)


def hotspots(changes: Iterable[Change], sizes: Mapping[str, int], look: Look) -> Result[tuple[Hotspot, ...]]:
    """Return the score of every changed file whose size is known, the hottest first.

    ``sizes`` are lines, or bytes where no lines are known: only their order matters, so all must have the same unit.
    """
    window = look.last_days(YEAR_DAYS)
    counts = revision_counts(within(with_present_names(changes), window))
    known = [path for path in counts if path in sizes]
    by_count = sorted(counts[path] for path in known)
    by_size = sorted(sizes[path] for path in known)
    scored = (
        Hotspot(
            path,
            percentile_rank(by_count, counts[path]) * percentile_rank(by_size, sizes[path]),
            counts[path],
        )
        for path in known
    )
    ordered = tuple(sorted(scored, key=lambda spot: (-spot.score, spot.path)))
    return Result(
        definition=HOTSPOT.id,
        n=len(known),
        value=ordered or None,
        why_not=None if ordered else WhyNot.NO_DATA,
        window=window,
    )
