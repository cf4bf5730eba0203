"""The records of an issue tracker: what Bitbucket had until August 2026 (rest-api.md 0).

A repository has a tracker where its `has_issues` is set. Elsewhere REST says that trackers are gone, or, with
`World.are_issue_trackers_removed` unset, that this repository has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.world.model import Comment, User

STATES = ("submitted", "new", "open", "resolved", "on hold", "invalid", "duplicate", "wontfix", "closed")
KINDS = ("bug", "enhancement", "proposal", "task")
PRIORITIES = ("trivial", "minor", "major", "critical", "blocker")
"""Rising, as the query language compares them."""


@dataclass(slots=True, eq=False)
class IssueChange:
    """One entry of an issue's log: what was changed, by whom, with which words."""

    id: int
    user: User
    created_on: datetime
    changes: dict[str, Any]
    message: str = ""


@dataclass(slots=True, eq=False)
class Issue:
    """An issue. `component`, `milestone` and `version` are names, None where not set."""

    id: int
    reporter: User
    title: str
    raw: str
    created_on: datetime
    updated_on: datetime
    state: str = "new"
    kind: str = "bug"
    priority: str = "major"
    assignee: User | None = None
    component: str | None = None
    milestone: str | None = None
    version: str | None = None
    edited_on: datetime | None = None
    voters: list[User] = field(default_factory=list)
    watchers: list[User] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    log: list[IssueChange] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class IssueTracker:
    """A repository's issues and the names that they may be sorted under."""

    issues: dict[int, Issue] = field(default_factory=dict)
    components: list[str] = field(default_factory=list)
    milestones: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
