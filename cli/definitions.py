"""A command that prints the definitions of figures, as the documentation has them."""

from __future__ import annotations

import click

from insights.definitions import SURFACES, definitions_of


@click.command("definitions")
@click.argument("surface", type=click.Choice(list(SURFACES)))
def show_definitions(surface: str) -> None:
    """Print the definitions of a surface's figures, as its page in docs/panels has them."""
    click.echo("| figure | what it is | definition |\n|---|---|---|")
    for found in definitions_of(surface):
        click.echo(f"| {found.title} | {found.text.replace('|', chr(92) + '|')} | `{found.name}` {found.version} |")
