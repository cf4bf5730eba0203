"""The punch card: seven days of 24 hours, a square for each whose area is its count. One colour: the size says it all."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from web.charts.scales import coarse, rounded
from web.charts.shapes import Bar, Tick

ROW: Final = 18
HEIGHT: Final = 7 * ROW
LARGEST: Final = 0.9
"""The part of its cell that the largest square fills."""

SMALLEST: Final = 0.22
LABELLED_HOURS: Final = (0, 6, 12, 18)


def squares(hours: Sequence[Sequence[int]], days: Sequence[str], look: str) -> tuple[Bar, ...]:
    """Draw a square for each hour in which anything happened."""
    most = max((count for row in hours for count in row), default=0)
    return tuple(
        _square(day, hour, count / most, look, f"{days[day]} {hour:02}:00: {count}")
        for day, row in enumerate(hours)
        for hour, count in enumerate(row)
        if count
    )


def hour_ticks() -> tuple[Tick, ...]:
    """Label every sixth hour."""
    return tuple(Tick(rounded((hour + 0.5) * 100 / 24), f"{hour:02}") for hour in LABELLED_HOURS)


def day_ticks(days: Sequence[str]) -> tuple[Tick, ...]:
    """Label each day."""
    return tuple(Tick((day + 0.5) * ROW, label) for day, label in enumerate(days))


def _square(day: int, hour: int, part: float, look: str, tip: str) -> Bar:
    side = max(LARGEST * sqrt(part), SMALLEST)
    width = 100 / 24
    return Bar(
        x=coarse((hour + (1 - side) / 2) * width),
        y=coarse((day + (1 - side) / 2) * ROW),
        width=coarse(side * width),
        height=coarse(side * ROW),
        look=look,
        tip=tip,
    )
