"""What a view of each panel costs where many others are held beside it: repositories of the same workspace, or installations.

    python -m bench.tenants [--counts 1 100 10000] [--of installations repositories] [--views 100] [--postgres]

The repository that is looked at has 1,000 pull requests. Each of the others is small, with twelve pull requests and all that
belongs to them: 10,000 of them make two million rows. They are copies of one (`bench.chapters`), with a workspace and people of
their own where installations are counted. Measured as in `bench.panels`. One JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, cast, func, literal, text

from bench.chapters import Copying, counting_to
from bench.databases import emptied
from bench.history import Shape, fill
from bench.panels import NOW, PANELS, SHAPES, Bench, benches, repository_facts, say
from connect.lifecycle import Installed, Principal, PrincipalKind
from models import installations, repositories
from models.history.people import Person
from models.installations import Installation, Offer
from models.repositories import Repository
from models.tables import Base

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement
    from sqlalchemy.orm import Session

    from services import Services

SMALL: Final = Shape(pull_requests=12, open=3, span=timedelta(days=90), people=4, delivery_days=2)
COUNTS: Final = (1, 100, 10_000)
KINDS: Final = ("installations", "repositories")
_FIRST_DIGITS: Final = 20_000_000
OTHER: Final = "{cccccccc-0000-4000-8000-000000000001}"


def add_others(services: Services, kind: str, count: int) -> None:
    """Put others beside the repository that is looked at, until there are so many."""
    if count < 2:
        return
    with services.sessions.begin() as session:
        if services.engine.dialect.name == "postgresql":
            # Millions of rows in one statement: more than any of the service's own may take.
            session.execute(text("SET LOCAL statement_timeout = 0"))
        small = _one_more(session, services, kind)
        if count > 2:
            _copy(session, small, kind, count - 2)


def _one_more(session: Session, services: Services, kind: str) -> Repository:
    installation = installations.by_client_key(session, "bench-client-key")
    assert installation is not None, "it was installed"
    if kind == "installations":
        principal = Principal(OTHER, PrincipalKind.WORKSPACE, display_name="Other", slug="other")
        offer = Offer(Installed("other-0", "bittern", principal, shared_secret="s" * 43), "s" * 43, 1_000)
        row = installations.lock(session, "other-0")
        installation = installations.accept(session, offer, installation=row, box=services.secret_box, now=NOW)
    small, _ = repositories.record(session, installation, repository_facts(OTHER), as_of=NOW, now=NOW)
    fill(session, small, SMALL, now=NOW)
    session.flush()
    return small


def _copy(session: Session, small: Repository, kind: str, times: int) -> None:
    """Copy a repository, and where installations are counted what it belongs to, with all its rows."""
    copies = counting_to(times)
    has_own_installation = kind == "installations"

    def value(column: Column[Any]) -> ColumnElement[Any]:
        is_shifted = column.name in {"id", "repository_id"} or (
            column.name == "installation_id" and has_own_installation
        )
        if is_shifted:
            return column + copies.c.copy
        if column.name == "client_key":
            return column.concat(cast(copies.c.copy, String))
        if column.name == "uuid" and column.table is Repository.__table__:
            # The first eight digits are the copy's number: a UUID stays as long as it was, as PostgreSQL insists.
            return literal("{").concat(cast(copies.c.copy + _FIRST_DIGITS, String)).concat(func.substr(column, 10))
        return column

    copying = Copying(session, copies, value)
    if has_own_installation:
        copying.insert(Installation, Installation.id == small.installation_id, with_id=True)
        copying.insert(Person, Person.installation_id == small.installation_id)
    copying.insert(Repository, Repository.id == small.id, with_id=True)
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__name__):
        table = mapper.class_.__table__
        if "repository_id" in table.c:
            copying.insert(mapper.class_, table.c.repository_id == small.id)


def report(counts: list[int], *, kinds: list[str], views: int, is_postgres: bool) -> dict[str, Any]:
    """Return all measurements, by kind, panel and count."""
    found: dict[str, Any] = {kind: {panel: {} for panel in PANELS} for kind in kinds}
    for kind in kinds:
        for count in counts:
            with emptied(is_postgres=is_postgres) as url, benches(SHAPES[1_000], url) as bench:
                add_others(bench.services, kind, count)
                bench.analyse()
                _measure(bench, found[kind], count, views)
                say(f"{count} {kind}: {json.dumps({panel: found[kind][panel][count] for panel in PANELS})}")
    return found


def _measure(bench: Bench, found: dict[str, Any], count: int, views: int) -> None:
    for panel in PANELS:
        found[panel][count] = bench.measure(panel, views)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS))
    parser.add_argument("--of", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--views", type=int, default=100)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server that is started for it")
    chosen = parser.parse_args()
    print(json.dumps(report(chosen.counts, kinds=chosen.of, views=chosen.views, is_postgres=chosen.postgres), indent=2))


if __name__ == "__main__":
    main()
    sys.exit(0)
