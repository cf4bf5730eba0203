"""A sparkline: a small picture of one series, with what it shows in words and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from web import formatting
from web.language import _

WIDTH: Final = 120
HEIGHT: Final = 24
_EDGE: Final = 2
LEAST_POINTS: Final = 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Lines through the weeks that have a value, and a dot at the last; ``path`` is an SVG path in ``WIDTH`` by ``HEIGHT``."""

    title: str
    finding: str
    path: str
    dot: tuple[float, float]
    rows: tuple[tuple[str, str], ...]


def sparkline(values: Sequence[timedelta | None], labels: Sequence[str], *, title: str) -> Sparkline | None:
    """Return the picture of a series; none where fewer than two values are known."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    top = max(value for _place, value in known) or timedelta(1)
    points = {place: _point(place, value / top, len(values)) for place, value in known}
    first, last = known[0][1], known[-1][1]
    finding = _(
        "From %(first)s to %(last)s in %(weeks)s weeks.",
        first=formatting.duration(first),
        last=formatting.duration(last),
        weeks=len(values),
    )
    rows = tuple(
        (label, formatting.duration(value) if value is not None else _("fewer than 5"))
        for label, value in zip(labels, values, strict=True)
    )
    return Sparkline(title, finding, _path(points), points[known[-1][0]], rows)


def _point(place: int, share: float, count: int) -> tuple[float, float]:
    x = _EDGE + place * (WIDTH - 2 * _EDGE) / max(count - 1, 1)
    return round(x, 1), round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)


def _path(points: dict[int, tuple[float, float]]) -> str:
    """Return lines between neighbours; a week without a value leaves a gap."""
    steps = []
    for place, (x, y) in sorted(points.items()):
        steps.append(f"{'L' if place - 1 in points else 'M'}{x:g} {y:g}")
    return "".join(steps)
