"""The facts that insights judge: what a repository looks like at one moment, whoever told us. No judgement lives here.

Words are Bitbucket's: account, participant, pull request, commit status. Times are aware and UTC.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody or something that acts in Bitbucket; ``kind`` is Bitbucket's ``type`` (``user``, ``team``, ``AppUser`` …)."""

    uuid: str
    display_name: str
    kind: str = "user"
    nickname: str = ""
    avatar_url: str | None = None


class ReviewState(StrEnum):
    """What a participant last said of a pull request, as Bitbucket's ``participant.state`` spells it."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"


@dataclass(frozen=True, slots=True)
class Participant:
    """One account's part in a pull request.

    ``participated_at`` is Bitbucket's ``participated_on``: the time of the approval for an approver, otherwise of the
    account's last comment, ``None`` for a reviewer who has not said anything yet.
    """

    account: Account
    is_reviewer: bool
    state: ReviewState | None = None
    participated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenPullRequest:
    """A pull request that is open now."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    author: Account | None = None
    is_draft: bool = False
    source_branch: str = ""
    destination_branch: str = ""
    comment_count: int = 0
    participants: tuple[Participant, ...] = ()
    url: str = ""


class BuildState(StrEnum):
    """The state of one commit status, as Bitbucket spells it."""

    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    INPROGRESS = "INPROGRESS"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class Build:
    """One commit status: the newest report of a build system under its key."""

    key: str
    state: BuildState
    updated_at: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class BranchTip:
    """A branch and the commit that it points to."""

    name: str
    commit_hash: str
    committed_at: datetime | None = None
    author: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Items of a collection, newest first, and how many the collection holds in all (``total``), seen or not."""

    items: tuple[T, ...]
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether every item of the collection is here."""
        return len(self.items) >= self.total


def listing_of(items: Collection[T]) -> Listing[T]:
    """Return the listing of a collection that is wholly known."""
    return Listing(items=tuple(items), total=len(items))
