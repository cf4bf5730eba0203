"""The sections about machines: builds of the main branch, deployments, and how often our own forecasts were right."""

from collections.abc import Sequence
from typing import Final

from insights.builds.pass_rate import PassRate
from insights.clock.look import Look
from insights.deployments.delivery import Failures, WeekOfDeployments
from insights.flow.forecast_honesty import TARGET, Honesty
from insights.pull_requests.stages import Stage
from insights.result import Result
from insights.statistics.percentiles import Spread
from web import formatting
from web.charts import shares
from web.charts.shapes import Chart, Segment
from web.language import _, ngettext
from web.panels import result_words
from web.panels.flow.head import spread_words
from web.panels.flow.parts import Section, Table, meaning, rows, small
from web.panels.flow.weeks import deployments_chart, stage_keys, week_label

NOTHING: Final = "\N{EN DASH}"
MOST_KEYS: Final = 8


def builds(rate: Result[PassRate], duration: Result[Spread], look: Look) -> Section:
    """Word how builds of the main branch end, and how long they run."""
    value = rate.value
    keys = value.by_key[:MOST_KEYS] if value else ()
    labels = [one.key for one in keys]
    texts = [result_words.percent(one.share) for one in keys]
    title = _("Builds of the main branch")
    finding = _passed(value)
    chart = Chart(
        name="builds",
        title=title,
        finding=finding,
        has_names=True,
        height=shares.ROW * max(len(keys), 1),
        y_ticks=shares.row_ticks([formatting.first_line(label, most_characters=14) for label in labels]),
        bars=shares.lying(
            [one.share for one in keys], [f"{a}: {b}" for a, b in zip(labels, texts, strict=True)], "passed"
        ),
        notes=shares.beside([one.share for one in keys], texts),
    )
    table = Table(
        (_("Build"), _("Commits judged"), _("Passed"), _("Flaky")),
        rows(
            *(
                (one.key, str(one.n), result_words.percent(one.share), str(one.flaky))
                for one in (value.by_key if value else ())
            )
        ),
    )
    return Section(
        name="builds",
        title=title,
        finding=finding,
        chart=chart if value else None,
        table=table if value else None,
        silence=result_words.silence(rate) and _("No build of the main branch has ended in this window."),
        small=(*small(look, rate), *_duration(duration)),
        meanings=(meaning(rate), meaning(duration)),
    )


def delivery(
    weeks: Result[tuple[WeekOfDeployments, ...]], lead: Result[Spread], failures: Result[Failures], look: Look
) -> Section:
    """Word how often, how fast and how safely changes reach production."""
    counted = [(one.week, one.count) for one in weeks.value or ()]
    title = _("Delivery to production")
    finding = _deployed(weeks, lead)
    lines = [(week_label(week, look), str(count)) for week, count in reversed(counted)]
    return Section(
        name="delivery",
        title=title,
        finding=finding,
        chart=deployments_chart(counted, look, title=title, finding=finding) if counted else None,
        table=Table((_("Week of"), _("Deployments")), rows(*lines)) if counted else None,
        silence=result_words.silence(weeks),
        small=(*small(look, weeks), *_lead(lead, look), *_failed(failures)),
        meanings=(meaning(weeks), meaning(lead), meaning(failures)),
    )


def honesty(result: Result[Honesty] | None, look: Look, silence: str) -> Section:
    """Word how often the likely merge window was right."""
    value = result.value if result else None
    labels = [(key.look, key.label) for key in stage_keys()]
    stages = [(label, value.by_stage[Stage(name)]) for name, label in labels if value and Stage(name) in value.by_stage]
    bars = [(_("All"), value.share), *stages] if value else []
    texts = [result_words.percent(share) for _label, share in bars]
    title = _("Forecast honesty")
    finding = _right(value)
    height = shares.ROW * max(len(bars), 1)
    chart = Chart(
        name="forecast_honesty",
        title=title,
        finding=finding,
        has_names=True,
        height=height,
        y_ticks=shares.row_ticks([label for label, _share in bars]),
        bars=shares.lying([share for _label, share in bars], texts, "plain"),
        segments=(Segment(100 * TARGET, 0, 100 * TARGET, height, "target", _("promised")),),
        notes=shares.beside([share for _label, share in bars], texts),
    )
    lines = [(label, text) for (label, _share), text in zip(bars, texts, strict=True)]
    return Section(
        name="forecast_honesty",
        title=title,
        finding=finding,
        chart=chart if value else None,
        table=Table((_("Stage"), _("Right")), rows(*lines)) if value else None,
        silence="" if value else _no_forecast() if result else silence,
        small=small(look, result) if result else (),
        meanings=(meaning(result),) if result else (),
    )


def _passed(value: PassRate | None) -> str:
    if value is None:
        return ""
    sentence = _("%(share)s passed.", share=result_words.percent(value.share))
    if not value.flaky:
        return sentence
    return " ".join(
        (
            sentence,
            ngettext(
                "%(n)s was flaky: the same commit failed and passed.",
                "%(n)s were flaky: the same commit failed and passed.",
                value.flaky,
            ),
        )
    )


def _duration(duration: Result[Spread]) -> Sequence[str]:
    if duration.value is None:
        return ()
    half, most = spread_words(duration.value)
    counted = _("duration: half within %(half)s", half=half)
    return (
        f"{counted}, {most} (n = {duration.n})" if most else f"{counted} (n = {duration.n})",
        result_words.left_out(duration.exclusions),
    )


def _deployed(weeks: Result[tuple[WeekOfDeployments, ...]], lead: Result[Spread]) -> str:
    if weeks.value is None:
        return ""
    sentence = ngettext("%(n)s deployment in these weeks.", "%(n)s deployments in these weeks.", weeks.n)
    if lead.value is None:
        return sentence
    return f"{sentence} {_('Half reach production within %(half)s of the first commit.', half=formatting.duration(lead.value.p50))}"


def _lead(lead: Result[Spread], look: Look) -> Sequence[str]:
    if lead.value is None:
        return ()
    half, most = spread_words(lead.value)
    return (_("lead time: %(half)s", half=", ".join(filter(None, (half, most)))), *small(look, lead))


def _failed(failures: Result[Failures]) -> Sequence[str]:
    if failures.value is None:
        return ()
    share = result_words.percent(failures.value.share)
    return (
        _(
            "followed by a trace of failure within a day: %(count)s of %(n)s (%(share)s), a proxy",
            count=failures.value.count,
            n=failures.n,
            share=share,
        ),
    )


def _no_forecast() -> str:
    return _("Too few pull requests have been merged here to forecast from.")


def _right(value: Honesty | None) -> str:
    if value is None:
        return ""
    return _(
        "The likely merge window held %(hits)s of %(n)s times, %(share)s; it promises one in two.",
        hits=formatting.count(value.hits),
        n=formatting.count(value.forecasts),
        share=result_words.percent(value.share),
    )
