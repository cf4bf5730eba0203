"""Commands that copy the database while the service runs, and put a copy back."""

from __future__ import annotations

from pathlib import Path

import click

from cli.ending import fail
from cli.starting import settings_or_end
from models import backups
from models.database import create_engine
from models.errors import ModelsError
from services import utc_now


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE, of one moment, while the service runs. An older copy there is replaced by the whole new one."""
    engine = create_engine(settings_or_end().database_url)
    try:
        size_bytes = backups.back_up(engine, file)
    except ModelsError as error:
        fail(str(error))
    click.echo(f"{file}: {size_bytes} bytes, checked.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the copy FILE in the place of the SQLite database. Stop web and worker first; the old database is kept beside it."""
    engine = create_engine(settings_or_end().database_url)
    try:
        kept = backups.restore(engine, file, now=utc_now())
    except ModelsError as error:
        fail(str(error))
    if kept is not None:
        click.echo(f"The old database is kept as {kept}.")
    click.echo("Restored. Run `flask bittern migrate`, and start web and worker.")
