"""Rows of open pull requests: what each is, whose turn, since when, and whether that is usual here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from insights.clock.look import Look
from insights.pull_requests.pace import Pace
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.standing import Standing
from insights.pull_requests.turn import Cause, TurnKind
from web import formatting
from web.language import _, ngettext
from web.panels.parts import Lozenge, Person
from web.panels.places.people import Names
from web.panels.setting import Setting

MOST_NAMES: Final = 2
MOST_PICTURES: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One open pull request. ``people`` are those who are waited for."""

    number: str
    anchor: str
    title: str
    url: str
    about: str
    size: str
    size_in_full: str
    people: tuple[Person, ...]
    more_people: str
    people_in_full: str
    pace: Lozenge | None
    wait: str
    wait_iso: str
    since: str
    is_yours: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Some rows under a title; the note says what is not among them, ``empty`` what to say where there are none."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""
    empty: str = ""


def rows(standings: Iterable[Standing], *, look: Look, setting: Setting, names: Names) -> tuple[Row, ...]:
    """Return the rows of some pull requests, in their order."""
    return tuple(_row(standing, look=look, setting=setting, names=names) for standing in standings)


def whose_turn(standing: Standing, *, viewer_uuid: str | None, names: Names) -> str:
    """Return for whom or what a pull request waits, and why, in words; the viewer is "you"."""
    turn = standing.turn
    is_yours = viewer_uuid is not None and viewer_uuid in turn.waits_for
    who = _("you") if is_yours else _listed(turn.waits_for, names)
    match turn.kind:
        case TurnKind.DRAFT:
            return _("a draft, not up for review yet")
        case TurnKind.REVIEWER:
            return _("waiting for %(people)s", people=who) if who else _("no reviewer is asked")
        case TurnKind.AUTHOR:
            back = _("back with %(people)s", people=who or _("the author"))
            return f"{back}: {', '.join(cause_words(cause) for cause in turn.causes)}" if turn.causes else back
        case TurnKind.BUILD:
            return _("waiting for the build")
    return _("ready to merge by %(people)s", people=who) if who else _("ready to merge")


def cause_words(cause: Cause) -> str:
    """Return why it is the author's turn."""
    return {
        Cause.CHANGES_REQUESTED: _("changes requested"),
        Cause.BUILD_FAILED: _("the build failed"),
        Cause.TASKS_UNRESOLVED: _("tasks open"),
        Cause.COMMENT_UNANSWERED: _("a comment to answer"),
    }[cause]


def pace_lozenge(pace: Pace | None) -> Lozenge | None:
    """Return the word for a wait; none where too little is known of the past."""
    if pace is None:
        return None
    return {
        Pace.ON_PACE: Lozenge(_("On pace"), "success"),
        Pace.SLOWER_THAN_USUAL: Lozenge(_("Slower than usual"), "warning"),
        Pace.OVERDUE: Lozenge(_("Overdue"), "danger"),
    }[pace]


def size_words(bucket: SizeBucket | None, lines: int | None) -> tuple[str, str]:
    """Return a size in a letter, and in full."""
    if bucket is None or lines is None:
        return "", ""
    return bucket.value, ngettext("%(n)s changed line", "%(n)s changed lines", lines)


def awaited(standings: Iterable[Standing]) -> frozenset[str]:
    """Return everybody for whom something waits."""
    return frozenset(uuid for standing in standings for uuid in standing.turn.waits_for)


def _row(standing: Standing, *, look: Look, setting: Setting, names: Names) -> Row:
    item, turn = standing.measurement, standing.turn
    size, size_in_full = size_words(item.bucket, item.lines)
    people = [person for uuid in turn.waits_for if (person := names.of(uuid, is_awaited=True)) is not None]
    author = names.of(item.author)
    by = _by(author, is_viewer=item.author == setting.viewer_uuid) if author is not None else ""
    return Row(
        number=f"#{item.id}",
        anchor=f"pull-request-{item.id}",
        title=item.title or _("(no title)"),
        url=setting.links.pull_request(item.id),
        about=whose_turn(standing, viewer_uuid=setting.viewer_uuid, names=names) + by,
        size=size,
        size_in_full=size_in_full,
        people=tuple(people[:MOST_PICTURES]),
        more_people=f"+{len(people) - MOST_PICTURES}" if len(people) > MOST_PICTURES else "",
        people_in_full=_("waits for %(people)s", people=formatting.names([one.name for one in people])),
        pace=pace_lozenge(standing.pace),
        wait=formatting.duration(standing.waited),
        wait_iso=formatting.iso_duration(standing.waited),
        since=_("since %(time)s", time=local_time(turn.since, look)),
        is_yours=setting.viewer_uuid is not None and setting.viewer_uuid in turn.waits_for,
    )


def local_time(moment: datetime, look: Look) -> str:
    """Return a moment in full on the workspace's clock."""
    return f"{look.clock.local(moment):%a %d %b, %H:%M}".replace(" ", "\N{NO-BREAK SPACE}")


def _by(author: Person, *, is_viewer: bool) -> str:
    return _(" · by %(name)s", name=_("you") if is_viewer else author.name)


def _listed(uuids: Sequence[str], names: Names) -> str:
    people = [person.name for uuid in uuids if (person := names.of(uuid, is_awaited=True)) is not None]
    if len(people) > MOST_NAMES:
        more = ngettext("%(n)s more", "%(n)s more", len(people) - MOST_NAMES)
        return formatting.names([*people[:MOST_NAMES], more])
    return formatting.names(people)
