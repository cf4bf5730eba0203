"""Times that Bitbucket tells, made safe to compare and to store."""

from datetime import UTC, datetime, timedelta
from typing import Final

SKEW: Final = timedelta(minutes=5)
"""How far another clock may be ahead of ours."""

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


def plausible(told: datetime, *, as_of: datetime) -> datetime:
    """A told time in UTC, no later than it can have been told.

    What counts as newest must not lie in the future, or nothing true would ever replace it.
    """
    return min(in_utc(told), as_of + SKEW)


def in_utc(told: datetime) -> datetime:
    """A told time in UTC: that of a commit is whatever its author's clock said, and says nothing of what is newest.

    Times that no clock should tell become the nearest that every zone has.
    """
    return min(max(told, _EARLIEST), _LATEST).astimezone(UTC)
