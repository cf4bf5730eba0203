"""What an insight answers with: a value with its provenance, or the reason for its silence.

Here live the words that all insights share. No figure is worked out here.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, field

T = TypeVar("T")


class Unit(StrEnum):
    """What a figure counts in."""

    DURATION = "duration"
    COUNT = "count"
    SHARE = "share"
    RATIO = "ratio"
    SCORE = "score"
    LINES = "lines"
    LIST = "list"
    STATE = "state"


class DefinitionId(Struct, frozen=True):
    """Names one wording of one definition; ``version`` moves whenever the same facts could give another value."""

    name: str
    version: int


class Definition(Struct, frozen=True, kw_only=True):
    """The definition of a figure as people read it behind the "i" beside the figure.

    ``text`` is one paragraph of plain English, ``source`` says where the idea comes from.
    """

    name: str
    version: int
    title: str
    text: str
    unit: Unit
    source: str

    @property
    def id(self) -> DefinitionId:
        """The name and version that a Result carries."""
        return DefinitionId(self.name, self.version)


class Window(Struct, frozen=True):
    """A half-open span of time: ``start`` belongs to it, ``end`` does not."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        """Return whether the moment lies in the window; an unknown moment lies in none."""
        return at is not None and self.start <= at < self.end


class Exclusion(StrEnum):
    """Why a pull request was left out of a figure. Each one left out is counted once, under the first that applies."""

    DECLINED = "declined"
    SUPERSEDED = "superseded"
    OTHER_DESTINATION = "other_destination"
    SYNC = "sync"
    BOT_AUTHOR = "bot_author"
    HUMAN_AUTHOR = "human_author"
    DRAFT = "draft"
    MERGE_TIME_UNKNOWN = "merge_time_unknown"
    MERGED_BEFORE_OPENED = "merged_before_opened"
    ACTIVITY_UNKNOWN = "activity_unknown"
    SIZE_UNKNOWN = "size_unknown"
    UNREVIEWED = "unreviewed"
    ANSWERED_AS_DRAFT = "answered_as_draft"
    NEVER_APPROVED = "never_approved"
    TOO_YOUNG = "too_young"
    OFFSET_UNKNOWN = "offset_unknown"
    NEVER_SEEN_RUNNING = "never_seen_running"
    NOT_DEPLOYED = "not_deployed"
    LARGE_COMMIT = "large_commit"
    MERGE_COMMIT = "merge_commit"
    NO_FORECAST = "no_forecast"


class WhyNot(StrEnum):
    """Why a figure is silent."""

    NO_DATA = "no_data"
    TOO_FEW = "too_few"
    NOT_REACHED = "not_reached"
    NOT_KNOWN = "not_known"
    NOT_READY = "not_ready"


class Result(Struct, Generic[T], frozen=True, kw_only=True):
    """A figure and how it came about.

    ``n`` counts what the value rests on; ``exclusions`` counts what was looked at and left out, by reason; ``flags``
    counts footnotes ("12 of 214 with assumed ready time") among the n. ``members`` are the ids of the pull requests
    behind the figure, so that it can be opened. Either ``value`` or ``why_not`` is there, never both.
    """

    definition: DefinitionId
    n: int
    value: T | None = None
    why_not: WhyNot | None = None
    window: Window | None = None
    exclusions: Mapping[Exclusion, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)
    members: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) == (self.why_not is None):
            raise ValueError("a result has a value or a reason for its silence, and not both")
        if self.n < 0:
            raise ValueError(f"n counts facts and cannot be {self.n}")
