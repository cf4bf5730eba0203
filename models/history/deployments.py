"""Deployments that have ended, of repositories that use Bitbucket's deployments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.repository import EnvironmentType
from models.base import UUID_LENGTH, Base, OutsideText, UtcDateTime, choice, row_id_column
from models.history.columns import HASH_LENGTH, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

ENVIRONMENT_LENGTH: Final = 255


class Deployment(Base):
    """One commit brought to one environment."""

    __tablename__ = "deployments"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    environment: Mapped[str] = mapped_column(OutsideText(ENVIRONMENT_LENGTH))
    environment_type: Mapped[EnvironmentType] = mapped_column(choice(EnvironmentType))
    commit: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    was_successful: Mapped[bool] = mapped_column()
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    """When this was true."""

    __table_args__ = (
        UniqueConstraint("repository_id", "uuid"),
        Index(None, "repository_id", "completed_at"),
    )


class DeploymentRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    uuid: str
    environment: str
    environment_type: EnvironmentType
    commit: str
    completed_at: datetime
    was_successful: bool
    as_of: datetime

    def is_news_after(self, held: "DeploymentRow") -> bool:
        """Whether it was read later than another, and says something else."""
        return self.as_of > held.as_of and replace(self, as_of=held.as_of) != held


_COLUMNS = columns_of(Deployment, DeploymentRow)


def held(session: Session, repository: Repository, uuids: Collection[str]) -> Mapping[str, DeploymentRow]:
    """The rows of some deployments, by uuid."""
    return {
        row.uuid: row for row in read(session, DeploymentRow, _of(repository).where(Deployment.uuid.in_(sorted(uuids))))
    }


def since(session: Session, repository: Repository, start: datetime) -> list[DeploymentRow]:
    """Every deployment that ended from a moment on, the oldest first."""
    ended = _of(repository).where(Deployment.completed_at >= start)
    return read(session, DeploymentRow, ended.order_by(Deployment.completed_at, Deployment.uuid))


def any_known(session: Session, repository: Repository) -> bool:
    """Whether the repository is known to use deployments at all."""
    return session.scalar(select(Deployment.id).where(Deployment.repository_id == repository.id).limit(1)) is not None


def store(session: Session, rows: Sequence[DeploymentRow]) -> None:
    """Write rows, new or not."""
    write(session, Deployment, rows, key=("repository_id", "uuid"))


def _of(repository: Repository) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(Deployment.repository_id == repository.id)
