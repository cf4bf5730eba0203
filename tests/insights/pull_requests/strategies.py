"""Random lives of pull requests, for properties that hold of every one."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from insights.facts.pull_requests import EventFacts, EventKind
from tests.insights.lives import ALICE, BOB, CARLA, RABBIT, pull_request

START = datetime(2026, 3, 2, tzinfo=UTC)
MOMENTS = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + timedelta(minutes=minutes))
KINDS = (
    EventKind.PUSHED,
    EventKind.FORCE_PUSHED,
    EventKind.APPROVALS_RESET,
    EventKind.CHANGES_REQUESTS_RESET,
    EventKind.DRAFTED,
    EventKind.READIED,
    EventKind.UNAPPROVED,
    EventKind.CHANGES_REQUEST_REMOVED,
    EventKind.THREAD_RESOLVED,
    EventKind.COMMENTED,
    EventKind.CHANGES_REQUESTED,
    EventKind.APPROVED,
)
FLIPS = frozenset({EventKind.DRAFTED, EventKind.READIED})
ACTORS = st.sampled_from([ALICE, BOB, CARLA, RABBIT, None])
EITHER = st.booleans()
OPEN = st.just(value=False)


def events(kinds):
    return st.lists(st.builds(EventFacts, kind=st.sampled_from(kinds), at=MOMENTS, actor=ACTORS), max_size=12)


@st.composite
def lives(draw, *, closed=EITHER, kinds=KINDS):
    """A life with any events in any order, open, merged or declined, as the storage floor might fill it."""
    opened = draw(MOMENTS)
    end = opened + timedelta(minutes=draw(st.integers(0, 60 * 24 * 20)))
    outcome = draw(st.sampled_from(["merged", "declined"])) if draw(closed) else None
    return pull_request(
        *draw(events(kinds)),
        opened=opened,
        first=draw(MOMENTS),
        number=draw(st.integers(1, 999)),
        is_draft=draw(EITHER),
        is_draft_history_known=draw(EITHER),
        **({outcome: end} if outcome else {}),
    )
