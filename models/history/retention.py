"""Deleting what is too old to be kept: closed pull requests with all that belongs to them, and what builds and deployments said.

Commits and branches stay: they are small, and what reaches what is worked out from all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from insights.facts.pull_requests import PullRequestState
from models.base import Base
from models.dialects import changed_rows
from models.history.build_reports import BuildReport
from models.history.comments import Comment
from models.history.deployments import Deployment
from models.history.events import PullRequestEvent
from models.history.files import PullRequestFile
from models.history.measurements import MeasuredPullRequest
from models.history.participants import Participant
from models.history.pull_request_commits import PullRequestCommit
from models.history.pull_requests import PullRequest
from models.history.ref_moves import RefMove
from models.history.sightings import Sighting
from models.history.tasks import Task
from models.repositories import Repository, RepositoryState

# Every column that names a pull request. A test compares this with the schema.
OF_PULL_REQUESTS: Final[Sequence[InstrumentedAttribute[int]]] = (
    Sighting.pull_request,
    PullRequestEvent.pull_request,
    Participant.pull_request,
    Comment.pull_request,
    Task.pull_request,
    PullRequestFile.pull_request,
    PullRequestCommit.pull_request,
    MeasuredPullRequest.number,
    PullRequest.number,
)

_TOLD_ONCE: Final[Sequence[tuple[type[Base], InstrumentedAttribute[datetime]]]] = (
    (BuildReport, BuildReport.at),
    (Deployment, Deployment.completed_at),
    (RefMove, RefMove.at),
)


def closed_before(session: Session, repository: Repository, moment: datetime, *, at_most: int) -> Sequence[int]:
    """The numbers of pull requests that were closed before a moment, the longest closed first."""
    rows = select(PullRequest.number).where(
        PullRequest.repository_id == repository.id,
        PullRequest.state != PullRequestState.OPEN,
        PullRequest.closed_at < moment,
    )
    return session.scalars(rows.order_by(PullRequest.closed_at, PullRequest.number).limit(at_most)).all()


def delete_pull_requests(session: Session, repository: Repository, numbers: Collection[int]) -> int:
    """Delete pull requests and all that belongs to them. Returns how many rows that were."""
    deleted = 0
    for column in OF_PULL_REQUESTS:
        columns = column.class_.__table__.c
        rows = delete(column.class_).where(columns.repository_id == repository.id, column.in_(sorted(numbers)))
        deleted += changed_rows(session, rows)
    return deleted


def delete_told_before(session: Session, repository: Repository, moment: datetime, *, at_most: int) -> int:
    """Delete some of what builds, deployments and pushes said before a moment. Returns how many rows; 0 when none is left."""
    for table, told_at in _TOLD_ONCE:
        columns = table.__table__.c
        some = select(columns.id).where(columns.repository_id == repository.id, told_at < moment).limit(at_most)
        deleted = changed_rows(session, delete(table).where(columns.id.in_(some)))
        if deleted:
            return deleted
    return 0


def gone_before(session: Session, moment: datetime) -> Repository | None:
    """A repository that has been gone since before a moment, and of which something is still kept."""
    rows = select(Repository).where(Repository.state == RepositoryState.GONE, Repository.gone_at < moment)
    return session.scalar(rows.order_by(Repository.gone_at, Repository.id).limit(1))


def forget_name(repository: Repository) -> None:
    """Leave of a repository that is gone what keeps an older event from bringing it to life: its UUID, and when."""
    repository.gone_at = None
    repository.slug = repository.name = repository.full_name = repository.main_branch = None
