"""The operator's commands: `flask bittern …`. They work without a running service, and say what to do where they cannot.

Exit status: 0 done, 1 not done or something found wrong, 2 asked for in a way that cannot be understood or configured.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bitbucket import addon
from bitbucket.client import BitbucketClient
from bitbucket.credentials import ConnectJwt
from bitbucket.errors import BitbucketError
from connect.errors import DescriptorInvalid
from connect.lifecycle import InstallationState
from models import audit, inbox, installations
from models.errors import ModelsError
from models.rotation import rotate_keys
from models.schema import require_current_schema, upgrade
from services import Services, create_services
from settings import Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Flask

    from models.installations import Installation

FAILED: Final = 1
MISCONFIGURED: Final = 2
KEY_BYTES: Final = 48

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def group_for(create_app: Callable[..., Flask]) -> click.Group:
    """Return the command group. ``create_app`` makes the application, for the commands that ask for its descriptor."""
    bound = click.Group(group.name, commands=group.commands, help=group.help)
    bound.context_settings = {"obj": create_app, "help_option_names": ["-h", "--help"]}
    return bound


@click.group("bittern")
def group() -> None:
    """Run and look after Bittern: set-up, checks, installations, keys and deliveries."""


@group.command("generate-key")
def generate_key() -> None:
    """Print a new key for BITTERN_SECRET_KEYS. Keep it safe: without it, stored secrets cannot be read."""
    click.echo(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())


@group.command("settings")
def show_settings() -> None:
    """Print the table of environment variables, as the README has it."""
    click.echo("| variable | default | what it is |\n|---|---|---|")
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else _default_text(name, field.default)
        click.echo(f"| `{Settings.variable(name)}` | {default} | {field.description} |")


@group.command("install-link")
def install_link() -> None:
    """Print the address that asks an administrator of a workspace to install the app."""
    from web.front import install_url

    click.echo(install_url(_settings()))


@group.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to this version's, from nothing too. Run it before each start of a new version."""
    try:
        upgrade(_settings().database_url)
    except ModelsError as error:
        _fail(str(error))
    click.echo("The database is up to date.")


@group.command("doctor")
@_as_json
@click.pass_obj
def doctor(create_app: Callable[..., Flask], *, as_json: bool) -> None:
    """Look at everything that an installation needs, and say what to mend. Exits with 1 where something is wrong."""
    from doctor import Verdict, examine, worst

    findings = list(examine(create_app))
    if as_json:
        _print_json([{"check": f.name, "verdict": f.verdict, "found": f.found, "mend": f.mend} for f in findings])
    else:
        console = Console()
        for finding in findings:
            style = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}[finding.verdict]
            line = Text.assemble((f"{finding.verdict:<5}", style), (f"{finding.name:<15}", "bold"), finding.found)
            console.print(line, soft_wrap=True)
            if finding.mend:
                console.print(Text(f"{'':20}→ {finding.mend}"), soft_wrap=True)
    sys.exit(FAILED if worst(findings) is Verdict.FAIL else 0)


@group.command("rotate-keys")
def rotate() -> None:
    """Seal every stored secret anew with the first key of BITTERN_SECRET_KEYS. The service may run meanwhile."""
    made = _services()
    done = rotate_keys(made.sessions, made.secret_box)
    click.echo(f"{done.resealed} secrets sealed anew.")
    if done.broken:
        _fail(f"The secrets of {len(done.broken)} installations open with none of the keys: {', '.join(done.broken)}")


@group.group("installations")
def installation_group() -> None:
    """List, show, update and remove installations."""


@installation_group.command("list")
@_as_json
def list_installations(*, as_json: bool) -> None:
    """List all installations, the removed ones too."""
    with _services().readers() as session:
        rows = installations.every(session)
    if as_json:
        _print_json([_described(row) for row in rows])
        return
    table = Table("id", "client key", "workspace", "state", "installed", "descriptor")
    for row in rows:
        table.add_row(
            str(row.id),
            row.client_key,
            row.principal_name or row.principal_uuid,
            row.state,
            _time(row.installed_at),
            row.descriptor_version or "",
        )
    Console().print(table)


@installation_group.command("show")
@click.argument("client_key")
@_as_json
def show_installation(client_key: str, *, as_json: bool) -> None:
    """Show one installation: its state, since when, and everything that was done to it."""
    with _services().readers() as session:
        row = _one(installations.by_client_key(session, client_key), client_key)
        trail = audit.newest(session, client_key)
    described = _described(row) | {
        "trail": [{"at": entry.at, "action": entry.action, "reason": entry.reason} for entry in trail]
    }
    if as_json:
        _print_json(described)
        return
    table = Table(show_header=False, box=None)
    for name, value in described.items():
        if name != "trail":
            table.add_row(Text(name.replace("_", " "), "bold"), _shown(value))
    console = Console()
    console.print(table)
    history = Table("when", "what", "why", title="Trail", title_justify="left")
    for entry in trail:
        history.add_row(_time(entry.at), entry.action, entry.reason)
    console.print(history)


