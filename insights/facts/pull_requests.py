"""What happened to one pull request. The storage floor fills these; see each field for where its value comes from."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PullRequestState(StrEnum):
    """Bitbucket's own words."""

    OPEN = "OPEN"
    MERGED = "MERGED"
    DECLINED = "DECLINED"
    SUPERSEDED = "SUPERSEDED"


class EventKind(StrEnum):
    """What can happen to a pull request. The order of the members settles the order of events with one time."""

    OPENED = "opened"
    PUSHED = "pushed"
    FORCE_PUSHED = "force_pushed"
    APPROVALS_RESET = "approvals_reset"
    CHANGES_REQUESTS_RESET = "changes_requests_reset"
    DRAFTED = "drafted"
    READIED = "readied"
    UNAPPROVED = "unapproved"
    CHANGES_REQUEST_REMOVED = "changes_request_removed"
    THREAD_RESOLVED = "thread_resolved"
    THREAD_REOPENED = "thread_reopened"
    COMMENTED = "commented"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    MERGED = "merged"
    DECLINED = "declined"
    SUPERSEDED = "superseded"


class EventFacts(Struct, frozen=True, gc=False):
    """One thing that happened. ``actor`` is an account UUID, or None where Bitbucket no longer says who it was."""

    kind: EventKind
    at: datetime
    actor: str | None = None
    commit: str | None = None
    """The head that a push left behind."""


class ReviewState(StrEnum):
    """``participant.state``."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"


class ParticipantFacts(Struct, frozen=True, kw_only=True, gc=False):
    """One account's part in a pull request as Bitbucket says it now.

    ``participated_at`` is ``participated_on``: the time of the approval, else of the last comment.
    """

    account: str
    is_reviewer: bool = False
    state: ReviewState | None = None
    participated_at: datetime | None = None


class FileStatus(StrEnum):
    """``diffstat.status``."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"


class FileChange(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a diffstat. ``old_path`` is set for a rename; lines are 0 for a binary file."""

    path: str
    old_path: str | None = None
    status: FileStatus = FileStatus.MODIFIED
    lines_added: int = 0
    lines_removed: int = 0


class BuildState(StrEnum):
    """``commitstatus.state``."""

    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    INPROGRESS = "INPROGRESS"
    STOPPED = "STOPPED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to be expected."""
        return self is not BuildState.INPROGRESS


class BuildFacts(Struct, frozen=True, kw_only=True, gc=False):
    """What a build key said of a commit at one time.

    A key that is reported again (a second run) gives a second row where we saw it, and only the last where we did not.
    ``created_at`` is the status's ``created_on``; ``at`` its ``updated_on`` when it said this.
    """

    commit: str
    key: str
    state: BuildState
    created_at: datetime
    at: datetime
    was_seen_running: bool = False
    """Whether the first report of this run that we know said INPROGRESS."""


class TaskFacts(Struct, frozen=True, kw_only=True, gc=False):
    """A task on a pull request; ``resolved_at`` is None while it is open."""

    id: int
    creator: str | None
    created_at: datetime
    resolved_at: datetime | None = None


class ThreadFacts(Struct, frozen=True, kw_only=True, gc=False):
    """A comment that starts a thread, with its resolution; deleted ones are left out by the storage floor."""

    id: int
    opened_by: str | None
    opened_at: datetime
    resolved_at: datetime | None = None


class PullRequestFacts(Struct, frozen=True, kw_only=True):
    """All that is known of one pull request.

    ``closed_at`` of a merged one is the time of ``pullrequest:fulfilled``; for one from the backfill
    ``merge_commit.date``, then the MERGED entry of the activity log; never ``updated_on``, which late comments move.
    ``first_commit_at`` is the earliest author date among its commits. ``events`` may come in any order.
    """

    id: int
    author: str | None
    created_at: datetime
    title: str = ""
    state: PullRequestState = PullRequestState.OPEN
    closed_at: datetime | None = None
    closed_by: str | None = None
    is_draft: bool = False
    is_draft_history_known: bool = True
    """False for one from before we watched, where Bitbucket does not say when it became ready."""
    is_activity_known: bool = True
    """False until its activity log has been read: then approvals are known from participants, comments are not."""
    source_branch: str = ""
    is_from_fork: bool = False
    destination_branch: str = ""
    head: str | None = None
    """The source commit; once merged, the one that was merged."""
    merge_commit: str | None = None
    first_commit_at: datetime | None = None
    commits: tuple[str, ...] = ()
    events: tuple[EventFacts, ...] = ()
    participants: tuple[ParticipantFacts, ...] = ()
    files: tuple[FileChange, ...] | None = None
    """None until its diffstat has been read."""
    builds: tuple[BuildFacts, ...] = ()
    """The statuses of ``head``."""
    tasks: tuple[TaskFacts, ...] = ()
    threads: tuple[ThreadFacts, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is open now."""
        return self.state is PullRequestState.OPEN
