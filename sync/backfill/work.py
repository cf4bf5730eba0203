"""What a step of a backfill is given, and what it brings back. A step asks Bitbucket and writes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from bitbucket.client import BitbucketClient
from bitbucket.errors import (
    BadRequest,
    BitbucketError,
    Conflict,
    NotYetReady,
    Refused,
    ServerFault,
    TimedOut,
    TimedOutThere,
    UnexpectedRedirect,
    Unusable,
)
from models.repositories import Repository
from sync.backfill.cursor import Cursor
from sync.errors import RepositoryGone
from sync.history.projection import Projection
from sync.whereabouts import NOT_THERE

if TYPE_CHECKING:
    from models.backfill_stages import Stage

log = structlog.get_logger()

_T = TypeVar("_T")

_FINAL: Final = (*NOT_THERE, BadRequest, Conflict, Refused, UnexpectedRedirect)
"""The same call brings the same answer."""

_STUBBORN: Final = (TimedOutThere, TimedOut, ServerFault, Unusable, NotYetReady)
MOST_TRIES: Final = 4
"""After so many tries that one and the same thing has cost, the others come first."""

Record = Callable[[Projection], None]
"""Writes what was read into an open history."""


@dataclass(frozen=True, slots=True)
class Work:
    """One page that was claimed: whose, where in which stage, and how to ask for it."""

    client: BitbucketClient = field(repr=False)
    readers: sessionmaker[Session] = field(repr=False)
    repository: Repository
    stage: "Stage"
    cursor: Cursor
    since: datetime
    now: datetime
    """The moment before the first request: what comes was true then, or later."""
    is_still_there: Callable[[], bool] = field(repr=False)
    """Asks whether the repository itself is there: what is absent may be all of it."""
    attempts: int = 1

    @property
    def address(self) -> tuple[str, str]:
        """The repository, as the calls want it."""
        return self.repository.workspace_uuid, self.repository.uuid

    def asked(self, read: Callable[[], _T], **about: object) -> _T | None:
        """What a call brings; None where the thing itself cannot be had, and the backfill goes on without it.

        Raises what is not about the thing: whatever passes, and what the whole repository is refused with.
        """
        try:
            return read()
        except _FINAL as error:
            if isinstance(error, NOT_THERE) and not self.is_still_there():
                raise RepositoryGone from error
            self._say_skipped(error, about)
        except _STUBBORN as error:
            if self.attempts < MOST_TRIES:
                raise
            self._say_skipped(error, about)
        return None

    def _say_skipped(self, error: BitbucketError, about: dict[str, object]) -> None:
        log.warning(
            "backfill.skipped",
            repository=self.repository.id,
            stage=self.stage,
            reason=error.reason,
            error=str(error),
            **about,
        )


@dataclass(frozen=True, slots=True)
class Read:
    """What a step has brought. Without a cursor the stage is at its end, and the next one begins where `hands_on` says."""

    record: Record | None = field(default=None, repr=False)
    """None where nothing was asked for, or what was asked for is to be had no more."""
    cursor: Cursor | None = None
    hands_on: Cursor = field(default_factory=Cursor)
    is_skipped: bool = False
    """Something was asked for, and is not to be had."""
    open_total: int | None = None
    closed_total: int | None = None

    @property
    def asked_nothing(self) -> bool:
        """Whether no call was made, so that the step after it can follow at once."""
        return self.record is None and not self.is_skipped


Step = Callable[[Work], Read]
"""Reads the next page, or the next thing, of a stage."""
