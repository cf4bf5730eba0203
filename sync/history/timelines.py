"""Timelines: the events of pull requests, brought up to date with what they follow from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from models.history import comments, events, pull_requests, ref_moves, sightings
from models.history.events import TOLD_KINDS, EventRow
from models.history.pull_requests import PullRequestRow
from sync.history.happenings import happenings
from sync.history.projection import Projection


def refresh(projection: Projection) -> None:
    """Work out anew what has happened to those pull requests that something was told of, and write what is different."""
    session, repository, numbers = projection.session, projection.repository, projection.told_pull_requests
    if not numbers:
        return
    rows = pull_requests.held(session, repository, numbers)
    seen = sightings.held(session, repository, numbers)
    words = comments.held(session, repository, numbers)
    held = events.held(session, repository, numbers)
    forced = _forced_heads(projection, rows.values())
    before, after = list[EventRow](), list[EventRow]()
    for number, row in rows.items():
        told = [event for event in held[number] if event.kind in TOLD_KINDS]
        before += [event for event in held[number] if event.kind not in TOLD_KINDS]
        after += happenings(row, seen=seen[number], comments=words[number], told=told, forced=forced[number])
    _write(projection, before, after)


def _forced_heads(projection: Projection, rows: Iterable[PullRequestRow]) -> Mapping[int, frozenset[str]]:
    """The heads that the branch of each pull request was forced to; of what is pushed to a fork, nobody tells."""
    branches = {row.number: row.source_branch for row in rows if not row.is_from_fork}
    forced = ref_moves.forced_heads(projection.session, projection.repository, set(branches.values()))
    return defaultdict(frozenset, {number: forced.get(branch, frozenset()) for number, branch in branches.items()})


def _write(projection: Projection, held: Iterable[EventRow], follows: Iterable[EventRow]) -> None:
    before = {event.key: event for event in held}
    after = {event.key: event for event in follows}
    gone = [event for key, event in before.items() if key not in after]
    new = [event for key, event in after.items() if event != before.get(key)]
    events.drop(projection.session, gone)
    events.store(projection.session, new)
    if gone or new:
        projection.note_change(*(event.pull_request for event in (*gone, *new)))
