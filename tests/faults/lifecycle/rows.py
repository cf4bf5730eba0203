"""All rows of a database, by whose they are: what one step may change is one tenant's, and no other's."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.tables import Base
from tests.faults.lifecycle.neighbours import NEIGHBOURS

# Parents first, so that whose a row is can be told from its parent.
OF_NOBODY = {"presences"}
TABLES = [table.name for table in Base.metadata.sorted_tables if table.name not in OF_NOBODY]


@dataclass
class Rows:
    """The rows of each table, as dictionaries of columns, under the name of their owner."""

    of: dict[str, dict[str, list[dict]]] = field(default_factory=dict)

    def own(self, neighbour, table):
        return self.of.get(neighbour.name, {}).get(table, [])

    def installation(self, neighbour):
        found = self.own(neighbour, "installations")
        return found[0] if found else None

    def secret(self, neighbour, box):
        return box.open(self.installation(neighbour)["sealed_secret"], context=neighbour.client_key)

    def changed_since(self, before):
        """The names of those of whom any row is another one."""
        return {name for name in self.of.keys() | before.of.keys() if self.of.get(name) != before.of.get(name)}


def rows_in(engine) -> Rows:
    """Read past everything that could leave rows of others out: straight from the driver."""
    rows, by_key = Rows(), {one.client_key: one.name for one in NEIGHBOURS}
    of_installation, of_repository = {}, {}
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for table in TABLES:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')  # noqa: S608 -- the names are the schema's
            columns = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                row = dict(zip(columns, values, strict=True))
                owner = _owner(row, by_key, of_installation, of_repository)
                if table == "installations":
                    of_installation[row["id"]] = owner
                elif table == "repositories":
                    of_repository[row["id"]] = owner
                rows.of.setdefault(owner, {}).setdefault(table, []).append(row)
        cursor.close()
    finally:
        connection.close()
    return rows


def _owner(row, by_key, of_installation, of_repository):
    if "client_key" in row:
        return by_key[row["client_key"]]
    if row.get("installation_id") is not None:
        return of_installation[row["installation_id"]]
    return of_repository[row["repository_id"]]
