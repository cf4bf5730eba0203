"""How many issues there are of each state, and of each kind and priority among those that are open. Judged from facts alone.

Words are Bitbucket's. An issue is open until it is resolved, or closed in another way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

OPEN_STATES: Final = ("submitted", "new", "open", "on hold")
"""States of an issue that somebody may still have to do something about."""

ENDED_STATES: Final = ("resolved", "invalid", "duplicate", "wontfix", "closed")
KINDS: Final = ("bug", "enhancement", "proposal", "task")
PRIORITIES: Final = ("blocker", "critical", "major", "minor", "trivial")
"""The heaviest first."""


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """What is counted of one issue."""

    state: str
    kind: str
    priority: str


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """`by_state` counts all issues; `by_kind` and `by_priority` those that are open. No entry is zero or less."""

    by_state: Mapping[str, int]
    by_kind: Mapping[str, int]
    by_priority: Mapping[str, int]

    @property
    def total(self) -> int:
        """All issues."""
        return sum(self.by_state.values())

    @property
    def open_total(self) -> int:
        """Issues that are open."""
        return sum(self.by_state.get(state, 0) for state in OPEN_STATES)


def count_issues(issues: Iterable[IssueFacts]) -> IssueCounts:
    """Counts issues one by one. Unknown states, kinds and priorities are counted under their own names."""
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    priorities: Counter[str] = Counter()
    for issue in issues:
        states[issue.state] += 1
        if issue.state in OPEN_STATES:
            kinds[issue.kind] += 1
            priorities[issue.priority] += 1
    return IssueCounts(dict(states), dict(kinds), dict(priorities))
