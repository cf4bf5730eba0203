"""What commands print: JSON for programs, times for people."""

from __future__ import annotations

import json
from datetime import datetime

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def print_json(value: object) -> None:
    """A value that holds times, as indented JSON."""
    click.echo(json.dumps(value, indent=2, default=_plain))


def shown(value: object) -> str:
    """A cell of a table."""
    return shown_time(value) if isinstance(value, datetime) else "" if value is None else str(value)


def shown_time(moment: datetime | None) -> str:
    """A moment to the minute; nothing for none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
