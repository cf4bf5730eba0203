"""Commands that set an installation of Bittern up and look it over: keys, schema, settings, the doctor."""

from __future__ import annotations

import base64
import secrets
import sys
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.text import Text

from cli.ending import FAILED, fail
from cli.printing import as_json_option, print_json
from cli.starting import services_or_end, settings_or_end
from models.errors import ModelsError
from models.rotation import rotate_keys
from models.schema import upgrade
from settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

KEY_BYTES: Final = 48


@click.command("generate-key")
def generate_key() -> None:
    """Print a new key for BITTERN_SECRET_KEYS. Keep it safe: without it, stored secrets cannot be read."""
    click.echo(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())


@click.command("settings")
def show_settings() -> None:
    """Print the table of environment variables, as the README has it."""
    click.echo("| variable | default | what it is |\n|---|---|---|")
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else _default_text(name, field.default)
        click.echo(f"| `{Settings.variable(name)}` | {default} | {field.description} |")


@click.command("install-link")
def install_link() -> None:
    """Print the address that asks an administrator of a workspace to install the app."""
    from web.front import install_url

    click.echo(install_url(settings_or_end()))


@click.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to this version's, from nothing too. Run it before each start of a new version."""
    try:
        upgrade(settings_or_end().database_url)
    except ModelsError as error:
        fail(str(error))
    click.echo("The database is up to date.")


@click.command("doctor")
@as_json_option
@click.pass_obj
def doctor(create_app: Callable[..., Flask], *, as_json: bool) -> None:
    """Look at everything that an installation needs, and say what to mend. Exits with 1 where something is wrong."""
    from doctor import Verdict, examine, worst

    findings = list(examine(create_app))
    if as_json:
        print_json([{"check": f.name, "verdict": f.verdict, "found": f.found, "mend": f.mend} for f in findings])
    else:
        console = Console()
        for finding in findings:
            style = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}[finding.verdict]
            line = Text.assemble((f"{finding.verdict:<5}", style), (f"{finding.name:<15}", "bold"), finding.found)
            console.print(line, soft_wrap=True)
            if finding.mend:
                console.print(Text(f"{'':20}→ {finding.mend}"), soft_wrap=True)
    sys.exit(FAILED if worst(findings) is Verdict.FAIL else 0)


@click.command("rotate-keys")
def rotate() -> None:
    """Seal every stored secret anew with the first key of BITTERN_SECRET_KEYS. The service may run meanwhile."""
    made = services_or_end()
    done = rotate_keys(made.sessions, made.secret_box)
    click.echo(f"{done.resealed} secrets sealed anew.")
    if done.broken:
        fail(f"The secrets of {len(done.broken)} installations open with none of the keys: {', '.join(done.broken)}")


def _default_text(name: str, default: object) -> str:
    if name == "secret_keys":
        return "required outside the demo"
    return "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"


SET_UP_COMMANDS: Final = (generate_key, show_settings, install_link, migrate, doctor, rotate)
