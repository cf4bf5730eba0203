"""What Pulse says: from our own copy of a repository's history to the words and numbers of the panel."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bitbucket.errors import BitbucketError
from insights.builds.main_branch import Light, MainBranch
from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS, RECENT_DAYS, SPARKLINE_WEEKS, YEAR_DAYS, Week
from insights.definitions import CATALOGUE, definition_of
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.standing import Standing
from insights.pull_requests.tally import Tally
from insights.pull_requests.turn import TurnKind
from insights.pulse.attention import attention
from insights.pulse.open_to_merge import (
    WeeklyMedian,
    open_to_merge,
    open_to_merge_of,
    open_to_merge_tally,
    weekly_median,
)
from insights.pulse.pickup import pickup, pickup_of, pickup_tally, settled_at
from insights.pulse.waiting_for_review import WaitingForReview, waiting_for_review
from insights.pulse.yours import Yours, yours
from insights.result import Result, WhyNot, Window
from web import formatting
from web.language import _, ngettext
from web.panels import result_words
from web.panels.flow.head import pickup_words, spread_words
from web.panels.freshness import Freshness, freshness
from web.panels.page_links import FileLink
from web.panels.parts import Definition, Lozenge
from web.panels.past import Past
from web.panels.places.people import Names
from web.panels.setting import Setting
from web.panels.sparkline import Sparkline, sparkline
from web.panels.standing_rows import Section, awaited, rows

T = TypeVar("T")

MOST_ROWS: Final = 5
MOST_ROWS_OF_PAGE: Final = 50
MOST_MEMBERS: Final = 12
NOTHING: Final = "\N{EN DASH}"
WINDOWS: Final = (RECENT_DAYS, BASELINE_DAYS, YEAR_DAYS)
"""The first that holds anything is shown."""


@dataclass(frozen=True, slots=True)
class Member:
    """A pull request behind a figure."""

    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Words:
    """A figure as it stands in the line."""

    value: str
    beside: str
    url: str | None = None
    is_quiet: bool = False
    lozenge: Lozenge | None = None


@dataclass(frozen=True, slots=True)
class PulseFigure:
    """One of the four figures, and all that stands behind it: on what it rests, which pull requests, what it means."""

    label: str
    words: Words
    small: tuple[str, ...]
    members: tuple[Member, ...]
    more_members: str
    meaning: str
    version: str
    line: Sparkline | None = None


@dataclass(frozen=True, slots=True)
class PulseView:
    """Everything that the panel shows."""

    headline: str
    subline: str
    fresh: Freshness
    figures: tuple[PulseFigure, ...]
    attention: Section
    yours: tuple[Section, ...]
    exports: tuple[FileLink, ...] = ()
    """What the page offers as files; the panel offers none."""


def pulse_view(past: Past, setting: Setting, trouble: BitbucketError | None = None) -> PulseView:
    """Return the panel: five rows, and those of the viewer that are not among them."""
    return _view(past, setting, trouble, most_rows=MOST_ROWS)


def overview_view(past: Past, setting: Setting, trouble: BitbucketError | None = None) -> PulseView:
    """Return the same, wider: every open pull request that waits for somebody."""
    return _view(past, setting, trouble, most_rows=MOST_ROWS_OF_PAGE)


def meanings() -> tuple[Definition, ...]:
    """Return what the rows mean; each figure has its own meaning beside it."""
    found = [CATALOGUE[one] for one in ("attention", "turn", "pace", "yours")]
    return tuple(Definition(_(one.title), _(one.text)) for one in found)


def _view(past: Past, setting: Setting, trouble: BitbucketError | None, *, most_rows: int) -> PulseView:
    look, standings = past.look(), past.standings()
    listed = attention(standings, rows=most_rows)
    shown = listed.value or ()
    mine = yours(standings, viewer=setting.viewer_uuid).value or Yours((), ())
    others = _yours(mine, shown=shown if most_rows == MOST_ROWS else ())
    everybody = awaited((*shown, *(one for _title, found in others for one in found)))
    names = Names(past, setting, (*everybody, *(standing.measurement.author for standing in shown)))
    return PulseView(
        headline=headline(standings, past),
        subline=subline(mine),
        fresh=freshness(past, trouble),
        figures=figures(past, standings, setting),
        attention=Section(
            title=_("Needs attention"),
            rows=rows(shown, look=look, setting=setting, names=names),
            note=_note(listed, len(shown)),
            empty=_("No pull request waits for anybody."),
        ),
        yours=tuple(
            Section(title, rows(found[:most_rows], look=look, setting=setting, names=names)) for title, found in others
        ),
    )


def headline(standings: tuple[Standing, ...], past: Past) -> str:
    """Return the one sentence that answers "what needs us now?"."""
    found = waiting_for_review(standings, past.usual())
    waiting = [one for one in standings if one.id in set(found.members)]
    if waiting:
        longest = max(one.waited for one in waiting)
        return ngettext(
            "%(n)s pull request waits for a review, for %(wait)s now.",
            "%(n)s pull requests wait for a review, the longest for %(wait)s.",
            len(waiting),
            wait=formatting.duration(longest),
        )
    ready = sum(one.turn.kind is TurnKind.READY_TO_MERGE for one in standings)
    if ready:
        return ngettext("%(n)s pull request is ready to merge.", "%(n)s pull requests are ready to merge.", ready)
    if standings:
        return _("Nothing waits for a review.")
    return _("No pull request is open.") if past.recent else _("No pull request was open here in the last 90 days.")


def subline(mine: Yours) -> str:
    """Return what of it is the viewer's; nothing where nothing is."""
    sentences = []
    if mine.waiting_for_you:
        sentences.append(ngettext("%(n)s waits for you.", "%(n)s wait for you.", len(mine.waiting_for_you)))
    if mine.waiting_for_others:
        sentences.append(
            ngettext(
                "%(n)s of yours waits for others.", "%(n)s of yours wait for others.", len(mine.waiting_for_others)
            )
        )
    return " ".join(sentences)


