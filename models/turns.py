"""Turns: what one worker does for all of them, such as the sweep, or the night of one repository.

Without them every worker would do it, and each further machine would make all of them slower. A turn is taken for a time and ends
by itself, so a worker that is killed leaves nothing behind. Nothing depends on there being only one: what is done twice is done
in vain, and does no harm.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, delete, not_, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from models.base import Base, UtcDateTime, row_id_column
from models.dialects import changed_rows, insert_into

NAME_LENGTH: Final = 64


class Turn(Base):
    """Until when something is somebody's."""

    __tablename__ = "turns"

    id: Mapped[int] = row_id_column()
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    taken_until: Mapped[datetime] = mapped_column(UtcDateTime)


def is_taken(session: Session, name: str, *, now: datetime, lasts: timedelta) -> bool:
    """Whether somebody has the turn. Asked first, since it locks nothing."""
    return session.scalar(select(Turn.id).where(Turn.name == name, _is_under_way(now, lasts))) is not None


def take(session: Session, name: str, *, now: datetime, lasts: timedelta) -> bool:
    """Take the turn for so long, unless somebody has it. Commit before the work begins."""
    insert = insert_into(session, Turn).values(name=name, taken_until=now + lasts)
    taken = insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"taken_until": insert.excluded.taken_until},
        where=not_(_is_under_way(now, lasts)),
    )
    return session.scalar(taken.returning(Turn.__table__.c.id)) is not None


def give_up(session: Session, name: str) -> None:
    """End a turn before its time."""
    changed_rows(session, delete(Turn).where(Turn.name == name))


def _is_under_way(now: datetime, lasts: timedelta) -> ColumnElement[bool]:
    # One that ends later than any can was taken before a clock was put back.
    return (Turn.taken_until > now) & (Turn.taken_until <= now + lasts)
