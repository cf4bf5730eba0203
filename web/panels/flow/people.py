"""The sections about people as a whole: how reviews are spread, and when in the week anything happens. Nobody is compared."""

from collections.abc import Mapping
from typing import Final

from insights.clock.look import Look
from insights.flow.punch_card import PunchCard
from insights.flow.review_load import ReviewLoad
from insights.result import Result
from web.charts import punch_card, shares
from web.charts.shapes import Chart
from web.language import _, ngettext
from web.panels import result_words
from web.panels.flow.parts import Cell, Section, Table, meaning, rows, small

EVENING: Final = 24


def review_load(result: Result[ReviewLoad], look: Look, names: Mapping[str, str]) -> Section:
    """Word how evenly first answers are spread; ``names`` are those of the accounts that may be named."""
    load = result.value
    labels = (_("busiest"), _("busiest two"), _("busiest three"))
    parts = load.shares if load else ()
    texts = [result_words.percent(share) for share in parts]
    finding = _spread(load)
    title = _("Review load")
    chart = Chart(
        name="review_load",
        title=title,
        finding=finding,
        has_names=True,
        height=shares.ROW * len(labels),
        y_ticks=shares.row_ticks(labels),
        bars=shares.lying(parts, [f"{label}: {text}" for label, text in zip(labels, texts, strict=True)], "plain")
        if parts
        else (),
        notes=shares.beside(parts, texts),
    )
    lines: list[tuple[str, str]] = list(zip(labels, texts, strict=False))
    if load is not None:
        lines.append((_("Gini coefficient"), f"{load.gini:.2f}"))
        lines += [(names.get(one.account, _("Former user")), str(one.answers)) for one in load.named]
    return Section(
        name="review_load",
        title=title,
        finding=finding,
        chart=chart if load else None,
        table=Table((_("Who"), _("Share of first answers")), rows(*lines)) if load else None,
        silence=result_words.silence(result),
        small=(*_yours(load), *small(look, result)),
        meanings=(meaning(result),),
    )


def punch_cards(
    commits: Result[PunchCard] | None, answers: Result[PunchCard] | None, look: Look, silence: str
) -> Section:
    """Word when people commit, and when they answer."""
    cards = [
        (_("Commits, by the author's clock"), "commits", commits),
        (_("Answers, by the workspace's clock"), "answers", answers),
    ]
    known = [(title, name, result) for title, name, result in cards if result is not None]
    charts = tuple(_card(title, name, result.value) for title, name, result in known if result.value is not None)
    return Section(
        name="punch_card",
        title=_("When in the week"),
        finding=_overlap(commits, answers),
        chart=charts[0] if charts else None,
        charts=charts[1:],
        table=_card_table(known) if charts else None,
        silence="" if charts else result_words.silence(known[0][2]) if known else silence,
        small=tuple(line for _title, name, result in known for line in _card_notes(name, result, look)),
        meanings=tuple(meaning(result) for _title, _name, result in known),
    )


def weekdays() -> tuple[str, ...]:
    """Return the days of the week in short, Monday first."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def _card(title: str, name: str, card: PunchCard) -> Chart:
    days = weekdays()
    return Chart(
        name=f"punch_card_{name}",
        title=title,
        finding=_("Most on %(when)s.", when=_peak(card)),
        has_names=True,
        height=punch_card.HEIGHT,
        x_ticks=punch_card.hour_ticks(),
        y_ticks=punch_card.day_ticks(days),
        bars=punch_card.squares(card.hours, days, "commits" if name == "commits" else "answers"),
    )


def _card_table(known: list[tuple[str, str, Result[PunchCard]]]) -> Table:
    """Tell each day and quarter of it: 168 cells twice over would help nobody."""
    quarters = ("00 to 06", "06 to 12", "12 to 18", "18 to 24")
    lines: list[tuple[Cell | str, ...]] = [
        (
            Cell(f"{day}, {title}" if len(known) > 1 else day, is_number=False),
            *(str(sum(result.value.hours[place][start : start + 6])) for start in range(0, EVENING, 6)),
        )
        for title, _name, result in known
        if result.value is not None
        for place, day in enumerate(weekdays())
    ]
    return Table((_("Day"), *quarters), rows(*lines))


def _card_notes(name: str, result: Result[PunchCard], look: Look) -> tuple[str, ...]:
    """Tell what one of the two rests on: each has its own n."""
    first, *others = small(look, result)
    of = _("commits: %(basis)s", basis=first) if name == "commits" else _("answers: %(basis)s", basis=first)
    return of, *others


def _peak(card: PunchCard) -> str:
    day, hour = max(
        ((day, hour) for day in range(7) for hour in range(EVENING)), key=lambda place: card.hours[place[0]][place[1]]
    )
    return _("%(day)s at %(hour)s", day=weekdays()[day], hour=f"{hour:02}:00")


def _overlap(commits: Result[PunchCard] | None, answers: Result[PunchCard] | None) -> str:
    told = []
    if commits is not None and commits.value is not None:
        told.append(_("Most commits on %(when)s.", when=_peak(commits.value)))
    if answers is not None and answers.value is not None:
        told.append(_("Most answers on %(when)s.", when=_peak(answers.value)))
    return " ".join(told)


def _spread(load: ReviewLoad | None) -> str:
    if load is None:
        return ""
    return ngettext(
        "One person reviews, and gives all first answers.",
        "Of %(n)s people who review, the busiest gives %(share)s of first answers.",
        load.people,
        share=result_words.percent(load.shares[0]),
    )


def _yours(load: ReviewLoad | None) -> tuple[str, ...]:
    if load is None or load.yours is None:
        return ()
    return (ngettext("you: %(n)s first answer", "you: %(n)s first answers", load.yours),)
