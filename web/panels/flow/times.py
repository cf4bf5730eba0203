"""The sections about durations: how they are distributed, each pull request by itself, what is open and how old, what size costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from insights.clock.look import Look
from insights.flow.ageing import STAGES, AgeingWork
from insights.flow.distribution import Distribution, Point
from insights.flow.size_table import SizeTable
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stages import Stage
from insights.result import Result
from insights.statistics.bins import EDGES, Bin
from insights.statistics.percentiles import Spread
from web import formatting
from web.charts import scales, times
from web.charts.shapes import Chart, Key, Segment, Tick
from web.charts.times import Dot
from web.language import _, ngettext
from web.panels import result_words
from web.panels.flow.parts import Cell, Section, Table, meaning, rows, small
from web.panels.flow.weeks import stage_keys
from web.panels.links import Links

NOTHING: Final = "\N{EN DASH}"
MOST_POINTS: Final = 150
MOST_ROWS: Final = 15
"""Of a table of single pull requests; the file has all of them."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What pull requests are called, and where they are."""

    by_id: Mapping[int, Measurement]
    links: Links

    def title(self, number: int) -> str:
        """Return a pull request's title."""
        found = self.by_id.get(number)
        return formatting.first_line(found.title, most_characters=60) if found else ""

    def cells(self, number: int) -> tuple[Cell, Cell]:
        """Return what names a pull request in a table."""
        return (
            Cell(f"#{number}", self.links.pull_request(number), is_number=False),
            Cell(self.title(number), is_number=False),
        )


def distribution(result: Result[Distribution], look: Look) -> Section:
    """Word the histogram of open-to-merge."""
    value = result.value
    bins = value.bins if value else ()
    scale = scales.counting([one.count for one in bins], times.HEIGHT)
    lines, keys = _percentiles(value.spread if value else None)
    title = _("Distribution of open to merge")
    finding = _half(value.spread if value else None)
    chart = Chart(
        name="distribution",
        title=title,
        finding=finding,
        height=times.HEIGHT,
        x_ticks=times.edge_ticks([formatting.short_age(edge) for edge in EDGES]),
        y_ticks=_count_ticks(scale),
        bars=times.histogram(
            [one.count for one in bins] or [0],
            [f"{bin_label(one)}: {one.count}" for one in bins] or [""],
            "plain",
            scale,
        ),
        segments=lines,
        keys=keys,
    )
    table = Table((_("From ready to merged"), _("Merged")), rows(*((bin_label(one), str(one.count)) for one in bins)))
    return Section(
        name="distribution",
        title=title,
        finding=finding,
        chart=chart if bins else None,
        table=table if bins else None,
        silence=result_words.silence(result),
        small=small(look, result),
        meanings=(meaning(result),),
    )


def scatter(result: Result[tuple[Point, ...]], look: Look, shelf: Shelf) -> Section:
    """Word the picture with a point for each merged pull request."""
    points = result.value or ()
    shown = points[-MOST_POINTS:]
    longest = sorted(points, key=lambda point: (-point.time, point.id))
    scale = scales.lasting([point.time for point in shown], times.HEIGHT)
    title = _("Each pull request")
    finding = _outlier(longest, shelf)
    keys = [Key(f"size-{bucket.value}", bucket.value) for bucket in SizeBucket]
    if any(point.bucket is None for point in shown):
        keys.append(Key("size-unknown", _("size not known yet")))
    chart = Chart(
        name="scatter",
        title=title,
        finding=finding,
        height=times.HEIGHT,
        y_label=_("log scale"),
        x_ticks=_day_ticks(result, look),
        y_ticks=_duration_ticks(scale),
        points=()
        if not shown or result.window is None
        else times.scatter([_dot(point, shelf) for point in shown], result.window.start, result.window.end, scale),
        keys=tuple(keys),
    )
    table = Table(
        (_("Number"), _("Title"), _("Size"), _("Merged"), _("Open to merge")),
        rows(
            *(
                (
                    *shelf.cells(point.id),
                    Cell(point.bucket.value if point.bucket else NOTHING, is_number=False),
                    result_words.day(look.clock.local(point.merged_at)),
                    formatting.duration(point.time),
                )
                for point in longest[:MOST_ROWS]
            )
        ),
        note=_("The longest; the file has all of them.") if len(points) > MOST_ROWS else "",
    )
    note = ngettext("the %(n)s merged last is drawn", "the %(n)s merged last are drawn", len(shown))
    return Section(
        name="scatter",
        title=title,
        finding=finding,
        chart=chart if points else None,
        table=table if points else None,
        silence=result_words.silence(result),
        small=(*small(look, result), *((note,) if len(points) > MOST_POINTS else ())),
        meanings=(meaning(result),),
    )


