"""How often a pull request went back and forth.

Source: panels.md 5.2, "Rounds": alternations of a human review event followed by a push of the author, between the first
response and the approval (or the end, where there is none). Unit: rounds. Three comments answered by two pushes are one round.
"""

from collections.abc import Iterable

from insights.facts.pull_requests import EventFacts, PullRequestFacts
from insights.people.bots import Directory
from insights.pull_requests.events import ANSWERS, PUSHES
from insights.pull_requests.stamps import Stamps


def rounds(facts: PullRequestFacts, events: Iterable[EventFacts], stamps: Stamps, directory: Directory) -> int:
    """Count the rounds; ``events`` are in order. A push whose pusher is not known is taken for the author's."""
    count = 0
    is_answered = False
    for event in events:
        if stamps.responded is None or event.at < stamps.responded:
            continue
        if stamps.approved is not None and event.at > stamps.approved:
            break
        if event.kind in ANSWERS and directory.is_other_person(event.actor, author=facts.author):
            is_answered = True
        elif event.kind in PUSHES and event.actor in {None, facts.author} and is_answered:
            count += 1
            is_answered = False
    return count
