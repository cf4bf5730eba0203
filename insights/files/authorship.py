"""Who knows a file: the degree of authorship.

Source: Fritz, Ou, Murphy and Murphy-Hill, "A degree-of-knowledge model to capture source code familiarity", 2010; as used by Avelino et al.
2016 with the normalisation and the limit of 0.75. DOA = 3.293 + 1.098 FA + 0.164 DL - 0.321 ln(1 + AC): FA is 1 for who created the file, DL
the author's later changes, AC the changes by others. Unit: a score, and its share of the file's largest. Bots and authors
who are not known are left out altogether.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import log
from pathlib import PurePosixPath

from msgspec import Struct

from insights.files.changes import Change, Touch, touches_by_file, with_present_names
from insights.people.bots import Directory
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="authors",
    version=1,
    title="Authors by degree of authorship",
    text=(
        "Who knows the file: a score from who created it, who changed it how often, and how often others did, divided "
        "by the highest score on the file. Above 0.75 somebody counts as one of its authors. Bots are left out."
    ),
    unit=Unit.SCORE,
    source="Fritz et al. 2010; Avelino et al. 2016",
)

AUTHOR_ABOVE = 0.75


class Author(Struct, frozen=True):
    """Somebody's part in a file. ``share`` is the score over the file's largest."""

    account: str
    score: float
    share: float
    last_touch: datetime

    @property
    def is_author(self) -> bool:
        """Whether the share makes an author."""
        return self.share > AUTHOR_ABOVE


def degree_of_authorship(*, has_created: bool, deliveries: int, acceptances: int) -> float:
    """Return the score from the three counts."""
    return 3.293 + 1.098 * has_created + 0.164 * deliveries - 0.321 * log(1 + acceptances)


def authors_of(touches: Iterable[Touch], directory: Directory) -> tuple[Author, ...]:
    """Return everybody who changed a file, the highest score first."""
    known = [touch for touch in touches if touch.author is not None and not directory.is_bot(touch.author)]
    changes = Counter(touch.author for touch in known)
    creator = min((touch for touch in known if touch.is_creation), key=lambda touch: touch.at, default=None)
    scores = {
        who: degree_of_authorship(
            has_created=creator is not None and who == creator.author,
            deliveries=count - (creator is not None and who == creator.author),
            acceptances=len(known) - count,
        )
        for who, count in changes.items()
        if who is not None
    }
    return _ranked(scores, {touch.author: touch.at for touch in sorted(known, key=lambda touch: touch.at)})


def file_authors(path: str, changes: Iterable[Change], directory: Directory) -> Result[tuple[Author, ...]]:
    """Return the authors of one file, from all changes of the repository. n counts the changes of the file."""
    touches = touches_by_file(with_present_names(changes)).get(path, ())
    found = authors_of(touches, directory)
    return Result(
        definition=DEFINITION.id,
        n=len(touches),
        value=found or None,
        why_not=None if found else WhyNot.NO_DATA,
    )


def folder_touches(changes: Iterable[Change]) -> Mapping[str, tuple[Touch, ...]]:
    """Return what happened in each folder that holds files, every change once; the first in a folder is its creation.

    Changes are under present names. The root is ``""``.
    """
    seen: dict[str, list[Touch]] = {}
    for change in changes:
        for folder in sorted({folder_of(file.path) for file in change.files}):
            seen.setdefault(folder, []).append(Touch(change.author, change.at, is_creation=False))
    return {folder: _with_creation(touches) for folder, touches in seen.items()}


def folder_of(path: str) -> str:
    """Return the folder of a file, ``""`` at the root."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def _with_creation(touches: Sequence[Touch]) -> tuple[Touch, ...]:
    ordered = sorted(touches, key=lambda touch: (touch.at, touch.author or ""))
    first = ordered[0]
    return (Touch(first.author, first.at, is_creation=True), *ordered[1:])


def _ranked(scores: Mapping[str, float], last: Mapping[str | None, datetime]) -> tuple[Author, ...]:
    # The largest score is negative only after some 28,000 changes by others; then nobody knows the file.
    top = max(scores.values(), default=0.0)
    authors = (Author(who, score, score / top if top > 0 else 0.0, last[who]) for who, score in scores.items())
    return tuple(sorted(authors, key=lambda author: (-author.score, author.account)))
