"""Which settings each repository's pull requests are measured with: one row a repository, and work where that is out of date.

What a webhook or the backfill changes is measured as it is written. When the settings change, all of it has to be: these rows
say where, and lease it to one worker at a time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import Select, String, UniqueConstraint, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from connect.lifecycle import InstallationState
from insights.pull_requests import measurement
from models.base import Base, Leased, OutsideText, row_id_column
from models.dialects import changed_rows, insert_unless_there
from models.history.columns import BRANCH_LENGTH, repository_column
from models.history.measurements import BASIS_LENGTH
from models.installations import Installation
from models.repositories import Repository, RepositoryState
from models.workspace_settings import FIRST_VERSION, SettingsOfWorkspace

NO_BRANCH: Final = ""


class Measuring(Leased, Base):
    """The way in which one repository's pull requests were all measured last."""

    __tablename__ = "measurings"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    basis: Mapped[str] = mapped_column(String(BASIS_LENGTH))
    settings_version: Mapped[int] = mapped_column()
    main_branch: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    code_version: Mapped[int] = mapped_column()
    """`insights.pull_requests.measurement.VERSION`."""

    __table_args__ = (UniqueConstraint("repository_id"),)


def ensure(session: Session, repository: Repository, *, basis: str, settings_version: int) -> None:
    """Note how a repository's first pull requests are measured. Where that is noted already, nothing changes."""
    values = {"repository_id": repository.id, **_way(repository, basis=basis, settings_version=settings_version)}
    session.execute(insert_unless_there(session, Measuring, values, key=("repository_id",)))


def claim(session: Session, repository_id: int, *, now: datetime, lease: timedelta) -> str | None:
    """Take the repository that has to be measured anew. Returns the claim; None where it need not be, or is taken."""
    owner = uuid4().hex
    ours = update(Measuring).where(
        Measuring.repository_id == repository_id,
        Measuring.id.in_(_due(select(Measuring.id), now)),
        Measuring.is_free_at(now),
    )
    taken = changed_rows(session, ours.values(lease_owner=owner, lease_until=now + lease)) == 1
    return owner if taken else None


def keep(session: Session, repository: Repository, owner: str, *, until: datetime) -> bool:
    """Renew a claim. False where somebody else has it now."""
    ours = update(Measuring).where(Measuring.repository_id == repository.id, Measuring.lease_owner == owner)
    return changed_rows(session, ours.values(lease_until=until)) == 1


def finish(session: Session, repository: Repository, owner: str, *, basis: str, settings_version: int) -> None:
    """Note that all pull requests are measured so, and give the claim back."""
    ours = update(Measuring).where(Measuring.repository_id == repository.id, Measuring.lease_owner == owner)
    way = _way(repository, basis=basis, settings_version=settings_version)
    changed_rows(session, ours.values(**way, lease_owner=None, lease_until=None))


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of repositories that have to be measured anew and that nobody works at."""
    rows = _due(select(Measuring.repository_id), now)
    return session.scalars(rows.order_by(Measuring.id).limit(at_most)).all()


def basis_of(session: Session, repository: Repository) -> str | None:
    """The basis on which all of its pull requests were measured last; None where nothing was yet."""
    return session.scalar(select(Measuring.basis).where(Measuring.repository_id == repository.id))


def _way(repository: Repository, *, basis: str, settings_version: int) -> dict[str, str | int]:
    return {
        "basis": basis,
        "settings_version": settings_version,
        "main_branch": repository.main_branch or NO_BRANCH,
        "code_version": measurement.VERSION,
    }


def _due(selected: Select[int], now: datetime) -> Select[int]:
    """Of the repositories that are held, those whose pull requests are measured as nobody would measure them today."""
    is_outdated = or_(
        Measuring.settings_version != func.coalesce(SettingsOfWorkspace.version, FIRST_VERSION),
        Measuring.main_branch != func.coalesce(Repository.main_branch, NO_BRANCH),
        Measuring.code_version != measurement.VERSION,
    )
    return (
        selected.join_from(Measuring, Repository, Repository.id == Measuring.repository_id)
        .join(Installation, Installation.id == Repository.installation_id)
        .outerjoin(SettingsOfWorkspace, SettingsOfWorkspace.installation_id == Repository.installation_id)
        .where(Repository.state == RepositoryState.HELD, Installation.state == InstallationState.ACTIVE)
        .where(is_outdated, Measuring.is_free_at(now))
    )