def ageing(result: Result[AgeingWork], look: Look, shelf: Shelf) -> Section:
    """Word what is open by stage and age, beside the ages at which others left the stage."""
    work = result.value
    labels = {Stage(key.look): key.label for key in stage_keys() if Stage(key.look) in STAGES}
    items = work.items if work else ()
    bands = [work.bands.get(stage) if work else None for stage in STAGES]
    scale = scales.lasting(
        [
            *(item.age for item in items[:MOST_POINTS]),
            *(span for band in bands if band for span in (band.p50, band.p85) if span is not None),
        ],
        times.HEIGHT,
    )
    dots = {
        stage.value: [
            Dot(
                look.now - item.age,
                item.age,
                stage.value,
                f"#{item.id}, {labels[stage]}, {formatting.duration(item.age)}",
                shelf.links.pull_request(item.id),
            )
            for item in items[:MOST_POINTS]
            if item.stage is stage
        ]
        for stage in STAGES
    }
    title = _("Age of what is open")
    finding = _overdue(work)
    chart = Chart(
        name="ageing",
        title=title,
        finding=finding,
        height=times.HEIGHT,
        y_label=_("log scale"),
        x_ticks=times.lane_ticks([labels[stage] for stage in STAGES]),
        y_ticks=_duration_ticks(scale),
        segments=times.bands([(band.p50, band.p85) if band else None for band in bands], scale),
        points=times.lanes(dots, scale),
        keys=(
            *(Key(stage.value, labels[stage]) for stage in STAGES),
            Key("p50", _("half of those merged had left the stage"), is_line=True),
            Key("p85", _("85 of 100 had"), is_line=True),
        ),
    )
    table = Table(
        (_("Number"), _("Title"), _("Stage"), _("Age"), _("Half left by"), _("85 % left by")),
        rows(
            *(
                (
                    *shelf.cells(item.id),
                    Cell(labels[item.stage], is_number=False),
                    formatting.duration(item.age),
                    _duration(band.p50 if band else None),
                    _duration(band.p85 if band else None),
                )
                for item in items[:MOST_ROWS]
                for band in [work.bands.get(item.stage) if work else None]
            )
        ),
        note=_("The oldest; the file has all of them.") if len(items) > MOST_ROWS else "",
    )
    return Section(
        name="ageing",
        title=title,
        finding=finding,
        chart=chart if items else None,
        table=table if items else None,
        silence=result_words.silence(result) and _("Nothing is open."),
        small=small(look, result),
        meanings=(meaning(result),),
    )


def sizes(result: Result[SizeTable], look: Look) -> Section:
    """Word what size costs: a table is the chart here."""
    value = result.value
    table = Table(
        (_("Size"), _("Merged"), _("Pickup, half"), _("Open to merge, half")),
        rows(
            *(
                (one.bucket.value, str(one.n), _duration(one.pickup_p50), _duration(one.open_to_merge_p50))
                for one in (value.rows if value else ())
            )
        ),
    )
    factor = value.large_to_small if value else None
    return Section(
        name="size_table",
        title=_("Size and time"),
        finding=""
        if factor is None
        else _("Our L pull requests take %(factor)s times as long as S.", factor=f"{factor:.1f}"),
        chart=None,
        table=table if value else None,
        silence=result_words.silence(result),
        small=small(look, result),
        meanings=(meaning(result),),
    )


def bin_label(one: Bin) -> str:
    """Return a bin as people write it."""
    if one.high is None:
        return _("%(low)s and more", low=formatting.short_age(one.low))
    if not one.low:
        return _("under %(high)s", high=formatting.short_age(one.high))
    return _("%(low)s to %(high)s", low=formatting.short_age(one.low), high=formatting.short_age(one.high))


def _percentiles(spread: Spread | None) -> tuple[tuple[Segment, ...], tuple[Key, ...]]:
    """Return a line for each percentile that is known, and what it means."""
    known = [("p50", _("half"), spread.p50), ("p85", _("85 of 100"), spread.p85)] if spread else []
    drawn = [(look, label, span) for look, label, span in known if span is not None]
    return (
        tuple(times.upright(times.place_among(span, EDGES), times.HEIGHT, look) for look, _label, span in drawn),
        tuple(Key(look, f"{label}: {formatting.duration(span)}", is_line=True) for look, label, span in drawn),
    )


def _dot(point: Point, shelf: Shelf) -> Dot:
    size = point.bucket.value if point.bucket else NOTHING
    return Dot(
        point.merged_at,
        point.time,
        f"size-{point.bucket.value if point.bucket else 'unknown'}",
        f"#{point.id}, {size}, {formatting.duration(point.time)}",
        shelf.links.pull_request(point.id),
    )


def _day_ticks(result: Result[tuple[Point, ...]], look: Look) -> tuple[Tick, ...]:
    if result.window is None:
        return ()
    start, whole = result.window.start, result.window.end - result.window.start
    return tuple(
        Tick(place, result_words.day(look.clock.local(start + whole * (place / 100))), is_minor=place in {25, 75})
        for place in (0, 25, 50, 75, 100)
    )


def _duration_ticks(scale: scales.Lasting) -> tuple[Tick, ...]:
    return tuple(Tick(scale.y(span), formatting.short_age(span)) for span in scale.ticks())


def _count_ticks(scale: scales.Counting) -> tuple[Tick, ...]:
    return tuple(Tick(scale.y(value), f"{value:g}") for value in scale.ticks())


def _half(spread: Spread | None) -> str:
    if spread is None:
        return ""
    if spread.p85 is None:
        return _("Half are merged within %(half)s.", half=formatting.duration(spread.p50))
    return _(
        "Half are merged within %(half)s, 85 of 100 within %(most)s.",
        half=formatting.duration(spread.p50),
        most=formatting.duration(spread.p85),
    )


def _outlier(longest: Sequence[Point], shelf: Shelf) -> str:
    if not longest:
        return ""
    first = longest[0]
    return _(
        "#%(number)s took longest: %(time)s. %(title)s",
        number=first.id,
        time=formatting.duration(first.time),
        title=shelf.title(first.id),
    ).strip()


def _overdue(work: AgeingWork | None) -> str:
    if work is None:
        return ""
    late = sum(1 for item in work.items if (band := work.bands.get(item.stage)) and band.p85 and item.age > band.p85)
    if not late:
        return ngettext(
            "%(n)s is open, none of them unusually old.", "%(n)s are open, none of them unusually old.", len(work.items)
        )
    return ngettext(
        "%(n)s is older than 85 of 100 were when they left the same stage.",
        "%(n)s are older than 85 of 100 were when they left the same stage.",
        late,
    )


def _duration(span: timedelta | None) -> str:
    return NOTHING if span is None else formatting.duration(span)
