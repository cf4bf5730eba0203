"""Calls per rolling hour, counted for each caller; off until somebody sets a limit.

Source: rest-api.md 4. A Connect app sees no X-RateLimit headers and no Retry-After, only a 429 in plain text.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta

MESSAGE = "Rate limit for this resource has been exceeded"
WINDOW = timedelta(hours=1)


class Quotas:
    """How many calls each caller made in the last hour, and how many they may."""

    def __init__(self) -> None:
        self.limit: int | None = None
        """for callers who are known; None: no limit"""
        self.anonymous_limit: int | None = None
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def used(self, key: str, *, now: datetime) -> int:
        """How many calls of the last hour count against `key`."""
        calls = self._calls[key]
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        return len(calls)

    def admit(self, key: str, *, now: datetime, is_anonymous: bool) -> bool:
        """Count one call of `key` if it is within the limit, and say whether it is."""
        limit = self.anonymous_limit if is_anonymous else self.limit
        if limit is not None and self.used(key, now=now) >= limit:
            return False
        self._calls[key].append(now)
        return True

    def exhaust(self, key: str, *, now: datetime) -> None:
        """Make it look as if `key` had just spent the whole limit."""
        missing = (self.limit or 0) - self.used(key, now=now)
        self._calls[key].extend([now] * max(0, missing))

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()
