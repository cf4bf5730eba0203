"""Presence: until when somebody was here to take webhooks in, and since when nobody was. One row, about all tenants.

What Bitbucket tells while nobody is here is told three times at once, and is lost then. Whoever comes back cannot know what it
was, but can know that there was such a time.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, row_id_column
from models.dialects import changed_rows, insert_unless_there

WEB: Final = "web"


class Presence(Base):
    """When a place was last seen attended."""

    __tablename__ = "presences"

    id: Mapped[int] = row_id_column()
    place: Mapped[str] = mapped_column(String(16), unique=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    away_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The beginning of an absence that nobody has made up for; None where there is none."""


def seen_at(session: Session) -> datetime | None:
    """When somebody was last here; None where nobody ever was."""
    return session.scalar(select(Presence.seen_at).where(Presence.place == WEB))


def note(session: Session, *, now: datetime, absence: timedelta) -> timedelta | None:
    """Somebody is here now. Returns how long nobody was, where that was an absence: it is kept until somebody makes up for it."""
    session.execute(insert_unless_there(session, Presence, {"place": WEB, "seen_at": now}, key=("place",)))
    row = session.scalars(
        select(Presence).where(Presence.place == WEB).with_for_update().execution_options(populate_existing=True)
    ).one()
    seen, row.seen_at = row.seen_at, now
    if now - seen < absence:
        return None
    row.away_since = row.away_since or seen
    return now - seen


def away_since(session: Session) -> datetime | None:
    """Since when nobody was here, in an absence that nobody has made up for."""
    return session.scalar(select(Presence.away_since).where(Presence.place == WEB))


def make_up(session: Session, since: datetime) -> bool:
    """Take it on to make up for an absence, in the transaction that does it. False where others have."""
    one = update(Presence).where(Presence.place == WEB, Presence.away_since == since)
    return changed_rows(session, one.values(away_since=None)) == 1
