"""What Flow shows, as files: a row for each pull request as CSV, every figure with its definition as JSON.

A file is had by a link of the page, which lives as long as the page's own token and proves the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from flask import Response, abort

from insights.facts.pull_requests import PullRequestState
from insights.flow.review_load import Audience, review_load
from insights.pull_requests.measurement import Measurement
from insights.pulse.open_to_merge import weekly_medians
from insights.pulse.waiting_for_review import waiting_for_review
from insights.result import Result
from web.authentication import parameters
from web.panels import exports
from web.panels.flow import choices as chosen
from web.panels.flow import csv_rows
from web.panels.flow.figures import BY_NAME, Figures, Supply
from web.panels.flow.supply import known_of, supply_of
from web.panels.flow.view import flow_view
from web.panels.surfaces import blueprint
from web.panels.tabs.flow import TAB
from web.panels.tabs.shell import visit_of_link
from web.panels.tabs.tab import Opened

FIGURE: Final = "figure"
INCLUDED: Final = ("figure", "definition_version", "is_included", "reason")


@blueprint.get("/pages/repository/flow.csv")
def flow_csv() -> Response:
    """Give the pull requests, or those that one figure looked at, as CSV."""
    opened, name = _opened()
    rows = _pull_requests(opened) if not name else _of_figure(opened, name)
    return exports.csv_file(opened.past, TAB.name, name or TAB.name, rows)


@blueprint.get("/pages/repository/flow.json")
def flow_json() -> Response:
    """Give every figure, or one, as JSON."""
    opened, name = _opened()
    figures = _figures(opened)
    if name:
        figures = [one for one in figures if name in {one["name"], one["section"]}] or abort(404)
    return exports.json_file(opened.past, TAB.name, name or TAB.name, figures, {"filters": dict(opened.query)})


def _opened() -> tuple[Opened, str]:
    visit = visit_of_link()
    given = parameters()
    opened = Opened(visit, {key: value for key, value in TAB.query_of(given).items() if key != chosen.SHOW})
    return opened, given.get(FIGURE, "")


def _pull_requests(opened: Opened) -> Iterator[Sequence[str]]:
    """Yield a row for each pull request that the filters admit, whether any figure counts it or not."""
    past, supply = opened.past, supply_of(opened.past, chosen.read(opened.query))
    are_names_shown = past.settings.are_names_shown
    yield csv_rows.head(are_names_shown=are_names_shown)
    for item in sorted(supply.measurements, key=lambda item: item.id):
        if supply.chosen.admits(item) and _is_in_window(item, supply):
            yield csv_rows.line(item, opened.links, are_names_shown=are_names_shown)


def _of_figure(opened: Opened, name: str) -> Iterable[Sequence[str]]:
    if name in BY_NAME:
        return _looked_at(opened, name)
    sections = [one for one in flow_view(opened).sections if one.name == name]
    if not sections or sections[0].table is None:
        abort(404)
    return csv_rows.of_table(sections[0].table)


def _looked_at(opened: Opened, name: str) -> Iterator[Sequence[str]]:
    """Yield a row for each pull request that a figure looked at: counted, or left out and why."""
    past, supply = opened.past, supply_of(opened.past, chosen.read(opened.query))
    work = BY_NAME[name]
    definition = work((), supply).definition
    are_names_shown = past.settings.are_names_shown
    yield (*INCLUDED, *csv_rows.head(are_names_shown=are_names_shown))
    for item in sorted(supply.measurements, key=lambda item: item.id):
        # A figure of one says of that one whether it counts, and why not; what it never looked for it does not mention.
        alone = work((item,), supply)
        reason = next(iter(alone.exclusions), None)
        if reason is None and not alone.members:
            continue
        told = (definition.name, str(definition.version), "no" if reason else "yes", reason.value if reason else "")
        yield (*told, *csv_rows.line(item, opened.links, are_names_shown=are_names_shown))


def _figures(opened: Opened) -> list[dict[str, Any]]:
    choices = chosen.read(opened.query)
    known = known_of(opened.past, choices)
    return [exports.figure(section, result) for section, result in _results(opened, known.figures, known.night)]


def _results(opened: Opened, figures: Figures, night: Any) -> Iterator[tuple[str, Result[Any]]]:  # noqa: ANN401
    """Yield every figure with the section that it stands in; those of the head come with the window before."""
    yield from (("pulse", result) for result in _of_now(opened))
    head = figures.head
    compared = (head.merged, head.open_to_merge, head.pickup, head.review, head.unreviewed)
    for figure in compared:
        yield "head", figure.now
        yield "head_before", figure.before
    yield "head", figures.in_progress
    yield "head_before", figures.in_progress_before
    if figures.target is not None:
        yield "head", figures.target
    yield from _charts(figures).items()
    yield "review_load", _load(opened)
    if night is not None:
        clock = night.clocks[chosen.read(opened.query).clock]
        yield "punch_card", night.commits
        yield "punch_card", night.answers
        yield "delivery", night.deployments
        yield "delivery", clock.lead
        yield "delivery", night.failures
        yield "forecast_honesty", clock.honesty


def _of_now(opened: Opened) -> tuple[Result[Any], ...]:
    """Return Pulse's own figures, which no filter of Flow's touches; the other two of its four are those of the head."""
    past = opened.past
    waiting = waiting_for_review(past.standings(), past.usual())
    return waiting, past.main_branch(), weekly_medians(past.closed_recently, past.look())


def _charts(figures: Figures) -> Mapping[str, Result[Any]]:
    return {
        "where_time_goes": figures.where_time_goes,
        "distribution": figures.distribution,
        "scatter": figures.scatter,
        "arrivals": figures.arrivals,
        "outcomes": figures.outcomes,
        "ageing": figures.ageing,
        "size_table": figures.sizes,
        "builds": figures.pass_rate,
        "build_duration": figures.build_duration,
    }


def _load(opened: Opened) -> Result[Any]:
    past, choices = opened.past, chosen.read(opened.query)
    supply = supply_of(past, choices)
    audience = Audience(viewer=opened.visit.user_uuid, are_names_shown=past.settings.are_names_shown)
    return review_load(past.measurements, supply.look, audience, window=supply.window, chosen=supply.chosen)


def _is_in_window(item: Measurement, supply: Supply) -> bool:
    window = supply.window
    return window is None or item.state is PullRequestState.OPEN or window.holds(item.stamps.closed)
