"""Commands about the comparison with Bitbucket: what it found, and having it done now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Column, Table

from cli.ending import fail
from cli.printing import as_json_option, print_json, shown
from cli.starting import found_or_end, services_or_end
from models import censuses, installations, reconciles, repositories
from sync.health import together
from sync.reconcile.at_once import compare_at_once, is_over
from sync.reconcile.census import take_census

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.installations import Installation
    from models.reconciles import Reconcile
    from models.repositories import Repository
    from services import Services


@click.command("reconcile")
@click.argument("client_key", required=False)
@click.option("--repository", "wanted", help="Only this one, by its UUID or by workspace/repository.")
@click.option("--whole", is_flag=True, help="Compare everything, not only what has changed since the last time.")
@click.option("--here", is_flag=True, help="Do it in this process and wait for the end, instead of waking a worker.")
@as_json_option
def reconcile(*, client_key: str | None, wanted: str | None, whole: bool, here: bool, as_json: bool) -> None:
    """Show what the nightly comparison with Bitbucket found; with CLIENT_KEY, have its repositories compared now."""
    made = services_or_end()
    if client_key is None:
        _show(made, as_json=as_json)
        return
    with made.readers() as session:
        installation = found_or_end(installations.by_client_key(session, client_key), client_key)
        chosen = [one for one in repositories.held(session, installation) if wanted in {None, one.uuid, one.full_name}]
    if not chosen and wanted is not None:
        fail(f"{client_key} has no repository {wanted}.")
    if here:
        _compare_here(made, installation, chosen, whole=whole, counts=wanted is None)
    else:
        _wake(made, installation, chosen, whole=whole, counts=wanted is None)
    if as_json:
        _show(made, as_json=True)


def _wake(
    made: Services, installation: Installation, chosen: Sequence[Repository], *, whole: bool, counts: bool
) -> None:
    with made.sessions.begin() as session:
        for one in chosen:
            reconciles.hasten(session, one, now=made.now(), is_whole=whole)
        if counts:
            censuses.hasten(session, installation, at=made.now())
        rows = [row for one in chosen if (row := reconciles.of(session, one)) is not None]
        census = censuses.of(session, installation)
    for row in rows:
        made.wake.reconcile(row.id)
    if counts and census is not None:
        made.wake.census(census.id)
    click.echo(f"{len(rows)} due now.")


def _compare_here(
    made: Services, installation: Installation, chosen: Sequence[Repository], *, whole: bool, counts: bool
) -> None:
    if counts:
        with made.sessions.begin() as session:
            censuses.hasten(session, installation, at=made.now())
            census = censuses.of(session, installation)
        if census is not None:
            take_census(made, census.id)
    for one in chosen:
        with Console(stderr=True).status(f"{one.full_name or one.uuid}") as status:
            for questions in compare_at_once(made, one, is_whole=whole):
                status.update(f"{one.full_name or one.uuid}: {questions} questions open")
        click.echo(_sentence(made, one))


def _sentence(made: Services, repository: Repository) -> str:
    with made.readers() as session:
        row = reconciles.of(session, repository)
    name = repository.full_name or repository.uuid
    if row is None:
        return f"{name}: not compared."
    told = together([row])
    found = ", ".join(f"{count} {kind}" for kind, count in told.found.items()) or "nothing that was not known"
    if is_over(made, repository):
        return f"{name}: compared with {told.calls} calls; found {found}."
    why = f" ({row.error})" if row.error else ""
    return f"{name}: not at its end yet{why}; a worker goes on. So far {told.calls} calls; found {found}."


def _show(made: Services, *, as_json: bool) -> None:
    with made.readers() as session:
        rows = [
            _described(tenant, one, row)
            for tenant in installations.every(session)
            for one in repositories.held(session, tenant)
            if (row := reconciles.of(session, one)) is not None
        ]
    if as_json:
        print_json(rows)
        return
    table = Table(Column("repository", no_wrap=True), "last", "next", "calls", "found", "error")
    for one in rows:
        columns = ("repository", "finished_at", "next_at", "calls", "found", "error")
        table.add_row(*(shown(_worded(one[name])) for name in columns))
    Console().print(table)


def _worded(value: object) -> object:
    """Return a mapping as words; anything else as it is."""
    return ", ".join(f"{count} {kind}" for kind, count in value.items()) if isinstance(value, dict) else value


def _described(tenant: Installation, repository: Repository, row: Reconcile) -> dict[str, object]:
    return {
        "client_key": tenant.client_key,
        "repository": repository.full_name or repository.uuid,
        "uuid": repository.uuid,
        "stage": row.stage,
        "finished_at": row.finished_at,
        "next_at": row.next_attempt_at,
        "calls": row.calls,
        "found": dict(row.found()),
        "found_ever": row.drift_total,
        "error": row.error or "",
    }
