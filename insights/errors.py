"""What can be wrong with the facts or the settings that insights are given.

InsightError
├── NaiveTime          a time without a zone
├── TimesOutOfOrder    a span that ends before it starts
├── HolidaysInvalid    an uploaded calendar that is none, or holds too much
└── SettingsInvalid    settings that no figure can be worked out with, every problem at once
"""

# ruff: noqa: N818 - the names say what is wrong; the root of the tree carries the suffix

from collections.abc import Sequence
from datetime import datetime


class InsightError(ValueError):
    """The facts or settings cannot be judged as they are."""


class NaiveTime(InsightError):
    """A time came without a zone; every time in the facts is aware."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"{at.isoformat()} has no time zone; pass an aware time")
        self.at = at


class TimesOutOfOrder(InsightError):
    """A span ends before it starts, so it has no duration."""

    def __init__(self, start: datetime, end: datetime) -> None:
        super().__init__(f"{end.isoformat()} lies before {start.isoformat()}")
        self.start = start
        self.end = end


class HolidaysInvalid(InsightError):
    """The file is no calendar, or holds too much; the message says which."""


class SettingsInvalid(InsightError):
    """Some settings make no sense; ``problems`` has one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)
