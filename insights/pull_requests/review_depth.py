"""How much was said about a pull request: context, never a target.

Source: panels.md 5.2, "Review depth": comments of people other than the author, and the same for every 100 changed lines. Comments
after the closing are not counted.
"""

from collections.abc import Iterable

from msgspec import Struct

from insights.facts.pull_requests import EventFacts, EventKind
from insights.people.bots import Directory


class ReviewDepth(Struct, frozen=True):
    """``per_hundred_lines`` is None where the size is not known or no line has changed."""

    comments: int
    per_hundred_lines: float | None


def comments_of_others(events: Iterable[EventFacts], *, author: str | None, directory: Directory) -> int:
    """Count the comments of people other than the author among the events of a pull request."""
    return sum(
        event.kind is EventKind.COMMENTED and directory.is_other_person(event.actor, author=author) for event in events
    )


def review_depth(comments: int, changed_lines: int | None) -> ReviewDepth:
    """Set a number of comments against the size."""
    return ReviewDepth(comments, 100 * comments / changed_lines if changed_lines else None)