@installation_group.command("update")
@click.argument("client_keys", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Also those that have this descriptor already.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.pass_obj
def update_installations(
    create_app: Callable[..., Flask], client_keys: Sequence[str], *, everybody: bool, dry_run: bool
) -> None:
    """Have Bitbucket read the descriptor again, for each installation whose copy is older than ours, or for those named."""
    made = _services()
    version = _descriptor_version(create_app, made)
    with made.readers() as session:
        rows = [row for row in installations.every(session) if row.is_active]
    chosen = [_one(next((row for row in rows if row.client_key == key), None), key) for key in client_keys] or rows
    stale = [row for row in chosen if everybody or client_keys or row.descriptor_version != version]
    failures = [row for row in stale if not _update(made, row, version=version, dry_run=dry_run)]
    click.echo(f"{len(stale) - len(failures)} of {len(stale)} {'would be ' if dry_run else ''}updated to {version}.")
    sys.exit(FAILED if failures else 0)


@installation_group.command("remove")
@click.argument("client_key")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def remove_installation(client_key: str, *, yes: bool, dry_run: bool) -> None:
    """Uninstall the app from a workspace, as if its administrator had. Its data goes after BITTERN_RETENTION_DAYS."""
    made = _services()
    with made.readers() as session:
        row = _one(installations.by_client_key(session, client_key), client_key)
    if row.state is not InstallationState.ACTIVE:
        _fail(f"{client_key} is {row.state}: Bitbucket has nothing to remove.")
    workspace = row.principal_name or row.principal_uuid
    if dry_run:
        click.echo(f"Would remove the app from {workspace}.")
        return
    if not yes:
        click.confirm(f"Remove the app from {workspace}?", abort=True)
    try:
        addon.delete_addon(_client(made, row))
    except BitbucketError as error:
        _fail(f"Bitbucket did not remove it: {error}")
    click.echo(f"Removed from {workspace}. Bitbucket's uninstalled call ends the installation here.")


@group.group("deliveries", invoke_without_command=True)
@_as_json
@click.pass_context
def deliveries(context: click.Context, *, as_json: bool) -> None:
    """Show how many webhook deliveries wait, and those that were given up."""
    if context.invoked_subcommand is not None:
        return
    with _services().readers() as session:
        backlog = inbox.backlog(session)
        dead = [letter for row in installations.every(session) for letter in _letters(session, row)]
    if as_json:
        _print_json(
            {"pending": backlog.pending, "dead": backlog.dead, "oldest": backlog.oldest_received_at, "letters": dead}
        )
        return
    oldest = f", the oldest since {_time(backlog.oldest_received_at)}" if backlog.oldest_received_at else ""
    click.echo(f"{backlog.pending} waiting{oldest}; {backlog.dead} given up.")
    if dead:
        table = Table("id", "client key", "event", "received", "tries", "why")
        for letter in dead:
            table.add_row(*(_shown(value) for value in letter.values()))
        Console().print(table)


@deliveries.command("replay")
@click.argument("client_key")
@click.argument("delivery_id", type=int)
def replay_delivery(client_key: str, delivery_id: int) -> None:
    """Try a delivery that was given up once more, with as many tries as a new one has."""
    made = _services()
    with made.sessions.begin() as session:
        row = _one(installations.by_client_key(session, client_key), client_key)
        is_due = inbox.replay(session, row, delivery_id, now=made.now())
    if not is_due:
        _fail(f"{client_key} has no delivery {delivery_id} that was given up.")
    made.wake.delivery(delivery_id)
    click.echo("It is due again.")


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsInvalid as invalid:
        _misconfigured(invalid.problems)


def _services() -> Services:
    made = create_services(_settings())
    try:
        require_current_schema(made.engine)
    except ModelsError as error:
        _fail(str(error))
    return made


def _descriptor_version(create_app: Callable[..., Flask], made: Services) -> str:
    from web.descriptor import served

    try:
        with create_app(services=made).app_context():
            return served().version
    except DescriptorInvalid as invalid:
        _misconfigured(invalid.problems)


def _client(made: Services, row: Installation) -> BitbucketClient:
    # Only the installation's own token is good for these calls: no bearer, no user.
    secret = installations.secret_of(row, made.secret_box)
    return BitbucketClient(
        made.transport,
        ConnectJwt(row.client_key, secret, sign=made.sign),
        api_url=made.settings.api_url,
        now=made.now,
        deadline=made.settings.api_timeout_seconds,
    )


def _update(made: Services, row: Installation, *, version: str, dry_run: bool) -> bool:
    name = row.principal_name or row.client_key
    if dry_run:
        click.echo(f"{name}: {row.descriptor_version or 'none'} → {version}")
        return True
    try:
        addon.update_addon(_client(made, row))
    except (BitbucketError, ModelsError) as error:
        click.echo(f"{name}: not updated: {error}", err=True)
        return False
    with made.sessions.begin() as session:
        installations.mark_descriptor(session, row, version=version)
    click.echo(f"{name}: updated")
    return True


def _letters(session: Any, row: Installation) -> Iterable[dict[str, object]]:  # noqa: ANN401 - a session of either kind
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


def _described(row: Installation) -> dict[str, object]:
    """Return what may be said of an installation: no secret, sealed or not."""
    return {
        "id": row.id,
        "client_key": row.client_key,
        "state": row.state,
        "workspace": row.principal_name,
        "principal_uuid": row.principal_uuid,
        "kind": row.principal_kind,
        "installed_at": row.installed_at,
        "proven_at": row.proven_at,
        "proof_attempts": row.proof_attempts,
        "proof_error": row.proof_error,
        "credentials_refused_at": row.credentials_refused_at,
        "uninstalled_at": row.uninstalled_at,
        "purge_after": row.purge_after,
        "descriptor_version": row.descriptor_version,
    }


def _one(row: Installation | None, client_key: str) -> Installation:
    return row if row is not None else _fail(f"There is no such installation: {client_key}")


def _default_text(name: str, default: object) -> str:
    if name == "secret_keys":
        return "required outside the demo"
    return "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _shown(value: object) -> str:
    return _time(value) if isinstance(value, datetime) else "" if value is None else str(value)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _print_json(value: object) -> None:
    click.echo(
        json.dumps(value, indent=2, default=lambda one: one.isoformat() if isinstance(one, datetime) else str(one))
    )


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(FAILED)


def _misconfigured(problems: Iterable[str]) -> NoReturn:
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(MISCONFIGURED)
