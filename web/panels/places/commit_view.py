"""What the Commit tab says: what brought a commit, who looked at it, where it is now, whether it was taken back, what it changed."""

from dataclasses import dataclass
from typing import Final

from insights.commits.passport import Passport
from insights.facts.pull_requests import BuildState, FileChange, PullRequestState
from insights.facts.repository import CommitFacts
from insights.files.revisions import Hotspot
from web import formatting
from web.language import _, ngettext
from web.panels.page_links import FileLink
from web.panels.parts import Lozenge, Moment, Person, moment
from web.panels.places.commits import CommitFound
from web.panels.places.finder import Finder, finder
from web.panels.places.lore import Lore
from web.panels.places.people import Names, with_the_unnamed
from web.panels.result_words import day
from web.panels.tabs.tab import Opened

TAB: Final = "commit"
COMMIT: Final = "commit"
MOST_ROWS: Final = 100
NOTHING: Final = "\N{EN DASH}"
HOT_ABOVE: Final = 0.5
"""A score from which on a file is marked as one to look at: it ranks high by changes and by size."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the passport. ``url`` leaves for Bitbucket, ``href`` stays on the page."""

    term: str
    text: str
    url: str = ""
    href: str = ""
    fragment_url: str = ""
    lozenge: Lozenge | None = None
    when: Moment | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file that the commit changes."""

    path: str
    href: str
    fragment_url: str
    word: str
    lines: str
    score: str
    lozenge: Lozenge | None


@dataclass(frozen=True, slots=True)
class CommitRow:
    """A commit in a list."""

    short_hash: str
    message: str
    href: str
    fragment_url: str
    when: Moment


@dataclass(frozen=True, slots=True)
class CommitView:
    """Everything that the tab shows. Without a commit: a field to enter one, and the newest."""

    finder: Finder
    title: str = ""
    short_hash: str = ""
    url: str = ""
    author: Person | None = None
    author_name: str = ""
    when: Moment | None = None
    sentence: str = ""
    facts: tuple[Fact, ...] = ()
    files: tuple[FileRow, ...] = ()
    files_title: str = ""
    more_files: str = ""
    notes: tuple[str, ...] = ()
    newest: tuple[CommitRow, ...] = ()
    exports: tuple[FileLink, ...] = ()


def empty_view(opened: Opened, newest: tuple[CommitFacts, ...]) -> CommitView:
    """Return the tab before a commit is chosen."""
    return CommitView(_finder(opened), newest=tuple(_commit_row(opened, one) for one in newest))


def commit_view(opened: Opened, found: CommitFound, names: Names, lore: Lore, trouble: str) -> CommitView:
    """Return the tab for a commit. ``trouble`` says why Bitbucket could not be asked for what is missing."""
    facts = found.facts
    author = names.of(facts.author, is_awaited=True)
    files = facts.files or ()
    return CommitView(
        finder=_finder(opened),
        title=formatting.first_line(facts.message) or _("(no message)"),
        short_hash=facts.hash[:7],
        url=opened.links.commit(facts.hash),
        author=author,
        author_name=author.name if author else "",
        when=moment(facts.committed_at, now=opened.now),
        sentence=_sentence(opened, found),
        facts=tuple(_facts(opened, found, names)),
        files=tuple(_file_row(opened, file, lore.hotspot_of.get(file.path)) for file in files[:MOST_ROWS]),
        files_title=ngettext("%(n)s file changed", "%(n)s files changed", len(files))
        if facts.files is not None
        else "",
        more_files=_("and %(count)s more", count=formatting.count(len(files) - MOST_ROWS))
        if len(files) > MOST_ROWS
        else "",
        notes=tuple(_notes(found, trouble)),
        exports=_exports(opened, facts.hash),
    )


def _exports(opened: Opened, commit: str) -> tuple[FileLink, ...]:
    query = {COMMIT: commit}
    rows = opened.file(_("Files as CSV"), "panels.commit_csv", query)
    return (rows, opened.figures_file("panels.commit_json", query))


def _finder(opened: Opened) -> Finder:
    return finder(
        opened,
        tab=TAB,
        name=COMMIT,
        label=_("Hash of a commit"),
        most_characters=40,
        pattern=r"\s*[0-9a-fA-F]{7,40}\s*",
    )


def _commit_row(opened: Opened, facts: CommitFacts) -> CommitRow:
    query = {COMMIT: facts.hash}
    return CommitRow(
        short_hash=facts.hash[:7],
        message=formatting.first_line(facts.message),
        href=opened.href(TAB, query),
        fragment_url=opened.fragment_url(TAB, query),
        when=moment(facts.committed_at, now=opened.now),
    )


def _sentence(opened: Opened, found: CommitFound) -> str:
    """Return what brought the commit, in one sentence."""
    brought, value = found.brought_by, found.result.value
    if value is not None and value.reverted_by is not None:
        return _("It was taken back by %(commit)s.", commit=value.reverted_by[:7])
    if brought is None:
        return _("No pull request that we know of brought it.")
    if brought.state is PullRequestState.MERGED and brought.closed_at is not None:
        age = formatting.short_age(opened.now - brought.closed_at)
        return _("It came with #%(number)s, merged %(age)s ago.", number=brought.id, age=age)
    if brought.state is PullRequestState.OPEN:
        return _("It waits in #%(number)s, which is open.", number=brought.id)
    return _("It was proposed in #%(number)s, which was not merged.", number=brought.id)


def _facts(opened: Opened, found: CommitFound, names: Names) -> list[Fact]:
    value = found.result.value
    facts = _review_facts(opened, found, names)
    if value is None:
        return facts
    return [*facts, *_builds(value), *_places(opened, found, value), *_reverts(opened, found, value)]


def _review_facts(opened: Opened, found: CommitFound, names: Names) -> list[Fact]:
    brought, measured = found.brought_by, found.measured
    if brought is None:
        return []
    facts = [Fact(_("Pull request"), f"#{brought.id} {brought.title}", url=opened.links.pull_request(brought.id))]
    if measured is None:
        return facts
    facts.append(Fact(_("Reviewers"), _reviewers(measured.reviewers, names)))
    facts.append(Fact(_("Rounds"), formatting.count(measured.rounds)))
    if measured.stages is not None:
        look = opened.past.look()
        facts.append(Fact(_("First commit to merge"), formatting.duration(measured.times(look).cycle)))
    return facts


def _reviewers(uuids: tuple[str, ...], names: Names) -> str:
    if not uuids:
        return _("nobody was asked")
    known = [person.name for uuid in uuids if (person := names.of(uuid)) is not None]
    return with_the_unnamed(known, len(uuids) - len(known))


def _builds(value: Passport) -> list[Fact]:
    if not value.builds:
        return [Fact(_("Builds"), _("none that we heard of"))]
    words = {
        BuildState.SUCCESSFUL: Lozenge(_("Passed"), "success"),
        BuildState.FAILED: Lozenge(_("Failed"), "danger"),
        BuildState.INPROGRESS: Lozenge(_("Running"), "information"),
        BuildState.STOPPED: Lozenge(_("Stopped"), "neutral"),
    }
    return [
        Fact(_("Build"), key, lozenge=words[state])
        for key, state in sorted(value.builds.items(), key=lambda item: (item[1] is not BuildState.FAILED, item[0]))
    ]


def _places(opened: Opened, found: CommitFound, value: Passport) -> list[Fact]:
    """Return where it is now: the first tag, and each environment."""
    if value.first_tag is not None:
        tag = value.first_tag
        places = [Fact(_("First tag"), tag.name, when=moment(tag.at, now=opened.now))]
    else:
        places = [Fact(_("First tag"), _("in none yet") if found.looked_up_to is None else _("not found"))]
    for arrival in value.arrivals:
        at = arrival.deployment.completed_at
        places.append(Fact(_("Deployed"), arrival.environment, when=moment(at, now=opened.now), lozenge=None))
    return places


def _reverts(opened: Opened, found: CommitFound, value: Passport) -> list[Fact]:
    facts = []
    if value.reverted_by is not None:
        facts.append(_commit_fact(opened, found, _("Reverted by"), value.reverted_by, Lozenge(_("Reverted"), "danger")))
    return [*facts, *(_commit_fact(opened, found, _("Reverts"), reverted, None) for reverted in value.reverts)]


def _commit_fact(opened: Opened, found: CommitFound, term: str, commit: str, lozenge: Lozenge | None) -> Fact:
    known = next((one for whole, one in found.reverting.items() if whole.startswith(commit)), None)
    query = {COMMIT: known.hash if known else commit}
    text = f"{commit[:7]} {formatting.first_line(known.message)}" if known else commit[:7]
    return Fact(
        term,
        text,
        href=opened.href(TAB, query),
        fragment_url=opened.fragment_url(TAB, query),
        lozenge=lozenge,
        when=moment(known.committed_at, now=opened.now) if known else None,
    )


def _file_row(opened: Opened, file: FileChange, spot: Hotspot | None) -> FileRow:
    query = {"path": file.path}
    is_hot = spot is not None and spot.score >= HOT_ABOVE
    return FileRow(
        path=file.path,
        href=opened.href("files", query),
        fragment_url=opened.fragment_url("files", query),
        word={"added": _("added"), "removed": _("removed"), "renamed": _("renamed")}.get(file.status.value, ""),
        lines=f"+{formatting.count(file.lines_added)} \N{MINUS SIGN}{formatting.count(file.lines_removed)}",
        score=f"{spot.score:.2f}" if spot else NOTHING,
        lozenge=Lozenge(_("Hotspot"), "warning") if is_hot else None,
    )


def _notes(found: CommitFound, trouble: str) -> list[str]:
    notes = []
    if trouble:
        notes.append(_("Its files and builds could not be asked for: %(why)s.", why=trouble))
    if found.looked_up_to is not None:
        notes.append(
            _("Tags and deployments were looked at up to %(day)s.", day=day(found.looked_up_to, with_year=True))
        )
    return notes
