"""The columns that the tables of history have in common."""

from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import storable

HASH_LENGTH: Final = 40
SHORT_HASH_LENGTH: Final = 12
"""Bitbucket cuts the hashes that pull requests tell to so many digits."""

BRANCH_LENGTH: Final = 255

PATH_LENGTH: Final = 600
"""In characters. PostgreSQL cannot index a value of more than 2,704 bytes, and a character may have four."""

EMAIL_IDENTITY_LENGTH: Final = 326
"""`email:` and the longest address."""

BigNumber: Final = BigInteger().with_variant(Integer, "sqlite")

PERSON: Final = {"refers_to": "people"}
"""What columns say of themselves that hold the row id of a person: a report about somebody finds them by it."""


def repository_column() -> Mapped[int]:
    """Whose history it is. Every unique key begins with it, so that it needs no index of its own."""
    return mapped_column(ForeignKey("repositories.id"))


def person_column() -> Mapped[int | None]:
    """A row of `people`; None where nobody knows who.

    No foreign key on purpose: to delete a person, the database would look for them in every column of every table.
    People go last in a purge, when no row of their installation is left that could name them.
    """
    return mapped_column(BigNumber, info=PERSON)


def kept(text: str, *, length: int) -> str:
    """Text as a column of this length keeps it: otherwise what is told twice would differ from what is held for ever."""
    return storable(text)[:length]