def figures(past: Past, standings: tuple[Standing, ...], setting: Setting) -> tuple[PulseFigure, ...]:
    """Return the four figures."""
    look = past.look()
    weeks = past.figure_of_recent("weekly medians", lambda: _weeks(past))
    waiting = waiting_for_review(standings, past.usual())
    pickup_time, merge_time, main = _pickup(past), _merged(past), past.main_branch()
    return (
        _figure(waiting, _waiting_words(waiting, len(standings), setting), look, setting),
        _figure(pickup_time[0], _spread_words(*pickup_time, pickup_words), look, setting),
        _figure(merge_time[0], _spread_words(*merge_time, spread_words), look, setting, line=_line(weeks, look)),
        _figure(main, _main_words(main, look, setting), look, setting),
    )


def _waiting_words(result: Result[WaitingForReview], total: int, setting: Setting) -> Words:
    value = result.value
    if value is None or not value.waiting:
        return Words(formatting.count(0), _("of %(n)s open", n=formatting.count(total)), is_quiet=True)
    late = value.longer_than_usual
    return Words(
        formatting.count(value.waiting),
        _("%(n)s longer than usual", n=formatting.count(late))
        if late
        else _("of %(n)s open", n=formatting.count(total)),
        url=setting.links.pull_requests,
    )


def _merged(past: Past) -> tuple[Result[Any], int]:
    look = past.look()
    return past.figure_of_recent(
        "open to merge",
        lambda: _widest(
            past,
            lambda window: open_to_merge_of(_merged_within(past, window), window),
            lambda window: open_to_merge(past.measurements, look, window=window),
        ),
    )


def _merged_within(past: Past, window: Window) -> Tally:
    look = past.look()
    return past.tally_of_recent(
        ("open to merge", look.kind), lambda items, within: open_to_merge_tally(items, look, within), window
    )


def _weeks(past: Past) -> tuple[WeeklyMedian, ...]:
    """Return the median of each week, as ``weekly_medians`` does."""
    return tuple(_week(past, week) for week in past.look().last_weeks(SPARKLINE_WEEKS))


def _week(past: Past, week: Week) -> WeeklyMedian:
    def make() -> WeeklyMedian:
        return weekly_median(week, _merged_within(past, week.window))

    return past.figure_of_days(("weekly median", past.look().kind), week.window, make) if week.is_whole else make()


