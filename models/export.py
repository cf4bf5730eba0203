"""Everything that is kept of one installation, as rows to be handed out: nobody else's, and no secret.

Tables are read in pages by row id, so that a long history is never in memory, and each page asks again whether the
installation is still there: an uninstall stops the reading at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, sessionmaker

from connect.lifecycle import InstallationState
from models.base import Base
from models.history.deletion import HISTORY_TABLES, of_installation
from models.installations import Installation
from models.purges import OWNED_TABLES

ROWS_OF_A_PAGE: Final = 1_000

WITHHELD: Final = frozenset({"sealed_secret", "sealed_previous_secret", "lease_owner", "lease_until"})
"""Secrets, and who works on what: nothing of the workspace's."""


class InstallationEnded(Exception):  # noqa: N818 - named for what happened
    """The installation is not active any more: nothing of it is read on."""


def exported_tables() -> Sequence[type[Base]]:
    """The tables of an export, in their order."""
    # Some belong to an installation and to a repository.
    return tuple(dict.fromkeys((Installation, *OWNED_TABLES, *HISTORY_TABLES)))


def columns_of(table: type[Base]) -> Sequence[ColumnElement[Any]]:
    """The columns of a table that are handed out."""
    return [column for column in table.__table__.columns if column.name not in WITHHELD]


def rows_of(
    readers: sessionmaker[Session], installation_id: int, table: type[Base], *, page: int = ROWS_OF_A_PAGE
) -> Iterator[Mapping[str, Any]]:
    """The installation's rows of one table, oldest first. Raises InstallationEnded."""
    after = 0
    while True:
        with readers() as session:
            _check_active(session, installation_id)
            rows = session.execute(_page(table, installation_id, after=after, at_most=page)).mappings().all()
        yield from (dict(row) for row in rows)
        if len(rows) < page:
            return
        after = rows[-1]["id"]


def _page(table: type[Base], installation_id: int, *, after: int, at_most: int) -> Select[*tuple[Any, ...]]:
    columns = table.__table__.c
    rows = select(*columns_of(table)).where(columns.id > after).order_by(columns.id).limit(at_most)
    if table is Installation:
        return rows.where(columns.id == installation_id)
    if "installation_id" in columns:
        return rows.where(columns.installation_id == installation_id)
    return rows.where(columns.repository_id.in_(of_installation(installation_id)))


def _check_active(session: Session, installation_id: int) -> None:
    state = session.scalar(select(Installation.state).where(Installation.id == installation_id))
    if state is not InstallationState.ACTIVE:
        raise InstallationEnded(f"installation {installation_id} is not active")
