"""Bars that lie: a share of the whole in each row."""

from collections.abc import Sequence
from typing import Final

from web.charts.scales import rounded
from web.charts.shapes import Bar, Note, Tick

ROW: Final = 28
BAR: Final = 16


def lying(shares: Sequence[float], labels: Sequence[str], look: str) -> tuple[Bar, ...]:
    """Draw one bar a row from the left, the whole width being everything."""
    return tuple(
        Bar(0, row * ROW + (ROW - BAR) / 2, rounded(100 * share), BAR, look, label)
        for row, (share, label) in enumerate(zip(shares, labels, strict=True))
    )


def beside(shares: Sequence[float], labels: Sequence[str]) -> tuple[Note, ...]:
    """Put a word at the end of each bar, inside it where there is no room behind it."""
    return tuple(
        Note(
            rounded(100 * share + (-1 if share > ROOM else 1)),
            row * ROW + ROW / 2 + 4,
            label,
            "end inside" if share > ROOM else "start",
        )
        for row, (share, label) in enumerate(zip(shares, labels, strict=True))
    )


ROOM: Final = 0.8


def row_ticks(labels: Sequence[str]) -> tuple[Tick, ...]:
    """Name each row."""
    return tuple(Tick(row * ROW + ROW / 2, label) for row, label in enumerate(labels))
