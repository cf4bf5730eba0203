"""What every table is built from: the declarative base, the column types that behave alike on both databases, and leases."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, TypeDecorator, or_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from models.errors import WrongId

CLIENT_KEY_LENGTH: Final = 255
UUID_LENGTH: Final = 38
"""A UUID in braces, as Bitbucket writes it."""

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of all tables. Constraints have names, so that migrations can change them on both databases."""

    metadata = MetaData(naming_convention=_NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite has no zones and keeps it as UTC text, which sorts as time does; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone was about to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class OutsideText(TypeDecorator[str]):
    """Text that somebody else wrote, such as a repository's name: cut to its length, and storable on both databases.

    PostgreSQL refuses U+0000 and text that is too long, SQLite takes both; neither takes lone surrogates. Here both take all.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- the base's signature
        return None if value is None else storable(value)[: self.length]

    @property
    def length(self) -> int | None:
        """The most characters that are kept."""
        length: int | None = getattr(self.impl_instance, "length", None)
        return length


def storable(text: str) -> str:
    """The text with what no database can hold (U+0000, lone surrogates) replaced by U+FFFD."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_storable(text: str, *, length: int) -> bool:
    """Whether a stored value can equal this text. Asked before a lookup, where PostgreSQL would raise instead of finding nothing."""
    return len(text) <= length and storable(text) == text


class Leased:
    """Columns of rows that are work: who does it, until when, and from when on it may be tried again."""

    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def is_free_at(cls, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """Nobody holds a lease that still runs."""
        return or_(cls.lease_until.is_(None), cls.lease_until <= now)

    @classmethod
    def is_due_at(cls, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """The time of the next attempt has come."""
        return cls.next_attempt_at <= now


def row_id_column() -> Mapped[int]:
    """A primary key that the database counts up. SQLite counts in its own INTEGER only."""
    return mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def choice(choices: type[StrEnum], *, length: int = 16) -> Enum:
    """A column type that holds the value of a StrEnum as text, checked by the database."""
    name = choices.__name__.lower()
    return Enum(choices, native_enum=False, length=length, create_constraint=True, values_callable=_values, name=name)


def _values(choices: type[StrEnum]) -> list[str]:
    return [member.value for member in choices]


def checked_row_id(value: object) -> int:
    """A row id, and nothing that a database would take for one: "7", 7.0 and True all find row 7 or row 1. Raises WrongId."""
    if type(value) is not int:
        raise WrongId(f"{type(value).__name__} is no row id: nothing was deleted")
    return value
