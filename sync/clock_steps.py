"""Steps of the clock: noticed by a clock that nobody can put back, and made up for in the rows.

A clock that runs a little faster or slower, as for a leap second, steps nowhere. One that is put forward makes some things
early: that mends itself.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import clock_steps

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

SMALLEST_STEP: Final = timedelta(seconds=5)
"""Less is waited out."""


class ClockWatch:
    """Compares the time of day with the time that has passed. One for each process, asked every few seconds."""

    def __init__(self, now: Callable[[], datetime], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._monotonic = monotonic
        self._seen: tuple[datetime, float] | None = None

    @property
    def has_noted(self) -> bool:
        """Whether there is something to compare with."""
        return self._seen is not None

    def step(self) -> timedelta | None:
        """By how much the clock was put back since the last note; None where it was not."""
        if self._seen is None:
            return None
        before, passed_before = self._seen
        step = before + timedelta(seconds=self._monotonic() - passed_before) - self._now()
        return step if step >= SMALLEST_STEP else None

    def note(self) -> None:
        """Compare with this moment from now on."""
        self._seen = (self._now(), self._monotonic())


def make_up_for_steps(services: "Services", watch: ClockWatch) -> None:
    """Make work due that would wait for a time of a clock that was put back. Raises what the database does: then the next call does it."""
    step = watch.step()
    if step is not None or not watch.has_noted:
        _make_up(services, step)
    watch.note()


def _make_up(services: "Services", step: timedelta | None) -> None:
    now = services.now()
    with services.redoable.begin() as session:
        if step is None:
            made_due = clock_steps.make_impossible_due(session, now=now)
        else:
            made_due = clock_steps.make_due(session, now=now, step=step)
    if step is not None or made_due:
        seconds = None if step is None else round(step.total_seconds())
        log.warning("clock.put_back", seconds=seconds, made_due=made_due)
