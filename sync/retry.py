"""When something that failed is tried again: the one place that says so."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bitbucket.errors import BitbucketError, ServerFault, Unreachable

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=15)
LONG_PAUSE: Final = timedelta(hours=6)
"""After many failures in a row of which nothing will change within minutes, such as a scope that the app was not given."""

OUTAGE_ATTEMPTS: Final = 6
"""While Bitbucket is away it is asked again as after so many: every two or three minutes, as far as the quota's rests allow."""


def retry_at(now: datetime, *, attempts: int, chance: Callable[[], float] = random.random) -> datetime:
    """The moment for another try after so many: twice as late each time, spread over the second half of the pause.

    Spread, so that what failed together does not come back together. `chance` gives 0 up to 1.
    """
    doublings = min(max(attempts - 1, 0), 16)
    pause = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return now + pause * (0.5 + chance() / 2)


def retry_of_comparison(now: datetime, *, attempts: int, most_attempts: int, error: Exception) -> datetime:
    """The moment for another try of what has to be done in the end, however often it has failed with an error like this one."""
    if isinstance(error, Unreachable | ServerFault):
        again_at = retry_at(now, attempts=min(attempts, OUTAGE_ATTEMPTS))
    else:
        again_at = retry_at(now, attempts=attempts) if attempts < most_attempts else now + LONG_PAUSE
    told = error.retry_at if isinstance(error, BitbucketError) else None
    return again_at if told is None else max(told, again_at)
