"""Which installations have rows of a kind, found by leaps through an index: the cost is that of those who have some.

The index begins with the installation and holds the rows of that kind only. However many tenants there are that have none, and however
many rows one has, each step is one look into the index.
"""

from typing import Any

from sqlalchemy import CTE, CompoundSelect, func, select, union
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement


def installations_with(column: InstrumentedAttribute[int], kind: ColumnElement[bool], *, name: str) -> CTE:
    """The installations in this column of rows of a kind, as `id`; one row of it is NULL, and matches nothing."""
    found: Any = select(func.min(column).label("id")).where(kind).cte(name, recursive=True)
    after = select(func.min(column)).where(kind, column > found.c.id)
    leaps: CTE = found.union_all(select(after.scalar_subquery()).where(found.c.id.is_not(None)))
    return leaps


def installations_with_any(*kinds: tuple[Any, ColumnElement[bool]]) -> CompoundSelect[int]:
    """The installations that have rows of any of these kinds, each a table with its condition."""
    found = (
        installations_with(table.installation_id, kind, name=f"with_{table.__tablename__}") for table, kind in kinds
    )
    return union(*(select(one.c.id).where(one.c.id.is_not(None)) for one in found))
