"""Figures as they were worded, kept by what they show: a page that is looked at again in the same minute costs nothing.

The name of a fragment says all that it depends on, the viewer and the installation among it. Nobody asks here who was not
let in before.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from web.compression import SplicedPage

MOST_FRAGMENTS: Final = 256


@dataclass(frozen=True, slots=True)
class Fragment:
    """Some HTML, and whether something is missing from it that should be there."""

    html: str
    is_stale: bool = False


Made = TypeVar("Made")


class Kept(Generic[Made]):
    """What was made, under names that say all that it depends on. Safe to share between threads."""

    def __init__(self, *, most: int = MOST_FRAGMENTS) -> None:
        self._kept: OrderedDict[str, Made] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def find(self, name: str) -> Made | None:
        """Return what is still true."""
        with self._lock:
            return self._kept.get(name)

    def keep(self, name: str, made: Made) -> None:
        """Keep something, and let the oldest go where there are too many: their minute is over."""
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class Fragments(Kept[Fragment]):
    """The fragments of one process."""


class Pages(Kept[SplicedPage]):
    """Whole pages of one process, each with a place for the token of whoever opens it."""
