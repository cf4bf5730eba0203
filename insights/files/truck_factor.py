"""How many people would have to leave before most of a folder's files have no author.

Source: Avelino, Passos, Hora and Valente, "A novel approach for estimating truck factors", 2016; panels.md 5.5: the author of the most
files is removed, again and again, until more than half of the files have none. Unit: people. Files that only bots touched
never had an author and are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.files.authorship import authors_of
from insights.files.changes import Change, touches_by_file, with_present_names
from insights.people.bots import Directory
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="truck_factor",
    version=1,
    title="Truck factor",
    text=(
        "The smallest number of people, the best informed first, without whom more than half of the files here would "
        "have no author any more. An author has more than 0.75 of the highest degree of authorship on a file."
    ),
    unit=Unit.COUNT,
    source="Avelino et al. 2016",
)


class TruckFactor(Struct, frozen=True):
    """How many people, and who they are in the order of their removal."""

    people: int
    accounts: tuple[str, ...]


def truck_factor(
    changes: Iterable[Change],
    directory: Directory,
    *,
    folder: str = "",
    present: Iterable[str] | None = None,
) -> Result[TruckFactor]:
    """Return the truck factor of a folder and all beneath it. ``present`` names the files that exist, where known.

    n counts the files that have an author.
    """
    prefix = f"{folder}/" if folder else ""
    existing = None if present is None else set(present)
    files = {
        path: authors
        for path, touches in touches_by_file(with_present_names(changes)).items()
        if path.startswith(prefix) and (existing is None or path in existing)
        if (authors := frozenset(author.account for author in authors_of(touches, directory) if author.is_author))
    }
    if not files:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NO_DATA)
    removed = _removed(files)
    return Result(definition=DEFINITION.id, n=len(files), value=TruckFactor(len(removed), removed))


def _removed(files: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Remove the author of the most files until more than half of the files have none."""
    covered = dict(files)
    removed: list[str] = []
    while 2 * (len(files) - len(covered)) <= len(files):
        counts = Counter(author for authors in covered.values() for author in authors)
        top = min(counts, key=lambda who: (-counts[who], who))
        removed.append(top)
        covered = {path: left for path, authors in covered.items() if (left := authors - {top})}
    return tuple(removed)
