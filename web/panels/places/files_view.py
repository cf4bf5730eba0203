"""What the Files tab says: where the work is, folder by folder who knows it; of one file everything that is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from insights.facts.pull_requests import FileChange, PullRequestFacts
from insights.files.authorship import Author
from insights.files.pull_requests_of_file import Row
from insights.files.revisions import Hotspot
from insights.result import Result, WhyNot
from web import formatting
from web.language import _, ngettext
from web.panels.page_links import FileLink
from web.panels.parts import Figure, Lozenge, Moment, Person, moment
from web.panels.places.files import FileFound, Folder
from web.panels.places.finder import Finder, finder
from web.panels.places.lore import MOST_CHANGES, Lore
from web.panels.places.owners_view import Owners, owners_view
from web.panels.places.people import Names
from web.panels.tabs.tab import Opened

TAB: Final = "files"
PATH: Final = "path"
REVISION: Final = "revision"
PULL_REQUEST: Final = "pullrequest"

MOST_SPOTS: Final = 25
MOST_FILES: Final = 200
MOST_AUTHORS: Final = 8
HOT_ABOVE: Final = 0.5
NOTHING: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class SpotRow:
    """One file in a list."""

    path: str
    href: str
    fragment_url: str
    score: str
    lozenge: Lozenge | None
    revisions: str
    beside: str


@dataclass(frozen=True, slots=True)
class FolderRow:
    """One folder: how many people's leaving would leave it without anybody who knows it."""

    path: str
    files: str
    people: str


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """Somebody who has changed the file. Unnamed where the workspace does not show names."""

    name: str
    person: Person | None
    share: str
    width: str
    is_author: bool
    when: Moment


@dataclass(frozen=True, slots=True)
class TogetherRow:
    """A file that changes together with the one that is shown."""

    path: str
    href: str
    fragment_url: str
    degree: str
    shared: str


@dataclass(frozen=True, slots=True)
class PullRequestRow:
    """A pull request that touches the file, or some of the same files."""

    number: str
    title: str
    url: str
    about: str
    when: Moment


@dataclass(frozen=True, slots=True)
class FileView:
    """One file."""

    path: str
    url: str
    sentence: str
    figures: tuple[Figure, ...]
    authors: tuple[AuthorRow, ...]
    authors_note: str
    together: tuple[TogetherRow, ...]
    together_note: str
    open: tuple[PullRequestRow, ...]
    merged: tuple[PullRequestRow, ...]
    owners: Owners
    notes: tuple[str, ...]
    finder: Finder
    exports: tuple[FileLink, ...]


@dataclass(frozen=True, slots=True)
class FilesView:
    """All files, or those of one pull request."""

    headline: str
    subline: str
    title: str
    spots: tuple[SpotRow, ...]
    folders: tuple[FolderRow, ...]
    sharing: tuple[PullRequestRow, ...]
    notes: tuple[str, ...]
    finder: Finder
    exports: tuple[FileLink, ...]


def files_view(opened: Opened, lore: Lore, folders: Iterable[Folder]) -> FilesView:
    """Return the tab without a file chosen."""
    spots = (lore.hottest.value or ())[:MOST_SPOTS]
    hot = sum(spot.score >= HOT_ABOVE for spot in lore.hottest.value or ())
    return FilesView(
        headline=_files_headline(lore, hot),
        subline=_("A hotspot is a place to look at, no verdict: it changes often and is large."),
        title=_("Files by hotspot score, 52 weeks"),
        spots=tuple(_spot_row(opened, lore, spot.path, spot) for spot in spots),
        folders=tuple(_folder_row(folder) for folder in folders),
        sharing=(),
        notes=tuple(_cut_notes(lore)),
        finder=_finder(opened),
        exports=_exports(opened, _("All hotspots as CSV"), {}),
    )


def pull_request_files_view(
    opened: Opened, lore: Lore, facts: PullRequestFacts, sharing: Iterable[tuple[PullRequestFacts, frozenset[str]]]
) -> FilesView:
    """Return the files of one pull request."""
    changed = sorted(facts.files or (), key=lambda file: -_score(lore, file))
    hot = sum(_score(lore, file) >= HOT_ABOVE for file in changed)
    return FilesView(
        headline=_pull_request_headline(facts, hot),
        subline=facts.title,
        title=ngettext("%(n)s file of #%(id)s", "%(n)s files of #%(id)s", len(changed), id=facts.id),
        spots=tuple(
            _spot_row(opened, lore, file.path, lore.hotspot_of.get(file.path), file) for file in changed[:MOST_FILES]
        ),
        folders=(),
        sharing=tuple(_sharing_row(opened, other, shared) for other, shared in sharing),
        notes=tuple(_cut_notes(lore)),
        finder=_finder(opened),
        exports=_exports(opened, _("Files as CSV"), {PULL_REQUEST: str(facts.id)}),
    )


