"""The sections by week: where the time goes, arrival and departure, deployments."""

from collections.abc import Mapping, Sequence
from typing import Final

from insights.clock.look import Look
from insights.clock.windows import Week
from insights.facts.pull_requests import PullRequestState
from insights.flow.arrivals import Arrivals
from insights.flow.outcomes import Outcomes
from insights.flow.where_time_goes import WeekOfStages
from insights.pull_requests.stages import Stage
from insights.result import Result
from web import formatting
from web.charts import weekly
from web.charts.shapes import Chart, Key
from web.charts.weekly import Column
from web.language import _, ngettext
from web.panels import result_words
from web.panels.flow.parts import Section, Table, meaning, rows, small

NOTHING: Final = "\N{EN DASH}"


def stage_keys() -> tuple[Key, ...]:
    """Return the stages as charts show them, in the order of a life."""
    return (
        Key(Stage.CODING.value, _("Coding")),
        Key(Stage.DRAFT.value, _("Draft")),
        Key(Stage.PICKUP.value, _("Pickup")),
        Key(Stage.REVIEW.value, _("Review")),
        Key(Stage.MERGE_WAIT.value, _("Merge wait")),
    )


def where_time_goes(result: Result[tuple[WeekOfStages, ...]], look: Look) -> Section:
    """Word the shares of the stages, week by week."""
    weeks = result.value or ()
    keys = stage_keys()
    shares: list[Mapping[str, float] | None] = [
        None if week.shares is None else {stage.value: share for stage, share in week.shares.items()} for week in weeks
    ]
    columns = [_column(week.week, look) for week in weeks]
    finding = _largest(shares, keys)
    title = _("Where time goes")
    chart = Chart(
        name="where_time_goes",
        title=title,
        finding=finding,
        height=weekly.HEIGHT,
        x_ticks=weekly.week_ticks(columns),
        y_ticks=weekly.share_ticks(),
        bars=weekly.stacked(columns, shares, keys),
        keys=keys,
    )
    table = Table(
        (_("Week of"), _("n"), *(key.label for key in keys)),
        rows(
            *(
                (column.label, str(week.n), *_share_cells(parts, keys))
                for column, week, parts in reversed(list(zip(columns, weeks, shares, strict=True)))
            )
        ),
    )
    return Section(
        name="where_time_goes",
        title=title,
        finding=finding,
        chart=chart if weeks else None,
        table=table if weeks else None,
        silence=result_words.silence(result),
        small=small(look, result),
        meanings=(meaning(result),),
    )


def arrival(result: Result[Arrivals], mix: Result[Outcomes], look: Look) -> Section:
    """Word how many came and went, how many are open, and what became of those that were closed."""
    weeks = result.value.weeks if result.value else ()
    columns = [_column(one.week, look) for one in weeks]
    opened, merged = Key("opened", _("opened")), Key("merged", _("merged"))
    still_open = Key("open", _("open at the end"), is_line=True)
    scale = weekly.scale_of(*([one.opened, one.merged, one.open_at_end] for one in weeks))
    finding = _closure(result.value)
    title = _("Arrival and departure")
    chart = Chart(
        name="arrivals",
        title=title,
        finding=finding,
        height=weekly.HEIGHT,
        x_ticks=weekly.week_ticks(columns),
        y_ticks=weekly.count_ticks(scale),
        bars=weekly.paired(columns, [(one.opened, one.merged) for one in weeks], (opened, merged), scale),
        segments=weekly.line([one.open_at_end for one in weeks], "open", scale),
        keys=(opened, merged, still_open),
    )
    table = Table(
        (_("Week of"), _("Opened"), _("Merged"), _("Closed"), _("Open at the end")),
        rows(
            *(
                (column.label, *map(str, (one.opened, one.merged, one.closed, one.open_at_end)))
                for column, one in reversed(list(zip(columns, weeks, strict=True)))
            )
        ),
    )
    return Section(
        name="arrivals",
        title=title,
        finding=finding,
        chart=chart if weeks else None,
        table=table if weeks else None,
        silence=result_words.silence(result),
        small=(*small(look, result), *_mix(mix, look)),
        meanings=(meaning(result), meaning(mix)),
    )


def deployments_chart(weeks: Sequence[tuple[Week, int]], look: Look, *, title: str, finding: str) -> Chart:
    """Draw the deployments of each week."""
    columns = [_column(week, look) for week, _count in weeks]
    counts = [count for _week, count in weeks]
    scale = weekly.scale_of(counts)
    return Chart(
        name="deployments",
        title=title,
        finding=finding,
        height=weekly.HEIGHT,
        x_ticks=weekly.week_ticks(columns),
        y_ticks=weekly.count_ticks(scale),
        bars=weekly.single(columns, counts, Key("deploy", title), scale),
    )


def week_label(week: Week, look: Look) -> str:
    """Return the first day of a week."""
    return result_words.day(look.clock.local(week.window.start))


def _column(week: Week, look: Look) -> Column:
    label = week_label(week, look)
    return Column(label, _("week of %(day)s", day=label) if week.is_whole else _("since %(day)s", day=label))


def _share_cells(parts: Mapping[str, float] | None, keys: Sequence[Key]) -> list[str]:
    if parts is None:
        return [NOTHING for _key in keys]
    return [result_words.percent(parts.get(key.look, 0.0)) for key in keys]


def _largest(shares: Sequence[Mapping[str, float] | None], keys: Sequence[Key]) -> str:
    """Return what takes most of the time in the newest week that says anything."""
    known = [parts for parts in shares if parts is not None]
    if not known:
        return ""
    newest = known[-1]
    largest = max(keys, key=lambda key: newest.get(key.look, 0.0))
    return _(
        "In the newest week, %(stage)s takes the largest part: %(share)s.",
        stage=largest.label.lower(),
        share=result_words.percent(newest.get(largest.look, 0.0)),
    )


def _closure(found: Arrivals | None) -> str:
    if found is None:
        return ""
    now_open = found.weeks[-1].open_at_end
    sentence = ngettext("%(n)s is open now.", "%(n)s are open now.", now_open)
    if found.closure_ratio is None:
        return sentence
    ratio = f"{found.closure_ratio:.2f}"
    return _("%(ratio)s closed for each one opened; %(open)s", ratio=ratio, open=sentence)


def _mix(mix: Result[Outcomes], look: Look) -> tuple[str, ...]:
    if mix.value is None:
        return ()
    words = {
        PullRequestState.MERGED: _("merged"),
        PullRequestState.DECLINED: _("declined"),
        PullRequestState.SUPERSEDED: _("superseded"),
    }
    shares = ", ".join(
        f"{formatting.count(mix.value.counts[state])} {word} ({result_words.percent(mix.value.shares[state])})"
        for state, word in words.items()
        if mix.value.counts[state]
    )
    beside = (
        (_("%(count)s merged by their author"), mix.value.self_merged),
        (_("%(count)s rewritten after review"), mix.value.rewritten_after_review),
    )
    told = [text % {"count": formatting.count(count)} for text, count in beside if count]
    return (
        _("closed %(days)s: %(shares)s", days=result_words.days(mix.window, look) if mix.window else "", shares=shares),
        *told,
    )
