"""Being asked to stop: signals become one exception, raised only where it can be borne."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Self

from demo.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Turns SIGINT, SIGTERM and SIGHUP into Interrupted while it is entered.

    Inside `shielded()` a signal is kept until the block ends: a child that is being started must be on the list of
    those to stop before anything is stopped, and a call that is cut short inside a library leaves its socket open. After `ignore_from_now_on()` signals change nothing: we are stopping.
    """

    def __init__(self) -> None:
        self._shields = 0
        self._pending: int | None = None
        self._is_ignoring = False
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ignore_from_now_on(self) -> None:
        self._is_ignoring = True

    @contextlib.contextmanager
    def shielded(self) -> Iterator[None]:
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        if self._pending is not None and not self._shields:
            number, self._pending = self._pending, None
            raise Interrupted(number)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._is_ignoring:
            return
        if self._shields:
            self._pending = number
            return
        raise Interrupted(number)
