"""Rows of pull requests, as the panel and the page list them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from insights.live.attention import Wait
from insights.live.facts import Account, OpenPullRequest, Participant, ReviewState
from insights.live.people import is_human
from insights.live.turn import Stage, Turn, approvals
from web import formatting
from web.language import _, ngettext
from web.panels.links import Links
from web.panels.parts import Lozenge, Person, person, stage_lozenge

MOST_NAMES: Final = 2
MOST_REVIEWERS: Final = 4


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer's picture and the mark on it. Empty for somebody who has said nothing yet."""

    person: Person
    mark: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """One pull request: what it is, whose turn, since when."""

    number: str
    anchor: str
    title: str
    url: str
    author: Person
    whose: str
    stage: Lozenge
    wait: str
    wait_iso: str
    since: str
    approvals: str
    reviewers: tuple[Reviewer, ...]
    more_reviewers: str
    reviews: str
    is_yours: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Some rows under a title; the note says what is not among them, ``empty`` what to say where there are none."""

    title: str
    rows: tuple[Row, ...]
    note: str
    empty: str


def rows(
    waits: Sequence[Wait], *, links: Links, viewer_uuid: str | None, shows: Callable[[str], bool]
) -> tuple[Row, ...]:
    """Return the rows for some waits, in their order."""
    return tuple(_row(wait, links=links, viewer_uuid=viewer_uuid, shows=shows) for wait in waits)


def _row(wait: Wait, *, links: Links, viewer_uuid: str | None, shows: Callable[[str], bool]) -> Row:
    pull_request, turn = wait.pull_request, wait.turn
    asked = _asked(pull_request)
    approved = len(approvals(pull_request))
    return Row(
        number=f"#{pull_request.id}",
        anchor=f"pull-request-{pull_request.id}",
        title=pull_request.title or _("(no title)"),
        url=links.pull_request(pull_request.id),
        author=person(pull_request.author, shows=shows),
        whose=whose_turn(turn, viewer_uuid=viewer_uuid),
        stage=stage_lozenge(turn.stage),
        wait=formatting.duration(wait.waited),
        wait_iso=formatting.iso_duration(wait.waited),
        since=_("since %(time)s", time=formatting.full_time(turn.since)),
        approvals=ngettext("%(n)s approval", "%(n)s approvals", approved) if approved else "",
        reviewers=tuple(_reviewer(participant, shows=shows) for participant in asked[:MOST_REVIEWERS]),
        more_reviewers=f"+{len(asked) - MOST_REVIEWERS}" if len(asked) > MOST_REVIEWERS else "",
        reviews=", ".join(_said(participant) for participant in asked),
        is_yours=_is_for(turn, viewer_uuid),
    )


def whose_turn(turn: Turn, *, viewer_uuid: str | None) -> str:
    """Return for whom a pull request waits, in words; the viewer is "you"."""
    if turn.stage is Stage.REVIEWER and not turn.waits_for:
        return _("no reviewer is asked")
    is_yours = _is_for(turn, viewer_uuid)
    if turn.stage is Stage.REVIEWER:
        return _("waiting for %(people)s", people=_("you") if is_yours else _listed(turn.waits_for))
    if turn.stage is Stage.AUTHOR:
        return _("back with you") if is_yours else _("back with the author")
    if turn.stage is Stage.MERGE:
        return _("for you to merge") if is_yours else _("for the author to merge")
    return _("not up for review yet")


def _is_for(turn: Turn, viewer_uuid: str | None) -> bool:
    return viewer_uuid is not None and any(account.uuid == viewer_uuid for account in turn.waits_for)


def _listed(people: Sequence[Account]) -> str:
    names = [account.display_name or account.nickname or _("somebody") for account in people]
    if len(names) > MOST_NAMES:
        more = ngettext("%(n)s more", "%(n)s more", len(names) - MOST_NAMES)
        return formatting.names([*names[:MOST_NAMES], more])
    return formatting.names(names)


def _asked(pull_request: OpenPullRequest) -> list[Participant]:
    """Return whose reviews are shown: people who were asked, and people who judged without being asked."""
    author = pull_request.author.uuid if pull_request.author else None
    shown = [
        participant
        for participant in pull_request.participants
        if (participant.is_reviewer or participant.state is not None)
        and is_human(participant.account)
        and participant.account.uuid != author
    ]
    # Those who judged first, then those who are still asked; each as Bitbucket lists them.
    return sorted(shown, key=lambda participant: participant.state is None)


def _reviewer(participant: Participant, *, shows: Callable[[str], bool]) -> Reviewer:
    mark, icon = _MARKS.get(participant.state, ("", ""))
    return Reviewer(person(participant.account, shows=shows), mark, icon)


def _said(participant: Participant) -> str:
    name = participant.account.display_name or participant.account.nickname or _("somebody")
    if participant.state is ReviewState.APPROVED:
        return _("%(name)s approved", name=name)
    if participant.state is ReviewState.CHANGES_REQUESTED:
        return _("%(name)s asked for changes", name=name)
    return _("%(name)s is asked", name=name)


_MARKS: Final[dict[ReviewState | None, tuple[str, str]]] = {
    ReviewState.APPROVED: ("approved", "check"),
    ReviewState.CHANGES_REQUESTED: ("changes", "cross"),
}
