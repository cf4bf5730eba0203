"""What Turn says of one pull request: whose turn and since when, where the time went, and what else a reviewer wants to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bitbucket.errors import BitbucketError
from insights.definitions import CATALOGUE, definition_of
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.collisions import Collision, CommitCollision
from insights.pull_requests.figures import Size
from insights.pull_requests.knowledge import FolderKnowledge
from insights.pull_requests.merge_window import MergeWindow
from insights.pull_requests.turn import TurnKind
from insights.result import Result, WhyNot
from web import formatting
from web.language import _, ngettext
from web.panels import result_words
from web.panels.freshness import Freshness, freshness
from web.panels.parts import Definition, Lozenge, Person
from web.panels.past import Past
from web.panels.places.people import Names, with_the_unnamed
from web.panels.setting import Setting
from web.panels.standing_rows import local_time, pace_lozenge, whose_turn
from web.panels.strip import Strip, strip
from web.panels.turn_facts import TurnFacts

MOST_COLLISIONS: Final = 5
MOST_PATHS: Final = 3
MOST_FOLDERS: Final = 4
DEFINITIONS: Final = (
    *("turn", "pace", "timeline", "size", "merge_window", "collisions", "rounds", "review_depth", "knowledge"),
    "unfinished",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, what it says, what stands behind it."""

    label: str
    value: str
    beside: str = ""
    small: str = ""
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """Something else that touches the same files."""

    label: str
    url: str
    title: str
    paths: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and who knows it."""

    name: str
    files: str
    people: tuple[Person, ...]
    words: str


@dataclass(frozen=True, slots=True)
class TurnView:
    """Everything that the panel shows."""

    headline: str
    subline: str
    pace: Lozenge | None
    fresh: Freshness
    strip: Strip | None
    facts: tuple[Fact, ...]
    collisions: tuple[Met, ...]
    collisions_note: str
    folders: tuple[Folder, ...]
    folders_note: str


def turn_view(past: Past, found: TurnFacts, setting: Setting, trouble: BitbucketError | None = None) -> TurnView:
    """Return the panel for one pull request."""
    names = Names(past, setting, _mentioned(found))
    return TurnView(
        headline=_headline(found, past, setting, names),
        subline=_subline(found),
        pace=pace_lozenge(found.standing.pace) if found.standing else None,
        fresh=freshness(past, trouble),
        strip=strip(found.line, past.look()),
        facts=tuple(_facts(found, past)),
        collisions=_met(found, past, setting),
        collisions_note=_collisions_note(found),
        folders=_folders(found, names),
        folders_note=_knowing(found),
    )


def meanings() -> tuple[Definition, ...]:
    """Return what each part of the panel means."""
    return tuple(Definition(_(CATALOGUE[name].title), _(CATALOGUE[name].text)) for name in DEFINITIONS)


def _mentioned(found: TurnFacts) -> Iterable[str | None]:
    yield from found.standing.turn.waits_for if found.standing else ()
    yield found.facts.author
    for folder in found.knowledge.value.folders[:MOST_FOLDERS] if found.knowledge.value else ():
        yield from (one.account for one in folder.people)


def _headline(found: TurnFacts, past: Past, setting: Setting, names: Names) -> str:
    standing, look = found.standing, past.look()
    if standing is None:
        return _ended(found, past)
    words = whose_turn(standing, viewer_uuid=setting.viewer_uuid, names=names)
    sentence = words[0].upper() + words[1:]
    return _("%(turn)s since %(time)s", turn=sentence, time=local_time(standing.turn.since, look))


def _ended(found: TurnFacts, past: Past) -> str:
    closed = found.item.stamps.closed
    word = {
        PullRequestState.MERGED: _("Merged"),
        PullRequestState.DECLINED: _("Declined"),
        PullRequestState.SUPERSEDED: _("Superseded"),
    }.get(found.facts.state, _("Closed"))
    return word if closed is None else _("%(word)s %(time)s", word=word, time=local_time(closed, past.look()))


def _subline(found: TurnFacts) -> str:
    """Return how long, and how long is usual here."""
    standing = found.standing
    if standing is None:
        life = found.life.value
        if life is None:
            return ""
        return _(
            "%(cycle)s from the first commit, %(open)s from ready to the end",
            cycle=formatting.duration(life.cycle),
            open=formatting.duration(life.open_to_merge),
        )
    waited = formatting.duration(standing.waited)
    usual = standing.yardstick.p50
    if usual is None:
        return _("%(wait)s so far", wait=waited)
    if standing.turn.kind is TurnKind.DRAFT:
        return _("a draft for %(wait)s", wait=waited)
    return _("%(wait)s so far, usual %(usual)s", wait=waited, usual=formatting.duration(usual))


def _facts(found: TurnFacts, past: Past) -> Iterable[Fact]:
    yield _size(found.size, past)
    if found.likely is not None:
        yield _likely(found.likely, past)
    unfinished = found.unfinished.value
    if unfinished is not None and (unfinished.threads or unfinished.tasks):
        threads = ngettext("%(n)s thread", "%(n)s threads", unfinished.threads)
        tasks = ngettext("%(n)s task", "%(n)s tasks", unfinished.tasks)
        yield Fact(_title(found.unfinished), f"{threads}, {tasks}")
    if found.rounds.value is not None:
        yield Fact(_title(found.rounds), formatting.count(found.rounds.value))
    depth = found.depth.value
    if depth is not None:
        comments = ngettext("%(n)s comment by others", "%(n)s comments by others", depth.comments)
        per = depth.per_hundred_lines
        beside = _("%(n)s per 100 lines", n=f"{per:.1f}") if per else ""
        yield Fact(_title(found.depth), comments, beside)
    elif found.depth.why_not is WhyNot.NOT_KNOWN:
        yield Fact(_title(found.depth), _("its activity has not been read yet"), is_quiet=True)


def _size(result: Result[Size], past: Past) -> Fact:
    value = result.value
    if value is None:
        return Fact(_title(result), _("its files have not been read yet"), is_quiet=True)
    lines = ngettext("%(n)s line", "%(n)s lines", value.lines)
    files = ngettext("%(n)s file", "%(n)s files", value.files)
    beside = _("larger than %(share)s here", share=result_words.percent(value.rank)) if value.rank is not None else ""
    text = _("%(bucket)s: %(lines)s in %(files)s", bucket=value.bucket.value, lines=lines, files=files)
    return Fact(_title(result), text, beside, result_words.basis(result, past.look()))


def _likely(result: Result[MergeWindow], past: Past) -> Fact:
    value = result.value
    if value is None:
        few = _("fewer than 30 like it so far") if result.why_not is WhyNot.TOO_FEW else _("cannot be told yet")
        return Fact(_title(result), few, is_quiet=True)
    low = formatting.duration(value.low)
    if value.high is None:
        text = _("usually merged in more than %(low)s from now", low=low)
    else:
        text = _("usually merged within %(low)s to %(high)s", low=low, high=formatting.duration(value.high))
    return Fact(_title(result), text, "", result_words.basis(result, past.look()))


def _met(found: TurnFacts, past: Past, setting: Setting) -> tuple[Met, ...]:
    value = found.collisions.value if found.collisions else None
    if value is None:
        return ()
    titles = {item.id: item.title for item in past.open_measurements}
    others = [_met_pull_request(one, titles.get(one.id, ""), setting) for one in value.pull_requests]
    commits = [_met_commit(one, setting) for one in value.commits]
    return (*others[:MOST_COLLISIONS], *commits[:MOST_COLLISIONS])


def _met_pull_request(one: Collision, title: str, setting: Setting) -> Met:
    return Met(f"#{one.id}", setting.links.pull_request(one.id), title, _paths(one.paths))


def _met_commit(one: CommitCollision, setting: Setting) -> Met:
    return Met(one.commit[:7], setting.links.commit(one.commit), _("on the target since"), _paths(one.paths))


def _paths(paths: Sequence[str]) -> str:
    more = len(paths) - MOST_PATHS
    shown = ", ".join(paths[:MOST_PATHS])
    return _("%(paths)s and %(n)s more", paths=shown, n=more) if more > 0 else shown


def _collisions_note(found: TurnFacts) -> str:
    result = found.collisions
    if result is None:
        return ""
    if result.value is None:
        return _("Its files have not been read yet.")
    total = len(result.value.pull_requests) + len(result.value.commits)
    compared = ngettext("compared with %(n)s open", "compared with %(n)s open", result.n)
    if not total:
        return _("Nothing else that is open touches its files (%(compared)s).", compared=compared)
    return compared


def _folders(found: TurnFacts, names: Names) -> tuple[Folder, ...]:
    value = found.knowledge.value
    return tuple(_folder(one, names) for one in (value.folders[:MOST_FOLDERS] if value else ()))


def _folder(one: FolderKnowledge, names: Names) -> Folder:
    people = tuple(person for author in one.people if (person := names.of(author.account)) is not None)
    if people:
        words = with_the_unnamed([person.name for person in people], len(one.people) - len(people))
    elif one.people:
        words = ngettext("%(n)s person knows it", "%(n)s people know it", len(one.people))
    else:
        words = _("nobody else has changed it of late")
    files = ngettext("%(n)s file", "%(n)s files", one.files)
    return Folder(one.folder or _("(root)"), files, people, words)


def _knowing(found: TurnFacts) -> str:
    value = found.knowledge.value
    if value is None or not value.folders:
        return ""
    number = len(value.knowing_reviewers)
    if not number:
        return _("No reviewer counts as an author of these folders.")
    return ngettext("%(n)s reviewer knows the code.", "%(n)s reviewers know the code.", number)


def _title(result: Result[Any]) -> str:
    return _(definition_of(result.definition).title)
