"""The rows of a history without what depends on the order in which it was told: row ids, and notes on our own work."""

from __future__ import annotations

from sqlalchemy import select

from models.history.deletion import HISTORY_TABLES
from models.history.people import Person
from models.repositories import Repository

# Versions count our transactions, follow-ups are about when somebody asks for what.
OWN_NOTES = {"id", "repository_id", "installation_id", "version", "first_seen_at_by_us"}
OWN_TABLES = {"follow_ups"}


def rows_as_told(session, installation):
    """Every row of the installation's history, by table, as a set."""
    people = dict(session.execute(select(Person.id, Person.uuid)).all())
    told = {"people": _rows(session, Person, people), "repositories": _repositories(session, installation)}
    for table in HISTORY_TABLES:
        if table.__tablename__ not in OWN_TABLES:
            told[table.__tablename__] = _rows(session, table, people)
    return told


def _rows(session, table, people):
    columns = [column for column in table.__table__.c if column.name not in OWN_NOTES]
    rows = session.execute(select(*columns)).mappings()
    return {
        tuple(
            (name, people[value] if name.endswith("_id") and isinstance(value, int) else value)
            for name, value in row.items()
        )
        for row in rows
    }


def _repositories(session, installation):
    # What it is called is asked of the API: a body that names a repository differently only makes the question.
    names = ("uuid", "main_branch", "state", "facts_at")
    columns = [Repository.__table__.c[name] for name in names]
    return set(session.execute(select(*columns).where(Repository.installation_id == installation.id)).all())
