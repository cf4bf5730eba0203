"""Who knows the folders that a pull request touches: a hint whom to ask.

Source: panels.md 5.2, "Knowledge": for each touched folder the three authors with the highest degree of authorship who are not the
author, and which of the reviewers already know the code. A folder is taken as one file: whoever made its first known
change created it.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.facts.pull_requests import PullRequestFacts
from insights.files.authorship import DEFINITION as AUTHORS
from insights.files.authorship import Author, authors_of, folder_of
from insights.files.changes import Touch
from insights.pull_requests.context import Context
from insights.pull_requests.size import handwritten
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="knowledge",
    version=1,
    title="Knowledge",
    text=(
        "For each folder this changes, the three people other than the author who know it best by degree of "
        "authorship. A reviewer is marked as knowing the code if they count as an author of one of the folders."
    ),
    unit=Unit.LIST,
    source=AUTHORS.source,
)

PEOPLE = 3


class FolderKnowledge(Struct, frozen=True):
    """A folder, how many of its files are touched, and who knows it best."""

    folder: str
    files: int
    people: tuple[Author, ...]


class Knowledge(Struct, frozen=True):
    """The touched folders, most files first, and the reviewers who know at least one of them."""

    folders: tuple[FolderKnowledge, ...]
    knowing_reviewers: tuple[str, ...]


def knowledge(facts: PullRequestFacts, touches: Mapping[str, tuple[Touch, ...]], context: Context) -> Result[Knowledge]:
    """Say who knows the touched folders; ``touches`` is ``authorship.folder_touches``. n counts the folders."""
    if facts.files is None:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NOT_KNOWN, members=(facts.id,))
    counts: dict[str, int] = {}
    for file in handwritten(facts.files, context.generated):
        folder = folder_of(file.path)
        counts[folder] = counts.get(folder, 0) + 1
    authors = {folder: authors_of(touches.get(folder, ()), context.directory) for folder in counts}
    folders = tuple(
        FolderKnowledge(folder, counts[folder], _others(authors[folder], facts.author))
        for folder in sorted(counts, key=lambda name: (-counts[name], name))
    )
    reviewers = {part.account for part in facts.participants if part.is_reviewer and part.account != facts.author}
    return Result(
        definition=DEFINITION.id,
        n=len(folders),
        value=Knowledge(folders, tuple(sorted(reviewers & _knowing(authors.values())))),
        members=(facts.id,),
    )


def _others(authors: Iterable[Author], author: str | None) -> tuple[Author, ...]:
    return tuple(one for one in authors if one.account != author)[:PEOPLE]


def _knowing(folders: Iterable[tuple[Author, ...]]) -> set[str]:
    return {one.account for authors in folders for one in authors if one.is_author}
