"""A Result in words: on what it rests, what was left out and why, what is assumed, why it is silent."""

from collections.abc import Mapping
from typing import Any

from insights.clock.look import Look
from insights.pull_requests.stamps import Flag
from insights.result import Exclusion, Result, WhyNot, Window
from web import formatting
from web.language import _, ngettext


def silence(result: Result[Any]) -> str:
    """Return why a figure says nothing; nothing where it does."""
    return {
        None: "",
        WhyNot.NO_DATA: _("There is nothing to work this out from in this window."),
        WhyNot.TOO_FEW: _("Too few for a percentile: it needs 5."),
        WhyNot.NOT_REACHED: _("Half of them are still waiting, so there is no median yet."),
        WhyNot.NOT_KNOWN: _("Bitbucket does not tell what this would need."),
        WhyNot.NOT_READY: _("This is worked out at night, and has not been yet."),
    }[result.why_not]


def basis(result: Result[Any], look: Look, *, of: str | None = None) -> str:
    """Return how many a figure rests on, and over which days: ``n = 41, 26 Oct to 23 Nov``."""
    counted = _("n = %(count)s", count=formatting.count(result.n)) if of is None else of
    return f"{counted}, {days(result.window, look)}" if result.window else counted


def days(window: Window, look: Look) -> str:
    """Return a window's first and last day in the workspace's time zone."""
    start, end = look.clock.local(window.start), look.clock.local(window.end)
    return _("%(start)s to %(end)s", start=day(start, with_year=start.year != end.year), end=day(end))


def day(moment: Any, *, with_year: bool = False) -> str:  # noqa: ANN401 - a date or a datetime
    """Return a day as people write it: ``5 Oct``."""
    return f"{moment.day} {moment:%b %Y}" if with_year else f"{moment.day} {moment:%b}"


def left_out(exclusions: Mapping[Exclusion, int]) -> str:
    """Return how many were left out, by reason: ``left out: 3 declined, 2 by bots``."""
    if not exclusions:
        return ""
    words = _reasons()
    parts = [f"{formatting.count(number)} {words[reason]}" for reason, number in exclusions.items()]
    return _("left out: %(reasons)s", reasons=", ".join(parts))


def reason(exclusion: Exclusion) -> str:
    """Return one reason in words."""
    return _reasons()[exclusion]


def footnotes(result: Result[Any]) -> tuple[str, ...]:
    """Return what is assumed of some of the n: ``12 of 214 with assumed ready time``."""
    words = {
        Flag.READY_ASSUMED.value: _("%(count)s of %(n)s with assumed ready time"),
        Flag.FIRST_COMMIT_ASSUMED.value: _("%(count)s of %(n)s with unknown first commit"),
        Flag.CODING_CAPPED.value: _("%(count)s of %(n)s with coding cut at 30 days"),
        Flag.NEVER_APPROVED.value: _("%(count)s of %(n)s never approved"),
    }
    return tuple(
        words[flag] % {"count": formatting.count(number), "n": formatting.count(result.n)}
        for flag, number in result.flags.items()
        if flag in words
    )


def pull_requests(number: int) -> str:
    """Return so many pull requests."""
    return ngettext("%(n)s pull request", "%(n)s pull requests", number)


def percent(share: float) -> str:
    """Return a share in per cent; below ten with one digit, where it says something."""
    hundredths = 100 * share
    text = (
        f"{hundredths:.1f}"
        if 0 < hundredths < 9.95 and round(hundredths, 1) != round(hundredths)
        else f"{hundredths:.0f}"
    )
    return f"{text}\N{NO-BREAK SPACE}%"


def _reasons() -> Mapping[Exclusion, str]:
    return {
        Exclusion.DECLINED: _("declined"),
        Exclusion.SUPERSEDED: _("superseded"),
        Exclusion.OTHER_DESTINATION: _("to other branches"),
        Exclusion.SYNC: _("from one long-lived branch to another"),
        Exclusion.BOT_AUTHOR: _("by bots"),
        Exclusion.HUMAN_AUTHOR: _("by people"),
        Exclusion.DRAFT: _("in draft"),
        Exclusion.MERGE_TIME_UNKNOWN: _("with unknown merge time"),
        Exclusion.MERGED_BEFORE_OPENED: _("merged before being opened"),
        Exclusion.ACTIVITY_UNKNOWN: _("whose activity is not read yet"),
        Exclusion.SIZE_UNKNOWN: _("of unknown size"),
        Exclusion.UNREVIEWED: _("merged unreviewed"),
        Exclusion.ANSWERED_AS_DRAFT: _("answered only in draft"),
        Exclusion.NEVER_APPROVED: _("never approved"),
        Exclusion.TOO_YOUNG: _("too young to tell"),
        Exclusion.OFFSET_UNKNOWN: _("whose author's time zone is not told"),
        Exclusion.NEVER_SEEN_RUNNING: _("never seen running"),
        Exclusion.NOT_DEPLOYED: _("not deployed yet"),
        Exclusion.LARGE_COMMIT: _("with too many files"),
        Exclusion.MERGE_COMMIT: _("that only merge"),
        Exclusion.NO_FORECAST: _("with too few like them to forecast"),
    }
