"""The cast: Alice's workspace with its repository, an installation of it, and a moment to stand still at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

API = "https://api.bitbucket.org"
SITE = "https://bitbucket.org"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

ALICES_WORKSPACE = "{aaaaaaaa-0000-4000-8000-000000000001}"
ALICES_REPOSITORY = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
CHARLIES_REPOSITORY = "{cccccccc-0000-4000-8000-0000000000c1}"
REPOSITORY_PATH = (
    "/2.0/repositories/%7Baaaaaaaa-0000-4000-8000-000000000001%7D/%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"
)
CLIENT_KEY = "connection:1001"
SECRET = "alice-secret-that-is-long-enough-for-hs256"


class Clock:
    """Time that passes only when told to: `now` for the wall, `monotonic` for durations."""

    def __init__(self):
        self.passed_seconds = 0.0

    def now(self):
        return NOW + timedelta(seconds=self.passed_seconds)

    def monotonic(self):
        return self.passed_seconds

    def pass_seconds(self, seconds):
        self.passed_seconds += seconds
