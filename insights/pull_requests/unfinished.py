"""What still has to be settled in a pull request: comment threads and tasks, by who opened them.

Source: panels.md 5.2, "Open threads / tasks".
"""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from insights.facts.pull_requests import PullRequestFacts, TaskFacts, ThreadFacts
from insights.result import Definition, Result, Unit

DEFINITION = Definition(
    name="unfinished",
    version=1,
    title="Open threads and tasks",
    text="Comment threads that nobody has resolved, and unresolved tasks by who set them.",
    unit=Unit.COUNT,
    source="panels.md 5.2",
)


class Owned(Struct, frozen=True):
    """How many are open of somebody's."""

    owner: str | None
    open: int


class Unfinished(Struct, frozen=True):
    """Open threads, and open tasks by owner, the most first."""

    threads: int
    tasks: int
    tasks_by_owner: tuple[Owned, ...]


def unfinished(facts: PullRequestFacts) -> Result[Unfinished]:
    """Count what is open; n is all threads and tasks that there ever were."""
    tasks = [task for task in facts.tasks if task.resolved_at is None]
    return Result(
        definition=DEFINITION.id,
        n=len(facts.threads) + len(facts.tasks),
        value=Unfinished(_open_threads(facts.threads), len(tasks), _by_owner(tasks)),
        members=(facts.id,),
    )


def _open_threads(threads: Iterable[ThreadFacts]) -> int:
    return sum(thread.resolved_at is None for thread in threads)


def _by_owner(tasks: Iterable[TaskFacts]) -> tuple[Owned, ...]:
    counts = Counter(task.creator for task in tasks)
    return tuple(Owned(owner, counts[owner]) for owner in sorted(counts, key=lambda who: (-counts[who], who or "")))
