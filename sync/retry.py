"""When something that failed is tried again: the one place that says so."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=15)


def retry_at(now: datetime, *, attempts: int, chance: Callable[[], float] = random.random) -> datetime:
    """The moment for another try after so many: twice as late each time, spread over the second half of the pause.

    Spread, so that what failed together does not come back together. `chance` gives 0 up to 1.
    """
    doublings = min(max(attempts - 1, 0), 16)
    pause = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return now + pause * (0.5 + chance() / 2)
