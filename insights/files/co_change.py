"""Which files change together with a file.

Source: panels.md 5.5, with the limits that code-maat uses by default (its idea, not its code): both files have at least 5 revisions,
share at least 5, and the degree is at least 30 %; changes of more than 30 files are ignored. Unit: the degree is the number
of shared changes over the mean number of revisions of the two, 0 to 1.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import YEAR_DAYS
from insights.files.changes import Change, with_present_names, within
from insights.files.revisions import revision_counts
from insights.result import Definition, Exclusion, Result, Unit, WhyNot

DEFINITION = Definition(
    name="co_change",
    version=1,
    title="Changes together with",
    text=(
        "Files that changed in the same commits in the last 52 weeks: the shared ones divided by the mean of both "
        "files' revisions, if that is at least 30 %, five are shared and both have five. Commits of more than 30 files "
        "are ignored."
    ),
    unit=Unit.SHARE,
    source="Gall et al. 1998 for the idea; code-maat's default limits; panels.md 5.5",
)

LEAST_REVISIONS = 5
LEAST_SHARED = 5
LEAST_DEGREE = 0.30
MOST_FILES = 30


class CoChange(Struct, frozen=True):
    """A file that changes together with the one that is asked about."""

    path: str
    shared: int
    revisions: int
    degree: float


def co_changes(path: str, changes: Iterable[Change], look: Look) -> Result[tuple[CoChange, ...]]:
    """Return the files that change together with one, the strongest first; none is an answer too.

    n counts the file's own revisions; it is silent below five of them.
    """
    window = look.last_days(YEAR_DAYS)
    recent = list(within(with_present_names(changes), window))
    small = [change for change in recent if len(change.files) <= MOST_FILES]
    counts = revision_counts(small)
    own = counts[path]
    ignored = len(recent) - len(small)
    found = tuple(_coupled(path, small, counts)) if own >= LEAST_REVISIONS else None
    return Result(
        definition=DEFINITION.id,
        n=own,
        value=found,
        why_not=WhyNot.TOO_FEW if found is None else None,
        window=window,
        exclusions={Exclusion.LARGE_COMMIT: ignored} if ignored else {},
    )


def _coupled(path: str, changes: Iterable[Change], counts: Counter[str]) -> list[CoChange]:
    together = (names for change in changes if path in (names := {file.path for file in change.files}))
    shared = Counter(other for names in together for other in names - {path})
    pairs = (
        CoChange(other, number, counts[other], 2 * number / (counts[path] + counts[other]))
        for other, number in shared.items()
        if number >= LEAST_SHARED and counts[other] >= LEAST_REVISIONS
    )
    return sorted((pair for pair in pairs if pair.degree >= LEAST_DEGREE), key=lambda pair: (-pair.degree, pair.path))
