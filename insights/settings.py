"""What a workspace decides about its numbers, and what a repository's own files and branching model say.

Every field has the default that holds until an administrator says otherwise. Nothing is read from disk here.
"""

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from insights.errors import SettingsInvalid


class ClockKind(StrEnum):
    """How a duration is measured: every second, or without weekends and holidays."""

    WALL = "wall"
    WORK = "work"


class Target(Struct, frozen=True, kw_only=True):
    """What a team has set itself: at least ``share`` of its pull requests picked up ``within`` this much time."""

    share: float
    within: timedelta


class BranchingModel(Struct, frozen=True, kw_only=True):
    """Bitbucket's effective branching model: two branches by name, and the prefixes of the typed branches.

    Source: ``GET /repositories/{workspace}/{repo}/effective-branching-model``.
    """

    development: str | None = None
    production: str | None = None
    release_prefix: str | None = None
    hotfix_prefix: str | None = None


class WorkspaceSettings(Struct, frozen=True, kw_only=True):
    """The settings of a workspace as the figures need them. Raises SettingsInvalid, with every problem, when made."""

    time_zone: str = "UTC"
    weekend: frozenset[int] = frozenset({5, 6})
    """Days without work, as ``date.weekday()`` numbers them: Monday is 0."""
    holidays: frozenset[date] = frozenset()
    week_starts_on: int = 0
    required_approvals: int = 1
    main_branch: str | None = None
    long_lived_branches: tuple[str, ...] = ()
    """Names or globs, besides the main branch and the two of the branching model."""
    branching_model: BranchingModel = BranchingModel()
    bots: frozenset[str] = frozenset()
    """Account UUIDs that an administrator named as bots."""
    humans: frozenset[str] = frozenset()
    """Account UUIDs that are people whatever their name looks like."""
    generated_globs: tuple[str, ...] = ()
    size_limits: tuple[int, int, int, int] = (10, 50, 200, 500)
    """The largest XS, S, M and L, in changed lines."""
    active_days: int = 7
    quiet_days: int = 30
    stale_days: int = 90
    are_names_shown: bool = False
    pickup_target: Target | None = None

    def __post_init__(self) -> None:
        if problems := _problems(self):
            raise SettingsInvalid(problems)


def _problems(settings: WorkspaceSettings) -> list[str]:
    """Return a sentence for each thing that is wrong."""
    active, quiet, stale = settings.active_days, settings.quiet_days, settings.stale_days
    limits = settings.size_limits
    target = settings.pickup_target
    checks = (
        (_is_known_zone(settings.time_zone), f"There is no time zone {settings.time_zone!r}."),
        (settings.weekend <= set(range(7)), "Weekend days are numbered 0 (Monday) to 6 (Sunday)."),
        (len(settings.weekend) < 7, "A week needs at least one working day."),
        (0 <= settings.week_starts_on <= 6, "A week starts on a day from 0 (Monday) to 6 (Sunday)."),
        (settings.required_approvals >= 0, "The number of required approvals cannot be negative."),
        (limits[0] >= 0 and sorted(set(limits)) == list(limits), "Each size limit must be larger than the one before."),
        (0 < active < quiet < stale, "Branches turn quiet, idle and stale in this order, each later than the other."),
        (not settings.bots & settings.humans, "An account cannot be named both as a bot and as a person."),
        (target is None or 0 < target.share <= 1, "A target's share lies above 0 and is at most 1."),
        (target is None or target.within > timedelta(0), "A target's time must be positive."),
    )
    return [sentence for is_fine, sentence in checks if not is_fine]


def _is_known_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed ("../x"), a folder of zones ("Europe")
        return False
    return True