def file_view(opened: Opened, found: FileFound, names: Names, lore: Lore, *, trouble: str) -> FileView:
    """Return one file. ``trouble`` says why Bitbucket could not be asked for what is missing."""
    pulls = found.pull_requests.value
    together = found.together.value or ()
    return FileView(
        path=found.path,
        url=opened.links.file(found.path, opened.visit.repository.main_branch or "HEAD"),
        sentence=_sentence(found),
        figures=tuple(_figures(found)),
        authors=tuple(_author_rows(opened, found.authors.value or (), names)),
        authors_note=_silence(found.authors, _("Nobody is known to have changed it.")),
        together=tuple(_together_row(opened, one.path, one.degree, one.shared) for one in together),
        together_note=_together_note(found),
        open=tuple(_pull_request_row(opened, row, names) for row in (pulls.open if pulls else ())),
        merged=tuple(_pull_request_row(opened, row, names) for row in (pulls.merged if pulls else ())),
        owners=owners_view(opened, found.owners, tab=TAB, query={PATH: found.path}),
        notes=tuple(_file_notes(opened, found, lore, trouble)),
        finder=_finder(opened),
        exports=_exports(opened, _("What changes together with it as CSV"), {PATH: found.path}),
    )


def _exports(opened: Opened, label: str, query: Mapping[str, str]) -> tuple[FileLink, ...]:
    rows = opened.file(label, "panels.files_csv", query)
    return (rows, opened.figures_file("panels.files_json", query))


def _finder(opened: Opened) -> Finder:
    return finder(opened, tab=TAB, name=PATH, label=_("Path of a file"), most_characters=600)


def _score(lore: Lore, file: FileChange) -> float:
    spot = lore.hotspot_of.get(file.path)
    return spot.score if spot else 0.0


def _files_headline(lore: Lore, hot: int) -> str:
    if not lore.changes:
        return _("No merged pull request's files are known yet.")
    return ngettext(
        "%(n)s file is a hotspot: it changes more often, and is larger, than most.",
        "%(n)s files are hotspots: they change more often, and are larger, than most.",
        hot,
    )


def _pull_request_headline(facts: PullRequestFacts, hot: int) -> str:
    if facts.files is None:
        return _("The files of #%(id)s have not been read yet.", id=facts.id)
    if not hot:
        return _("#%(id)s touches no hotspot.", id=facts.id)
    return ngettext("#%(id)s touches %(n)s hotspot.", "#%(id)s touches %(n)s hotspots.", hot, id=facts.id)


def _spot_row(opened: Opened, lore: Lore, path: str, spot: Hotspot | None, file: FileChange | None = None) -> SpotRow:
    beside = f"+{file.lines_added} \N{MINUS SIGN}{file.lines_removed}" if file else _lines(lore.sizes.get(path))
    return SpotRow(
        path=path,
        href=opened.href(TAB, {PATH: path}),
        fragment_url=opened.fragment_url(TAB, {PATH: path}),
        score=f"{spot.score:.2f}" if spot else NOTHING,
        lozenge=Lozenge(_("Hotspot"), "warning") if spot and spot.score >= HOT_ABOVE else None,
        revisions=formatting.count(spot.revisions) if spot else NOTHING,
        beside=beside,
    )


def _lines(number: int | None) -> str:
    return NOTHING if number is None else formatting.count(number)


def _folder_row(folder: Folder) -> FolderRow:
    value = folder.truck_factor.value
    people = ngettext("%(n)s person", "%(n)s people", value.people) if value else NOTHING
    files = ngettext("%(n)s file", "%(n)s files", folder.files)
    return FolderRow(f"{folder.path}/", files, people)


def _sentence(found: FileFound) -> str:
    """Return what to know about the file first."""
    waiting = found.pull_requests.value.open if found.pull_requests.value else ()
    authors = [author for author in found.authors.value or () if author.is_author]
    if waiting:
        return ngettext(
            "%(n)s open pull request changes it now.", "%(n)s open pull requests change it now.", len(waiting)
        )
    if found.hotspot is not None and found.hotspot.score >= HOT_ABOVE:
        return _("A hotspot: it changes more often, and is larger, than most.")
    if len(authors) == 1:
        return _("One person knows it.")
    if authors:
        return ngettext("%(n)s person knows it.", "%(n)s people know it.", len(authors))
    return _("Little is known about it.")


