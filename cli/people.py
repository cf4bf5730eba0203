"""Commands about a person: what is held about them in all installations, and erasing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bitbucket.paths import UUID_PATTERN, canonical_uuid
from cli.ending import fail
from cli.printing import as_json_option, print_json, shown
from cli.starting import services_or_end
from models import personal_data

if TYPE_CHECKING:
    from models.personal_data import Holding
    from services import Services


@click.group("people")
def people() -> None:
    """Say what is held about a person, and erase it."""


@people.command("report")
@click.argument("account")
@as_json_option
def report(account: str, *, as_json: bool) -> None:
    """Say what is held about ACCOUNT: an account id, a UUID, or the e-mail address of a git author."""
    found = _found(services_or_end(), account)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        click.echo("Nothing is held about this account.")
    console = Console()
    for one in found:
        console.print(_table(one))


@people.command("accounts")
@as_json_option
def accounts(*, as_json: bool) -> None:
    """Print every account id that is held, with the moment of the newest telling, for reports to Atlassian."""
    with services_or_end().readers() as session:
        found = personal_data.account_ids(session)
    if as_json:
        print_json([{"account_id": account_id, "seen_at": seen_at} for account_id, seen_at in found])
        return
    for account_id, seen_at in found:
        click.echo(f"{account_id}\t{seen_at.isoformat()}")


@people.command("erase")
@click.argument("account")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def erase(account: str, *, yes: bool) -> None:
    """Erase what is held about ACCOUNT, in every installation. What they did stays counted, and belongs to nobody."""
    made = services_or_end()
    found = _found(made, account)
    if not found:
        click.echo("Nothing is held about this account.")
        return
    names = ", ".join(sorted({one.workspace for one in found}))
    if not yes:
        click.confirm(f"Erase {account} from {names}? This cannot be undone", abort=True)
    for one in found:
        # One transaction each: an installation that is busy holds up no other.
        with made.sessions.begin() as session:
            personal_data.erase(session, one, now=made.now())
    if _found(made, account):
        fail("Something about the account was told while it was erased. Run this again.")
    click.echo(f"Erased from {names}.")


def _found(made: Services, account: str) -> tuple[Holding, ...]:
    named = canonical_uuid(account) if UUID_PATTERN.fullmatch(account) else account
    with made.readers() as session:
        return personal_data.holdings(session, named)


def _table(holding: Holding) -> Table:
    table = Table(show_header=False, title=holding.workspace, title_justify="left")
    for name, value in asdict(holding).items():
        if name not in {"installation_id", "workspace", "mentions"} and value is not None:
            table.add_row(Text(name.replace("_", " "), "bold"), shown(value))
    for name, count in holding.mentions.items():
        table.add_row(Text(name), f"{count:,} rows" if count != 1 else "1 row")
    return table
