"""What is worked out at night of each repository: too much work for a view, and no worse for being some hours old.

One row a repository. It says when and with which version of the settings it was made; one of older settings counts as none.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import String, Text, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from connect.lifecycle import InstallationState
from insights.deployments.delivery import Failures, WeekOfDeployments
from insights.flow.forecast_honesty import Honesty
from insights.flow.headline import Changes
from insights.flow.punch_card import PunchCard
from insights.result import Result
from insights.settings import ClockKind
from insights.statistics.percentiles import Spread
from models.base import Base, UtcDateTime, row_id_column
from models.dialects import upsert
from models.history.columns import repository_column
from models.installations import Installation
from models.repositories import Repository, RepositoryState
from models.workspace_settings import FIRST_VERSION, SettingsOfWorkspace

FORM_LENGTH: Final = 16
FORM: Final = "1"
"""Names the members below: a row of another form counts as none."""

EVERY: Final = timedelta(hours=24)
NEW_FOR: Final = timedelta(days=2)
EVERY_WHILE_NEW: Final = timedelta(minutes=10)


class NightlyFigures(Base):
    """The figures of one repository's last night."""

    __tablename__ = "nightly_figures"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    form: Mapped[str] = mapped_column(String(FORM_LENGTH))
    settings_version: Mapped[int] = mapped_column()
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[str] = mapped_column(Text)
    """The figures, as JSON that only this module reads and writes."""

    __table_args__ = (UniqueConstraint("repository_id"),)


class ByClock(Struct, frozen=True, kw_only=True):
    """What depends on how time is measured."""

    changes: Changes
    honesty: Result[Honesty]
    lead: Result[Spread]


class Night(Struct, frozen=True, kw_only=True):
    """Everything that is worked out at night, of the whole repository, without any filter."""

    made_at: datetime
    clocks: Mapping[ClockKind, ByClock]
    commits: Result[PunchCard]
    answers: Result[PunchCard]
    deployments: Result[tuple[WeekOfDeployments, ...]]
    failures: Result[Failures]


_DECODER: Final = msgspec.json.Decoder(Night)


def read(session: Session, repository: Repository, *, settings_version: int) -> Night | None:
    """The figures of the last night; None where there are none for these settings."""
    body = session.scalar(
        select(NightlyFigures.body).where(
            NightlyFigures.repository_id == repository.id,
            NightlyFigures.settings_version == settings_version,
            NightlyFigures.form == FORM,
        )
    )
    return None if body is None else _DECODER.decode(body)


def store(session: Session, repository: Repository, night: Night, *, settings_version: int) -> None:
    """Keep these in the place of those of the night before."""
    row = {
        "repository_id": repository.id,
        "form": FORM,
        "settings_version": settings_version,
        "made_at": night.made_at,
        "body": msgspec.json.encode(night).decode(),
    }
    upsert(session, NightlyFigures, [row], key=("repository_id",))


def due(session: Session, *, now: datetime, at_most: int, of: int | None = None) -> Sequence[int]:
    """The row ids of repositories whose figures are a day old, of other settings, or not there.

    While a repository is new to us its history is still coming in: then its figures follow within minutes. `of` asks about one.
    """
    version = func.coalesce(SettingsOfWorkspace.version, FIRST_VERSION)
    is_coming_in = and_(
        Repository.first_seen_at >= now - NEW_FOR,
        Repository.updated_at > NightlyFigures.made_at,
        NightlyFigures.made_at < now - EVERY_WHILE_NEW,
    )
    is_out_of_date = or_(
        NightlyFigures.id.is_(None),
        NightlyFigures.made_at < now - EVERY,
        is_coming_in,
        NightlyFigures.settings_version != version,
        NightlyFigures.form != FORM,
    )
    rows = (
        select(Repository.id)
        .join(Installation, Installation.id == Repository.installation_id)
        .outerjoin(SettingsOfWorkspace, SettingsOfWorkspace.installation_id == Repository.installation_id)
        .outerjoin(NightlyFigures, NightlyFigures.repository_id == Repository.id)
        .where(Repository.state == RepositoryState.HELD, Installation.state == InstallationState.ACTIVE, is_out_of_date)
    )
    if of is not None:
        rows = rows.where(Repository.id == of)
    # Those that have none first, then the oldest.
    order = (NightlyFigures.made_at.is_not(None), NightlyFigures.made_at, Repository.id)
    return session.scalars(rows.order_by(*order).limit(at_most)).all()
