"""One row in every table that belongs to an installation, made from the schema: for tests of what goes and what is handed out."""

from __future__ import annotations

from sqlalchemy import Boolean, DateTime, Enum, Integer, TypeDecorator, insert, select

from models import repositories
from models.history.columns import PERSON
from models.history.deletion import HISTORY_TABLES
from models.history.people import Account, record
from models.installations import Installation
from models.purges import OWNED_TABLES
from models.repositories import Repository, RepositoryFacts
from tests.tenants import NOON


def fill_every_table(session, installation, repository_uuid, workspace_uuid, *, mark):
    """A row of the installation in each table, with `mark` in its texts. Returns the repository."""
    facts = RepositoryFacts(repository_uuid, workspace_uuid=workspace_uuid, full_name=f"{mark}/repository", name=mark)
    repository, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    people = record(session, repository, [Account(uuid=f"{{{mark}}}", display_name=mark)], as_of=NOON)
    references = {
        "installations": installation.id,
        "repositories": repository.id,
        "people": next(iter(people.values())),
    }
    filled = {Repository.__tablename__, "people"}
    for table in dict.fromkeys((*OWNED_TABLES, *HISTORY_TABLES)):
        if table.__tablename__ not in filled:
            session.execute(insert(table).values(values_of(table.__table__, references, repository_uuid, mark)))
    session.flush()
    return repository


def values_of(table, references, repository_uuid, mark):
    values = {}
    for column in table.columns:
        if column.primary_key:
            continue
        if column.foreign_keys:
            (key,) = column.foreign_keys
            values[column.name] = references[key.column.table.name]
        elif column.info == PERSON:
            values[column.name] = references.get("people", 1)
        elif column.name == "repository_uuid":
            values[column.name] = repository_uuid
        else:
            values[column.name] = value_of(column.type, mark)
    return values


def value_of(kind, mark):
    if isinstance(kind, Enum):
        return kind.python_type(kind.enums[0])
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if isinstance(plain, Boolean):
        return False
    if isinstance(plain, Integer):
        return 1
    if isinstance(plain, DateTime):
        return NOON
    length = getattr(plain, "length", None)
    return mark[:length] if length else mark


def count_of(session, table, installation):
    """How many rows of an installation a table has."""
    columns = table.__table__.c
    rows = select(columns.id)
    if table is Installation:
        rows = rows.where(columns.id == installation.id)
    elif "installation_id" in columns:
        rows = rows.where(columns.installation_id == installation.id)
    else:
        ours = select(Repository.id).where(Repository.installation_id == installation.id)
        rows = rows.where(columns.repository_id.in_(ours))
    return len(session.scalars(rows).all())
