"""The last look at each repository, kept for a moment: many viewers cost one read, and a failing Bitbucket an old answer.

In the memory of one process. Keys hold the installation, so that nothing is ever found from another tenant's page.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bitbucket.errors import BitbucketError, RateLimited, ServerFault, TimedOut, Unreachable
from web.panels.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

FRESH_FOR: Final = timedelta(seconds=15)
"""So long a look serves everybody."""

UNCHANGED_FOR: Final = timedelta(minutes=5)
"""So long it serves a page that refreshes itself, as long as no event has come for the repository."""

STALE_FOR: Final = timedelta(minutes=10)
"""So long it stands in, with its age, while Bitbucket does not answer."""

MOST_SNAPSHOTS: Final = 512

# A repository where something happens all the time must not spend its hourly quota on pages that refresh themselves.
POLL_READS: Final = 20
POLL_WINDOW: Final = timedelta(minutes=10)

# Passing trouble, during which an older answer is better than none. Anything else says that we may not, or must not, show it.
_PASSING: Final = (Unreachable, ServerFault, RateLimited)


@dataclass(frozen=True, slots=True)
class Key:
    """What a look is of."""

    installation_id: int
    repository_uuid: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What will do.

    ``version`` is the repository's, which moves with every event that a webhook brings; ``is_poll`` is true for a page
    that refreshes itself, where nobody waits.
    """

    version: int
    is_poll: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A snapshot as it is to be shown. ``trouble`` says why it is not newer, where Bitbucket did not answer."""

    snapshot: Snapshot
    trouble: BitbucketError | None = None


@dataclass(slots=True)
class _Entry:
    snapshot: Snapshot
    version: int
    reads: deque[datetime] = field(default_factory=lambda: deque(maxlen=POLL_READS))

    def may_poll(self, now: datetime) -> bool:
        """Whether a page that refreshes itself may have another look read: so many in a window, and no more."""
        return len(self.reads) < POLL_READS or now - self.reads[0] > POLL_WINDOW


class SnapshotCache:
    """The looks of one process. Safe to share between threads; one read at a time for each repository."""

    def __init__(self, *, most_snapshots: int = MOST_SNAPSHOTS) -> None:
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._flights: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self._most = most_snapshots

    def look(self, key: Key, wish: Wish, *, now: datetime, wait_seconds: float, read: Callable[[], Snapshot]) -> Look:
        """Return a look that is young enough, or read a new one.

        Raises what ``read`` raises where no older look may stand in, TimedOut where another thread's read takes longer
        than ``wait_seconds``.
        """
        if (held := self._young_enough(key, wish, now=now)) is not None:
            return Look(held)
        try:
            with self._flight(key, wait_seconds):
                # Whoever waited here finds what the other has read.
                if (held := self._young_enough(key, wish, now=now)) is not None:
                    return Look(held)
                return Look(self._keep(key, read(), wish.version))
        except _PASSING as trouble:
            stale = self._newest(key)
            if stale is None or now - stale.snapshot.read_at > STALE_FOR:
                raise
            return Look(stale.snapshot, trouble)
        except BitbucketError:
            self.forget(key)
            raise

    def remembered(self, key: Key) -> Snapshot | None:
        """Return the last look at a repository, whatever its age; reads nothing."""
        entry = self._newest(key)
        return entry.snapshot if entry else None

    def forget(self, key: Key) -> None:
        """Drop the look at one repository."""
        with self._lock:
            self._entries.pop(key, None)

    def _young_enough(self, key: Key, wish: Wish, *, now: datetime) -> Snapshot | None:
        entry = self._newest(key)
        if entry is None:
            return None
        age = now - entry.snapshot.read_at
        if wish.is_poll and age < STALE_FOR and not entry.may_poll(now):
            return entry.snapshot
        is_young = age < (UNCHANGED_FOR if wish.is_poll else FRESH_FOR)
        return entry.snapshot if is_young and entry.version == wish.version else None

    def _newest(self, key: Key) -> _Entry | None:
        with self._lock:
            return self._entries.get(key)

    def _keep(self, key: Key, snapshot: Snapshot, version: int) -> Snapshot:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry(snapshot, version))
            entry.snapshot, entry.version = snapshot, version
            entry.reads.append(snapshot.read_at)
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return snapshot

    @contextmanager
    def _flight(self, key: Key, wait_seconds: float) -> "Iterator[None]":
        with self._lock:
            flight = self._flights.setdefault(key, threading.Lock())
        if not flight.acquire(timeout=wait_seconds):
            raise TimedOut("Another reader of the same repository took too long.")
        try:
            yield
        finally:
            flight.release()
            with self._lock:
                if not flight.locked():
                    self._flights.pop(key, None)
