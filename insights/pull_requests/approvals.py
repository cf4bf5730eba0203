"""When a pull request had the approvals that it needs.

Source: panels.md section 4, "Force-push": if approvals are reset the approval clock re-opens, so the time that counts is the last
moment at which human approvals rose to k. An approval that was taken back and never given again therefore leaves the
pull request not approved: the clock is open at the merge. The author's own approval never counts, nor a bot's.
"""

from collections.abc import Iterable
from datetime import datetime

from insights.facts.pull_requests import EventFacts, ReviewState
from insights.people.bots import Directory
from insights.pull_requests.events import Verdicts


def approvals_standing(verdicts: Verdicts, *, author: str | None, directory: Directory) -> int:
    """Return the number of people other than the author whose approval stands."""
    return sum(
        state is ReviewState.APPROVED and directory.is_other_person(account, author=author)
        for account, state in verdicts.standing.items()
    )


def approved_at(
    events: Iterable[EventFacts], *, required: int, author: str | None, directory: Directory
) -> datetime | None:
    """Return when approvals last rose to ``required`` and then stayed there; None where they do not stand.

    ``events`` are in order and end with what is asked about (the merge, or now). ``required`` is at least one.
    """
    verdicts = Verdicts()
    risen: datetime | None = None
    for event in events:
        verdicts.take(event)
        if approvals_standing(verdicts, author=author, directory=directory) < required:
            risen = None
        elif risen is None:
            risen = event.at
    return risen
