"""The pull requests behind one figure, so that a number can be checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from insights.clock.look import Look
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import Stage
from insights.result import Result
from web import formatting
from web.language import _
from web.panels import result_words
from web.panels.flow.parts import Cell, Table, meaning, rows, small
from web.panels.flow.weeks import stage_keys
from web.panels.links import Links

MOST_ROWS: Final = 150
NOTHING: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure's pull requests, and the way back."""

    title: str
    table: Table
    small: tuple[str, ...]
    back_url: str
    back_fragment_url: str


def behind(
    result: Result[Any], members: Sequence[Measurement], look: Look, links: Links, *, back: tuple[str, str]
) -> Behind:
    """Return the list: the one that took longest first."""
    ordered = sorted(members, key=lambda item: (-item.times(look).open_to_merge, item.id))
    keys = stage_keys()
    table = Table(
        (_("Number"), _("Title"), _("Size"), _("Closed"), *(key.label for key in keys), _("Open to merge")),
        rows(*(_line(item, look, links, [Stage(key.look) for key in keys]) for item in ordered[:MOST_ROWS])),
        note=_("The longest; the file has all of them.") if len(ordered) > MOST_ROWS else "",
    )
    title = _("%(figure)s: %(count)s", figure=meaning(result).title, count=result_words.pull_requests(len(members)))
    return Behind(title, table, small(look, result), *back)


def _line(item: Measurement, look: Look, links: Links, stages: Sequence[Stage]) -> tuple[Cell | str, ...]:
    lasted = item.times(look)
    closed = item.stamps.closed
    return (
        Cell(f"#{item.id}", links.pull_request(item.id), is_number=False),
        Cell(formatting.first_line(item.title, most_characters=60), is_number=False),
        Cell(item.bucket.value if item.bucket else NOTHING, is_number=False),
        result_words.day(look.clock.local(closed)) if closed else NOTHING,
        *(formatting.duration(lasted.of(stage)) for stage in stages),
        formatting.duration(lasted.open_to_merge),
    )
