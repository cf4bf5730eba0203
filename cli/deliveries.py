"""Commands about webhook deliveries: how many wait, which were given up, and trying one of those again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from cli.ending import fail
from cli.printing import as_json_option, print_json, shown, shown_time
from cli.starting import found_or_end, services_or_end
from models import inbox, installations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from models.installations import Installation


@click.group("deliveries", invoke_without_command=True)
@as_json_option
@click.pass_context
def deliveries(context: click.Context, *, as_json: bool) -> None:
    """Show how many webhook deliveries wait, and those that were given up."""
    if context.invoked_subcommand is not None:
        return
    with services_or_end().readers() as session:
        backlog = inbox.backlog(session)
        dead = [letter for row in installations.every(session) for letter in _letters(session, row)]
    if as_json:
        print_json(
            {"pending": backlog.pending, "dead": backlog.dead, "oldest": backlog.oldest_received_at, "letters": dead}
        )
        return
    oldest = f", the oldest since {shown_time(backlog.oldest_received_at)}" if backlog.oldest_received_at else ""
    click.echo(f"{backlog.pending} waiting{oldest}; {backlog.dead} given up.")
    if dead:
        table = Table("id", "client key", "event", "received", "tries", "why")
        for letter in dead:
            table.add_row(*(shown(value) for value in letter.values()))
        Console().print(table)


@deliveries.command("replay")
@click.argument("client_key")
@click.argument("delivery_id", type=int)
def replay_delivery(client_key: str, delivery_id: int) -> None:
    """Try a delivery that was given up once more, with as many tries as a new one has."""
    made = services_or_end()
    with made.sessions.begin() as session:
        row = found_or_end(installations.by_client_key(session, client_key), client_key)
        is_due = inbox.replay(session, row, delivery_id, now=made.now())
    if not is_due:
        fail(f"{client_key} has no delivery {delivery_id} that was given up.")
    made.wake.delivery(delivery_id)
    click.echo("It is due again.")


def _letters(session: Session, row: Installation) -> Iterable[dict[str, object]]:
    return (
        {
            "id": letter.id,
            "client_key": row.client_key,
            "event": letter.event_key,
            "received": letter.received_at,
            "tries": letter.attempts,
            "why": letter.error or "",
        }
        for letter in inbox.dead_letters(session, row)
    )
