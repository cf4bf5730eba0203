"""Lives of pull requests, told as people tell them: "opened Mon 09:00, commented by Bob Mon 11:00, merged Tue 10:00".

The week is that of Monday 2 March 2026, in UTC, so that no clock changes and no month ends within it; "2 Tue 10:00" is the
Tuesday of the week after it.
"""

from datetime import UTC, datetime, timedelta

from insights.clock.working import clock_of
from insights.facts.accounts import AccountFacts, AccountKind
from insights.facts.pull_requests import EventFacts, EventKind, FileChange, PullRequestFacts, PullRequestState
from insights.pull_requests.context import context_of
from insights.pull_requests.measurement import measure
from insights.settings import BranchingModel, WorkspaceSettings

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

ALICE, BOB, CARLA = "{a}", "{b}", "{c}"
RENOVATE, RABBIT, PIPELINES = "{r}", "{ai}", "{p}"
ACCOUNTS = (
    AccountFacts(uuid=ALICE, nickname="alice", display_name="Alice Ahn"),
    AccountFacts(uuid=BOB, nickname="bob", display_name="Bob Brandt"),
    AccountFacts(uuid=CARLA, nickname="carla", display_name="Carla Cruz"),
    AccountFacts(uuid=RENOVATE, nickname="renovate-bot"),
    AccountFacts(uuid=RABBIT, nickname="coderabbitai", kind=AccountKind.APP),
    AccountFacts(uuid=PIPELINES, nickname="pipelines", kind=AccountKind.APP),
)

SETTINGS = WorkspaceSettings(
    main_branch="main", branching_model=BranchingModel(production="production", release_prefix="release/")
)
CLOCK = clock_of(SETTINGS)
CONTEXT = context_of(SETTINGS, ACCOUNTS)
DIRECTORY = CONTEXT.directory

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(text):
    """Read "Tue 10:00", or "2 Tue 10:00" for the second week."""
    *week, day, clock = text.split()
    hours, minutes = clock.split(":")
    weeks = int(week[0]) - 1 if week else 0
    return MONDAY + timedelta(weeks=weeks, days=DAYS.index(day), hours=int(hours), minutes=int(minutes))


def event(kind, who, when):
    return EventFacts(kind, at(when) if isinstance(when, str) else when, who)


def opened(when, by=ALICE):
    return event(EventKind.OPENED, by, when)


def commented(when, by=BOB):
    return event(EventKind.COMMENTED, by, when)


def approved(when, by=BOB):
    return event(EventKind.APPROVED, by, when)


def unapproved(when, by=BOB):
    return event(EventKind.UNAPPROVED, by, when)


def asked_for_changes(when, by=BOB):
    return event(EventKind.CHANGES_REQUESTED, by, when)


def withdrew_request(when, by=BOB):
    return event(EventKind.CHANGES_REQUEST_REMOVED, by, when)


def pushed(when, by=ALICE):
    return event(EventKind.PUSHED, by, when)


def force_pushed(when, by=ALICE):
    return event(EventKind.FORCE_PUSHED, by, when)


def approvals_reset(when):
    return event(EventKind.APPROVALS_RESET, None, when)


def readied(when, by=ALICE):
    return event(EventKind.READIED, by, when)


def drafted(when, by=ALICE):
    return event(EventKind.DRAFTED, by, when)


def pull_request(*events, opened, merged=None, declined=None, first=None, number=1, **fields):
    """Return the facts of one life; ``opened``, ``merged``, ``declined`` and ``first`` are times in words or moments."""
    moment = lambda when: at(when) if isinstance(when, str) else when  # noqa: E731 - as short as it is used
    state = PullRequestState.MERGED if merged else PullRequestState.DECLINED if declined else PullRequestState.OPEN
    defaults = {
        "id": number,
        "author": ALICE,
        "title": f"Change {number}",
        "state": state,
        "created_at": moment(opened),
        "closed_at": moment(merged or declined),
        "closed_by": BOB if merged or declined else None,
        "first_commit_at": moment(first or opened),
        "source_branch": f"feature/{number}",
        "destination_branch": "main",
        "events": events,
        "files": (FileChange(path="app.py", lines_added=20, lines_removed=10),),
    }
    return PullRequestFacts(**{**defaults, **fields})


def measured(facts, *, settings=SETTINGS):
    return measure(facts, CONTEXT if settings is SETTINGS else context_of(settings, ACCOUNTS))


def merged_after(pickup, review=HOUR, wait=HOUR, *, number=1, ready=None, coding=timedelta(0), **fields):
    """Return the measurement of a life with these stages, without a weekend in it if it starts on a Monday."""
    start = ready or at("Mon 00:00")
    answered, ok = start + pickup, start + pickup + review
    return measured(
        pull_request(
            event(EventKind.COMMENTED, BOB, answered),
            event(EventKind.APPROVED, BOB, ok),
            opened=start,
            first=start - coding,
            merged=ok + wait,
            number=number,
            **fields,
        )
    )
