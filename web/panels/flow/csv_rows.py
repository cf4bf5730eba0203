"""Pull requests as rows of a CSV file: RFC 4180, times in ISO 8601 UTC, durations in seconds on both clocks.

People stand in it only where the workspace shows names. What a spreadsheet would run as a formula is made text.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from insights.pull_requests.measurement import VERSION, Measurement
from insights.pull_requests.stages import Stage, StageTimes
from insights.settings import ClockKind
from web import formatting
from web.panels.flow.parts import Table
from web.panels.links import Links

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""OWASP's list of what makes a cell a formula."""

STAMPS: Final = ("first", "opened", "ready", "responded", "approved", "closed", "first_ai_response")
PEOPLE: Final = ("author", "responder", "closed_by", "reviewers")
HEAD: Final = (
    "id",
    "title",
    "url",
    "state",
    "destination_branch",
    "is_bot",
    "exclusion",
    *(f"{name}_at" for name in STAMPS),
    *(f"{stage.value}_{kind.value}_seconds" for kind in ClockKind for stage in Stage),
    *(f"{name}_{kind.value}_seconds" for kind in ClockKind for name in ("cycle", "open_to_merge")),
    "lines",
    "files",
    "size",
    "comments",
    "rounds",
    "flags",
    "measurement_version",
)


def written(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a file."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe before what would be a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def head(*, are_names_shown: bool) -> tuple[str, ...]:
    """Return the names of the columns."""
    return (*HEAD, *PEOPLE) if are_names_shown else HEAD


def line(item: Measurement, links: Links, *, are_names_shown: bool) -> list[str]:
    """Return one pull request."""
    cells = [
        str(item.id),
        item.title,
        links.pull_request(item.id),
        item.state.value,
        item.destination_branch,
        "yes" if item.is_bot else "no",
        item.exclusion.value if item.exclusion else "",
        *(_time(getattr(item.stamps, name)) for name in STAMPS),
        *_durations(item),
        _number(item.lines),
        _number(item.files),
        item.bucket.value if item.bucket else "",
        str(item.comments),
        str(item.rounds),
        " ".join(sorted(flag.value for flag in item.stamps.flags)),
        str(VERSION),
    ]
    return [*cells, *_people(item)] if are_names_shown else cells


def of_table(table: Table) -> Iterable[Sequence[str]]:
    """Return a table as it is shown."""
    yield table.head
    for row in table.rows:
        yield [cell.text for cell in row]


def _durations(item: Measurement) -> list[str]:
    """Return the times of the stages; none for one that is open, whose times are not over."""
    if item.stages is None:
        return [""] * (len(ClockKind) * (len(Stage) + 2))
    by_kind = [item.stages.on(kind) for kind in ClockKind]
    return [
        *(_seconds_of(times, stage) for times in by_kind for stage in Stage),
        *(str(int(span.total_seconds())) for times in by_kind for span in (times.cycle, times.open_to_merge)),
    ]


def _seconds_of(times: StageTimes, stage: Stage) -> str:
    return str(int(times.of(stage).total_seconds()))


def _time(moment: datetime | None) -> str:
    return "" if moment is None else formatting.iso_time(moment)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _people(item: Measurement) -> list[str]:
    return [item.author or "", item.stamps.responder or "", item.closed_by or "", " ".join(item.reviewers)]