def _figures(found: FileFound) -> Iterable[Figure]:
    value = found.revisions.value
    if found.read_at is None:
        beside = (
            _("more than %(share)s of the changed files", share=_percent(value.rank)) if value and value.count else ""
        )
    else:
        beside = _("commits")
    yield Figure(_("Revisions, 52 weeks"), formatting.count(value.count if value else 0), beside)
    spot = found.hotspot
    yield Figure(
        _("Hotspot score"),
        f"{spot.score:.2f}" if spot else NOTHING,
        _("of 1, look here from %(limit)s", limit=HOT_ABOVE) if spot else _("not known"),
        is_quiet=spot is None,
    )
    authors = sum(author.is_author for author in found.authors.value or ())
    yield Figure(
        _("Authors"), formatting.count(authors), ngettext("of %(n)s change", "of %(n)s changes", found.authors.n)
    )
    factor = found.truck_factor.value
    yield Figure(
        _("Truck factor"),
        formatting.count(factor.people) if factor else NOTHING,
        _("of %(folder)s", folder=f"{found.folder}/" if found.folder else _("the whole repository")),
        is_quiet=factor is None,
    )


def _author_rows(opened: Opened, authors: Sequence[Author], names: Names) -> Iterable[AuthorRow]:
    for place, author in enumerate(authors[:MOST_AUTHORS], start=1):
        person = names.of(author.account)
        yield AuthorRow(
            name=person.name if person else _("Somebody (%(place)s)", place=place),
            person=person,
            share=_percent(author.share),
            width=f"{max(author.share, 0.0) * 100:.1f}%",
            is_author=author.is_author,
            when=moment(author.last_touch, now=opened.now),
        )


def _together_row(opened: Opened, path: str, degree: float, shared: int) -> TogetherRow:
    return TogetherRow(
        path=path,
        href=opened.href(TAB, {PATH: path}),
        fragment_url=opened.fragment_url(TAB, {PATH: path}),
        degree=_percent(degree),
        shared=ngettext("%(n)s time", "%(n)s times", shared),
    )


def _together_note(found: FileFound) -> str:
    if found.read_at is not None:
        return _("That is known only of files that pull requests touch.")
    if found.together.why_not is WhyNot.TOO_FEW:
        return _("It changed %(n)s times in 52 weeks; that needs five to say.", n=found.together.n)
    return "" if found.together.value else _("No file changes together with it so often that it would say something.")


def _pull_request_row(opened: Opened, row: Row, names: Names) -> PullRequestRow:
    return PullRequestRow(
        number=f"#{row.id}",
        title=row.title or _("(no title)"),
        url=opened.links.pull_request(row.id),
        about=_reviewed(row, names),
        when=moment(row.at, now=opened.now),
    )


def _reviewed(row: Row, names: Names) -> str:
    if not row.reviewers:
        return _("nobody has answered")
    known = [person.name for uuid in row.reviewers if (person := names.of(uuid)) is not None]
    if len(known) == len(row.reviewers):
        return _("answered by %(people)s", people=", ".join(known))
    return ngettext("answered by %(n)s person", "answered by %(n)s people", len(row.reviewers))


def _sharing_row(opened: Opened, other: PullRequestFacts, shared: frozenset[str]) -> PullRequestRow:
    return PullRequestRow(
        number=f"#{other.id}",
        title=other.title or _("(no title)"),
        url=opened.links.pull_request(other.id),
        about=ngettext("%(n)s file in common", "%(n)s files in common", len(shared)),
        when=moment(other.created_at, now=opened.now),
    )


def _file_notes(opened: Opened, found: FileFound, lore: Lore, trouble: str) -> Iterable[str]:
    if trouble:
        yield _("Bitbucket could not be asked: %(why)s.", why=trouble)
    if found.read_at is not None:
        age = moment(found.read_at, now=opened.now).text
        yield _("No pull request that we know touches it. Its commits were read from Bitbucket %(age)s.", age=age)
        if found.is_cut:
            yield _("It has more than a hundred; who made it is not known.")
    else:
        yield from _cut_notes(lore)


def _cut_notes(lore: Lore) -> Iterable[str]:
    if lore.is_cut:
        yield _("Figures rest on the newest %(count)s merged pull requests.", count=formatting.count(MOST_CHANGES))


def _silence(result: Result[Any], words: str) -> str:
    return "" if result.why_not is None else words


def _percent(share: float) -> str:
    return f"{round(share * 100)}\N{NO-BREAK SPACE}%"
