"""Deleting histories, in small batches: of a purged installation's repositories, or of one that is gone."""

from typing import Final

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from models.backfills import Backfill
from models.base import Base
from models.dialects import changed_rows
from models.history.branch_comparisons import BranchComparison
from models.history.build_reports import BuildReport
from models.history.code_owner_files import CodeOwnerFile
from models.history.comments import Comment
from models.history.commit_files import CommitFile
from models.history.commits import Commit
from models.history.deployments import Deployment
from models.history.events import PullRequestEvent
from models.history.file_histories import FileHistory
from models.history.files import PullRequestFile
from models.history.follow_ups import FollowUp
from models.history.measurements import MeasuredPullRequest
from models.history.measurings import Measuring
from models.history.nights import NightlyFigures
from models.history.participants import Participant
from models.history.pull_request_commits import PullRequestCommit
from models.history.pull_requests import PullRequest
from models.history.ref_moves import RefMove
from models.history.refs import Ref
from models.history.sightings import Sighting
from models.history.tasks import Task
from models.reconciles import Reconcile
from models.repositories import Repository

# Every table with rows of a repository. A test compares this with the schema.
HISTORY_TABLES: Final[tuple[type[Base], ...]] = (
    NightlyFigures,
    Measuring,
    MeasuredPullRequest,
    FollowUp,
    Reconcile,
    Backfill,
    Sighting,
    PullRequestEvent,
    Participant,
    Comment,
    Task,
    PullRequestFile,
    PullRequestCommit,
    PullRequest,
    BuildReport,
    CommitFile,
    Commit,
    Deployment,
    RefMove,
    Ref,
    BranchComparison,
    FileHistory,
    CodeOwnerFile,
)


def delete_batch(session: Session, repositories: Select[int], *, at_most: int) -> int:
    """Delete some rows of the history of some repositories, given by their row ids. Returns how many; 0 when none is left."""
    for table in HISTORY_TABLES:
        columns = table.__table__.c
        some = select(columns.id).where(columns.repository_id.in_(repositories)).limit(at_most)
        deleted = changed_rows(session, delete(table).where(columns.id.in_(some)))
        if deleted and table is Backfill:
            _note_unread(session, repositories)
        if deleted:
            return deleted
    return 0


def _note_unread(session: Session, repositories: Select[int]) -> None:
    """Where it is collected again, the history has to be asked for again."""
    asked = update(Repository).where(Repository.id.in_(repositories), Repository.history_asked_at.is_not(None))
    changed_rows(session, asked.values(history_asked_at=None))


def of_repository(repository: Repository) -> Select[int]:
    """The one repository, for `delete_batch`."""
    return select(Repository.id).where(Repository.id == repository.id)


def of_installation(installation_id: int) -> Select[int]:
    """Every repository of an installation, for `delete_batch`."""
    return select(Repository.id).where(Repository.installation_id == installation_id)
