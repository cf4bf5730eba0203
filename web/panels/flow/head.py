"""The figures at the head of Flow, each beside the same figure of the 28 days before, with a word only where one is earned."""

from collections.abc import Callable
from typing import Any, Final

from insights.clock.look import Look
from insights.flow.headline import Compared, Counted
from insights.pulse.pickup import Estimate, Pickup
from insights.result import Result, WhyNot
from insights.settings import Target
from insights.statistics.change import Change, ChangeWord
from insights.statistics.percentiles import Spread
from web import formatting
from web.language import _
from web.panels import result_words
from web.panels.flow.figures import Figures
from web.panels.flow.parts import Kpi, meaning
from web.panels.parts import Lozenge

NOTHING: Final = "\N{EN DASH}"
Addresses = Callable[[str], tuple[str, str]]
"""From a figure's name to where its pull requests are listed: as a link, and for the page's script."""


def kpis(figures: Figures, look: Look, target: Target | None, addresses: Addresses) -> tuple[Kpi, ...]:
    """Return the head of the page."""
    head = figures.head

    def kpi(compared: Compared[Any], word: Callable[[Any], tuple[str, str]], *, has_list: bool = True) -> Kpi:
        return _kpi(compared, word, look, addresses if has_list else _no_list)

    found = (
        kpi(head.merged, lambda count: (formatting.count(count), "")),
        kpi(head.open_to_merge, spread_words),
        kpi(head.pickup, pickup_words),
        kpi(head.review, spread_words),
        kpi(head.unreviewed, _counted),
        kpi(Compared(figures.in_progress, figures.in_progress_before), _open, has_list=False),
    )
    if figures.target is None or target is None:
        return found
    return (*found, _target(figures.target, target, look))


def spread_words(spread: Spread) -> tuple[str, str]:
    """Return a median, and the 85th percentile beside it."""
    return formatting.for_a_tile(formatting.duration(spread.p50)), "" if spread.p85 is None else _p85(
        formatting.duration(spread.p85)
    )


def pickup_words(pickup: Pickup) -> tuple[str, str]:
    """Return the same of a pickup, of which there may be only a lower bound."""
    return formatting.for_a_tile(estimate(pickup.p50)), "" if pickup.p85 is None else _p85(estimate(pickup.p85))


def estimate(known: Estimate) -> str:
    """Return a time, or that it is longer than one."""
    time = formatting.duration(known.time)
    return f">\N{NO-BREAK SPACE}{time}" if known.is_lower_bound else time


def change_lozenge(change: Change | None) -> Lozenge | None:
    """Return the word for a change; none where none was worked out. Longer is no verdict, so it has no colour."""
    if change is None:
        return None
    return {
        ChangeWord.UP: Lozenge(_("longer"), "neutral"),
        ChangeWord.DOWN: Lozenge(_("shorter"), "neutral"),
        ChangeWord.NO_CLEAR_CHANGE: Lozenge(_("no clear change"), "neutral"),
        ChangeWord.TOO_FEW: None,
    }[change.word]


def _kpi(compared: Compared[Any], word: Callable[[Any], tuple[str, str]], look: Look, addresses: Addresses) -> Kpi:
    now, before = compared.now, compared.before
    value, beside = (NOTHING, _few(now)) if now.value is None else word(now.value)
    told = meaning(now)
    url, fragment_url = addresses(now.definition.name) if now.members else ("", "")
    return Kpi(
        name=now.definition.name,
        label=told.title,
        value=value,
        beside=beside,
        before=_("before: %(value)s", value=NOTHING if before.value is None else word(before.value)[0]),
        change=change_lozenge(compared.change),
        basis=result_words.basis(now, look),
        list_url=url,
        list_fragment_url=fragment_url,
        is_quiet=now.value is None,
        meaning=told,
    )


def _target(result: Result[Any], target: Target, look: Look) -> Kpi:
    wanted = _("wanted: %(share)s", share=result_words.percent(target.share))
    rate = result.value
    return Kpi(
        name=result.definition.name,
        label=_("Picked up within %(time)s", time=formatting.duration(target.within)),
        value=NOTHING if rate is None else result_words.percent(rate.share),
        beside=wanted,
        before="",
        change=None if rate is None else Lozenge(_("met") if rate.is_met else _("not met"), "neutral"),
        basis=result_words.basis(result, look),
        list_url="",
        list_fragment_url="",
        is_quiet=rate is None,
        meaning=meaning(result),
    )


def _few(result: Result[Any]) -> str:
    return _("percentiles need 5") if result.why_not is WhyNot.TOO_FEW else ""


def _counted(counted: Counted) -> tuple[str, str]:
    return formatting.count(counted.count), _("%(share)s of them", share=result_words.percent(counted.share))


def _open(median: float) -> tuple[str, str]:
    return f"{median:g}", _("median of the days")


def _p85(text: str) -> str:
    return _("85 %%: %(time)s", time=text)


def _no_list(_name: str) -> tuple[str, str]:
    return "", ""
