"""The last answer of each live tab, kept for a moment in this process: a tab that many open costs one read.

Keys hold the installation and the repository. An answer that failed is not kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from bitbucket.errors import TimedOut

T = TypeVar("T")

FRESH_FOR: Final = timedelta(minutes=1)
"""So long an answer serves everybody who opens the tab."""

REFRESHED_FOR: Final = timedelta(seconds=10)
"""So long it serves whoever asks for a newer one: impatience does not spend the quota."""

MOST_ANSWERS: Final = 512

ABSENT_FOR: Final = timedelta(hours=1)
"""So long what a repository does not have is not offered."""

CACHE: Final = "bittern.live_tabs"


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer is about; `subject` is the tab, and the viewer where the answer is theirs."""

    installation_id: int
    repository_uuid: str
    subject: str


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Any
    read_at: datetime


class AnswerCache:
    """The answers of one process. Safe to share between threads; one read at a time for each key."""

    def __init__(self, *, most_answers: int = MOST_ANSWERS) -> None:
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._flights: dict[Key, threading.Lock] = {}
        self._absent: OrderedDict[Key, datetime] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most_answers

    def answer(
        self, key: Key, read: Callable[[], T], *, young_for: timedelta, now: Callable[[], datetime], wait_seconds: float
    ) -> tuple[T, datetime]:
        """Return an answer younger than ``young_for`` and when it was read, reading it where there is none.

        Raises what ``read`` raises, TimedOut where another thread's read takes longer than ``wait_seconds``.
        """
        with self._lock:
            flight = self._flights.setdefault(key, threading.Lock())
        if not flight.acquire(timeout=max(wait_seconds, 0)):
            raise TimedOut("Another reader of the same page took too long.")
        try:
            with self._lock:
                kept = self._kept.get(key)
            if kept is None or now() - kept.read_at >= young_for:
                kept = self._keep(key, _Kept(read(), now()))
            return kept.answer, kept.read_at
        finally:
            flight.release()
            with self._lock:
                if not flight.locked():
                    self._flights.pop(key, None)

    def note_absence(self, key: Key, *, now: datetime) -> None:
        """Remember that a repository does not have something."""
        with self._lock:
            self._absent[key] = now
            self._absent.move_to_end(key)
            while len(self._absent) > self._most:
                self._absent.popitem(last=False)

    def is_absent(self, key: Key, *, now: datetime) -> bool:
        """Whether a repository is known not to have something."""
        with self._lock:
            noted_at = self._absent.get(key)
        return noted_at is not None and now - noted_at < ABSENT_FOR

    def _keep(self, key: Key, kept: _Kept) -> _Kept:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept
