"""The small things of a page as templates want them: worded, formatted, decided. Templates add nothing but markup."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from insights.live.builds import BuildSummary, CommitState
from insights.live.facts import Account
from insights.live.turn import Stage
from web import formatting
from web.language import _, ngettext

A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment: for machines, in full, and in short."""

    iso: str
    full: str
    text: str


@dataclass(frozen=True, slots=True)
class Lozenge:
    """A word on a colour; the word says all that the colour says."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: a picture where we may show it, initials where not."""

    name: str
    initials: str
    colour: int
    picture: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its label and what stands beside it."""

    label: str
    value: str
    beside: str = ""
    url: str | None = None
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means."""

    term: str
    meaning: str


def moment(when: datetime, *, now: datetime) -> Moment:
    """Return a moment as an age, which the browser then keeps up to date."""
    span = now - when
    text = _("just now") if span < A_MINUTE else _("%(age)s ago", age=formatting.short_age(span))
    return Moment(formatting.iso_time(when), formatting.full_time(when), text)


def person(account: Account | None, *, shows: Callable[[str], bool]) -> Person:
    """Return somebody; a deleted account has no name and no picture."""
    if account is None:
        return Person(_("Former user"), "?", 0, None)
    name = account.display_name or account.nickname or _("Unnamed")
    picture = account.avatar_url if account.avatar_url and shows(account.avatar_url) else None
    return Person(name, formatting.initials(name), formatting.avatar_colour(account.uuid), picture)


def picture_filter(origins: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether a picture may be shown: from these origins, which the page's policy allows, and no other."""
    allowed = frozenset(origins)

    def shows(url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return f"{parts.scheme}://{parts.netloc}" in allowed

    return shows


def stage_lozenge(stage: Stage) -> Lozenge:
    """Return the word for a stage."""
    return {
        Stage.DRAFT: Lozenge(_("Draft"), "neutral"),
        Stage.AUTHOR: Lozenge(_("Changes requested"), "warning"),
        Stage.REVIEWER: Lozenge(_("In review"), "information"),
        Stage.MERGE: Lozenge(_("Ready to merge"), "success"),
    }[stage]


def build_lozenge(state: CommitState) -> Lozenge:
    """Return the word for what a commit's builds say."""
    return {
        CommitState.FAILED: Lozenge(_("Failed"), "danger"),
        CommitState.RUNNING: Lozenge(_("Running"), "information"),
        CommitState.PASSED: Lozenge(_("Passed"), "success"),
        CommitState.STOPPED: Lozenge(_("Stopped"), "neutral"),
        CommitState.NONE: Lozenge(_("No builds"), "neutral"),
    }[state]


def build_sentence(builds: BuildSummary) -> str:
    """Return how many builds there are behind the word, worst first."""
    if not builds.total:
        return ""
    if builds.passed == builds.total:
        return ngettext("%(n)s build", "all %(n)s builds", builds.total)
    counts = (
        (builds.failed, _("failed")),
        (builds.running, _("running")),
        (builds.stopped, _("stopped")),
        (builds.passed, _("passed")),
    )
    return ", ".join(f"{number} {word}" for number, word in counts if number)
