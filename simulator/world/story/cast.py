"""Who is in the seeded team, where they sit, when they work, and how they behave.

All names are made up. Offsets are fixed (no daylight saving), so that the story is the same wherever it is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["user", "app_user"]


@dataclass(frozen=True, slots=True)
class Person:
    """One of the team. Hours are local; `pace_hours` is the working time until they look at a review request."""

    key: str
    name: str
    offset_minutes: int
    time_zone: str
    areas: tuple[str, ...]
    activity: float = 1.0
    """share of pull requests, against 1 for the average"""
    reviews: float = 1.0
    """share of reviews"""
    pace_hours: float = 5.0
    strictness: float = 0.3
    """how likely a review asks for changes"""
    starts: int = 9
    ends: int = 18
    weekends: bool = False
    away: tuple[tuple[int, int], ...] = ()
    """holidays: (days before the story's end on which they start, length in days)"""
    kind: Kind = "user"

    @property
    def email(self) -> str:
        """The address in their commits."""
        return f"{self.key}@heron.example"


PEOPLE = (
    Person("ada.lindqvist", "Ada Lindqvist", 60, "Europe/Stockholm", ("api", "web"), 0.9, 1.8, 2.5, 0.34, 8, 17),
    Person("tomas.okafor", "Tomás Okafor", 0, "Europe/London", ("api",), 1.4, 1.1, 4.0, 0.25, away=((120, 14),)),
    Person("mei.tanaka", "Mei Tanaka", 540, "Asia/Tokyo", ("api", "deploy"), 1.2, 1.0, 3.0, 0.45, 10, 19),
    Person("priya.raman", "Priya Raman", 330, "Asia/Kolkata", ("web",), 1.3, 1.4, 3.5, 0.30, away=((25, 9),)),
    Person("jonas.weber", "Jonas Weber", 60, "Europe/Berlin", ("api", "deploy"), 1.0, 0.9, 7.0, 0.20, 7, 16),
    Person("chloe.martin", "Chloé Martin", 60, "Europe/Paris", ("web",), 1.1, 1.0, 5.0, 0.28, away=((105, 21),)),
    Person("sam.whitehorse", "Sam Whitehorse", -420, "America/Denver", ("api", "web"), 1.0, 0.8, 9.0, 0.35),
    Person("lucia.ferreira", "Lúcia Ferreira", -180, "America/Sao_Paulo", ("web",), 0.9, 1.1, 4.0, 0.22),
    Person("noah.abebe", "Noah Abebe", -300, "America/New_York", ("deploy", "api"), 0.8, 0.9, 6.0, 0.30, 8, 17),
    Person("ines.kovac", "Ines Kovač", 60, "Europe/Zagreb", ("deploy",), 0.7, 0.8, 4.5, 0.38, weekends=True),
    Person("ravi.menon", "Ravi Menon", 330, "Asia/Kolkata", ("api",), 0.9, 0.3, 14.0, 0.15, 12, 21),
    Person("zoe.byrne", "Zoë Byrne", 600, "Australia/Sydney", ("web", "api"), 0.6, 0.5, 6.0, 0.20, away=((60, 12),)),
)

DEPENDENCY_BOT = Person(
    "dependency-bot", "Dependency Bot", 0, "UTC", (), starts=0, ends=24, weekends=True, kind="app_user"
)
BUILD_SERVER = Person("tern-ci", "Tern CI", 0, "UTC", (), starts=0, ends=24, weekends=True, kind="app_user")
BOTS = (DEPENDENCY_BOT, BUILD_SERVER)


@dataclass(frozen=True, slots=True)
class Venue:
    """One repository of the story: what it is called, how it is built, how its people merge."""

    slug: str
    area: str
    description: str
    language: str
    project: str
    pull_requests: int
    earlier_commits: int
    """commits from before the story's year, made straight on the main branch"""
    main_branch: str = "main"
    strategy: Literal["merge_commit", "squash", "fast_forward"] = "merge_commit"
    approvals_wanted: int = 1
    is_private: bool = True
    build_minutes: tuple[int, int] = (4, 14)
    failing: float = 0.12
    """how likely a build fails for a reason"""
    flaky: float = 0.06
    """how likely a build fails for none"""
    builds: tuple[str, ...] = ("build",)
    resets_approvals: bool = False
    scenes: float = 0.45
    """share of the scripted open pull requests that happen here"""
    default_reviewers: tuple[str, ...] = field(default=())


VENUES = (
    Venue(
        "marsh-api", "api", "The service behind everything: orders, stock, invoices.", "python", "MARSH", 640, 3100,
        builds=("unit-tests", "lint"), approvals_wanted=2, default_reviewers=("ada.lindqvist",),
    ),
    Venue(
        "marsh-web", "web", "What customers see.", "typescript", "MARSH", 400, 700,
        main_branch="develop", strategy="squash", builds=("build",), flaky=0.14, build_minutes=(8, 25),
        resets_approvals=True, scenes=0.55,
    ),
    Venue(
        "marsh-deploy", "deploy", "How it runs: environments, pipelines, runbooks.", "hcl", "OPS", 160, 240,
        is_private=False, failing=0.08, flaky=0.02, builds=("plan",), build_minutes=(2, 6),
        scenes=0.2,
    ),
)  # fmt: skip

SMALL_VENUE = Venue(
    "marsh-api", "api", "The service behind everything: orders, stock, invoices.", "python", "MARSH", 60, 40,
    builds=("unit-tests", "lint"), default_reviewers=("ada.lindqvist",), scenes=0.7,
)  # fmt: skip

LARGE_VENUE = Venue(
    "marsh-core", "api", "Everything in one place: what a large repository costs to read.", "python", "MARSH", 1200, 300,
    builds=("unit-tests", "lint"), approvals_wanted=2, default_reviewers=("ada.lindqvist",), scenes=1.0,
)  # fmt: skip

PROJECTS = {"MARSH": "Marsh", "OPS": "Operations"}
WORKSPACE_SLUG = "heron-labs"
WORKSPACE_NAME = "Heron Labs"
OWNERS = ("ada.lindqvist", "noah.abebe")
