"""The command that deletes what uninstalled workspaces have left: shown first, and done only with the code that was shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from cli.ending import fail
from cli.printing import shown_time
from cli.starting import is_named, services_or_end
from models import installations, purges
from sync.purge import purge_installation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from models.installations import Installation
    from services import Services


@dataclass(frozen=True)
class Leftover:
    """One installation whose time has come, and how many rows it has left."""

    installation: Installation
    rows: int


@click.command("purge")
@click.argument("client_keys", nargs=-1)
@click.option("--confirm", metavar="CODE", help="Delete what was listed with this code.")
def purge_installations(client_keys: Sequence[str], *, confirm: str | None) -> None:
    """Delete what uninstalled workspaces have left, once BITTERN_RETENTION_DAYS are over. Lists it first, and deletes nothing.

    The worker does the same by itself for BITTERN_PURGES_PER_DAY installations within 24 hours; this goes on where it stopped,
    for as many at a time.
    """
    made = services_or_end()
    most = made.settings.purges_per_day
    if len(client_keys) > most:
        fail(f"{len(client_keys)} are named, and at most {most} may go in one run. Nothing was deleted.")
    with made.readers() as session:
        chosen = _named(session, made, client_keys) if client_keys else purges.waiting(session, now=made.now())
        leftovers = [Leftover(row, purges.count_rows(session, row)) for row in chosen[:most]]
    if not leftovers:
        click.echo("No installation's time has come.")
        return
    code = _code_of(leftovers)
    if confirm is None:
        _list(leftovers, more=len(chosen) - len(leftovers))
        click.echo(f"Nothing was deleted. To delete this, say the same with --confirm {code}")
        return
    if confirm != code:
        fail("That code is of another list, or the list has changed since. Nothing was deleted: look at it again.")
    _purge(made, leftovers)


def _named(session: Session, made: Services, client_keys: Sequence[str]) -> Sequence[Installation]:
    """The installations of these client keys. Ends the command for everything else, before anything is done."""
    due = {row.client_key: row for row in purges.waiting(session, now=made.now())}
    for name in client_keys:
        if name not in due:
            fail(f"{_why_not(session, name)} Nothing was deleted.")
    return [due[name] for name in dict.fromkeys(client_keys)]


def _why_not(session: Session, name: str) -> str:
    row = installations.by_client_key(session, name)
    if row is None:
        meant = [one.client_key for one in installations.every(session) if is_named(one, name)]
        if meant:
            return f"{name} is no client key. What is deleted is named by that alone: {', '.join(meant)}"
        return f"There is no such installation: {name}"
    if row.is_active:
        return f"{name} is active: nothing of it is deleted."
    if row.purged_at is not None:
        return f"{name} was purged already, at {shown_time(row.purged_at)}."
    if row.uninstalled_at is None:
        return f"{name} was never proved, and has left nothing."
    return f"{name} is kept until {shown_time(row.purge_after)}, or is being purged."


def _code_of(leftovers: Sequence[Leftover]) -> str:
    """The same list has the same code: who, since when, and how much."""
    listed = sorted((one.installation.client_key, str(one.installation.purge_after), one.rows) for one in leftovers)
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:8]


def _list(leftovers: Sequence[Leftover], *, more: int) -> None:
    table = Table("client key", "workspace", "uninstalled", "due since", "rows")
    for one in leftovers:
        row = one.installation
        name = row.principal_name or row.principal_uuid
        table.add_row(row.client_key, name, shown_time(row.uninstalled_at), shown_time(row.purge_after), str(one.rows))
    Console().print(table)
    if more:
        click.echo(f"{more} more are due; at most {len(leftovers)} go in one run.")


def _purge(made: Services, leftovers: Sequence[Leftover]) -> None:
    """Each is claimed anew: one that was installed again meanwhile is left alone."""
    keys = [
        one.installation.client_key
        for one in leftovers
        if purge_installation(made, one.installation.id, is_capped=False)
    ]
    click.echo(f"Deleted what {len(keys)} of {len(leftovers)} installations had left.")
