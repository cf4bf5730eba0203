"""When the nightly work of a repository or an installation begins: by the clock of its workspace, spread over the small hours. Pure."""

import hashlib
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

NIGHT_BEGINS: Final = time(1, 0)
NIGHT_LASTS: Final = timedelta(hours=4)


def next_night(now: datetime, *, zone: tzinfo, key: str) -> datetime:
    """The next moment after `now` that is this one's: the same hour and minute each night, and another for another `key`."""
    offset = NIGHT_LASTS * _share(key)
    today = now.astimezone(zone).date()
    for days in range(3):
        begins = datetime.combine(today + timedelta(days=days), NIGHT_BEGINS, tzinfo=zone).astimezone(UTC)
        if begins + offset > now:
            return begins + offset
    raise AssertionError("there is a night within three days")


def _share(key: str) -> float:
    """A number from 0 up to 1 that the key alone decides."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