def _pickup(past: Past) -> tuple[Result[Any], int]:
    look = past.look()
    return _widest(
        past,
        lambda window: pickup_of(_ready_within(past, window), window),
        lambda window: pickup(past.measurements, look, window=window),
    )


def _ready_within(past: Past, window: Window) -> Tally:
    """Return the tally of those that became ready in a window: only what is open changes with the clock."""
    look = past.look()

    def take(items: Iterable[Measurement], within: Window) -> Tally:
        return pickup_tally(items, look, within)

    settled = past.tally_of_recent(("pickup", look.kind), take, window, moment=settled_at)
    return Tally.together([settled, take((*past.open_measurements, *past.closed_without(settled_at)), window)])


def _widest(
    past: Past, of_recent: Callable[[Window], Result[T]], of_year: Callable[[Window], Result[T]]
) -> tuple[Result[T], int]:
    """Return a figure over the first window that holds anything, and how many days that has."""
    look = past.look()
    for days in WINDOWS[:-1]:
        found = of_recent(look.last_days(days))
        if found.why_not is not WhyNot.NO_DATA:
            return found, days
    return of_year(look.last_days(YEAR_DAYS)), YEAR_DAYS


def _spread_words(result: Result[Any], days: int, words: Callable[[Any], tuple[str, str]]) -> Words:
    if result.value is None:
        too_few = result.why_not is WhyNot.TOO_FEW
        return Words(NOTHING, _("percentiles need 5") if too_few else _("none in 52 weeks"), is_quiet=True)
    value, beside = words(result.value)
    over = "" if days == RECENT_DAYS else _("of %(days)s days", days=days)
    return Words(value, " ".join(part for part in (beside, over) if part))


def _main_words(result: Result[MainBranch], look: Look, setting: Setting) -> Words:
    value = result.value
    if value is None:
        return Words(NOTHING, _("no builds told"), is_quiet=True)
    parts = [_("red %(share)s of the time", share=result_words.percent(value.red_share))]
    if value.time_to_green is not None:
        parts.append(_("to green %(span)s", span=formatting.duration(value.time_to_green.p50)))
    return Words(
        formatting.for_a_tile(formatting.duration(look.now - value.since)),
        ", ".join(parts),
        url=setting.links.commit(value.commit),
        lozenge=Lozenge(_("Red"), "danger") if value.light is Light.RED else Lozenge(_("Green"), "success"),
    )


def _figure(
    result: Result[Any], words: Words, look: Look, setting: Setting, *, line: Sparkline | None = None
) -> PulseFigure:
    meaning = definition_of(result.definition)
    small = (
        result_words.basis(result, look),
        result_words.left_out(result.exclusions),
        *result_words.footnotes(result),
    )
    more = len(result.members) - MOST_MEMBERS
    return PulseFigure(
        label=_(meaning.title),
        words=words,
        small=tuple(part for part in small if part),
        members=tuple(
            Member(f"#{number}", setting.links.pull_request(number)) for number in result.members[-MOST_MEMBERS:]
        ),
        more_members=_("and %(n)s more", n=formatting.count(more)) if more > 0 else "",
        meaning=_(meaning.text),
        version=_("definition %(name)s, version %(version)s", name=meaning.name, version=meaning.version),
        line=line,
    )


def _line(points: tuple[WeeklyMedian, ...], look: Look) -> Sparkline | None:
    labels = [result_words.day(look.clock.local(point.week.window.start)) for point in points]
    return sparkline([point.p50 for point in points], labels, title=_("Open to merge, median of each week"))


def _yours(mine: Yours, *, shown: tuple[Standing, ...]) -> list[tuple[str, tuple[Standing, ...]]]:
    """Return the viewer's own that are not shown already, under their titles."""
    known = {standing.id for standing in shown}
    lists = ((_("Waiting for you"), mine.waiting_for_you), (_("Yours, waiting for others"), mine.waiting_for_others))
    found = ((title, tuple(one for one in standings if one.id not in known)) for title, standings in lists)
    return [(title, standings) for title, standings in found if standings]


def _note(listed: Result[tuple[Standing, ...]], shown: int) -> str:
    total = _("%(shown)s of %(total)s", shown=shown, total=listed.n) if listed.n > shown else ""
    return ", ".join(part for part in (total, result_words.left_out(listed.exclusions)) if part)
