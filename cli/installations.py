"""Commands about the installations of the app: list, show, update, remove, purge."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bitbucket import addon
from bitbucket.client import BitbucketClient
from bitbucket.credentials import ConnectJwt
from bitbucket.errors import BitbucketError
from cli.ending import FAILED, fail, misconfigured
from cli.printing import as_json_option, print_json, shown, shown_time
from cli.purging import purge_installations
from cli.starting import found_or_end, services_or_end
from connect.errors import DescriptorInvalid
from connect.lifecycle import InstallationState
from models import audit, installations
from models.errors import ModelsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask
    from sqlalchemy.orm import Session

    from models.installations import Installation
    from services import Services

UPDATE_ASKED, UPDATED, REMOVAL_ASKED = "update_asked", "updated", "removal_asked"
BY_OPERATOR = "operator.command"


@click.group("installations")
def installation_group() -> None:
    """List, show, update and remove installations, and delete what removed ones have left."""


@installation_group.command("list")
@as_json_option
def list_installations(*, as_json: bool) -> None:
    """List all installations, the removed ones too."""
    with services_or_end().readers() as session:
        rows = installations.every(session)
    if as_json:
        print_json([_described(row) for row in rows])
        return
    table = Table("id", "client key", "workspace", "state", "installed", "descriptor")
    for row in rows:
        table.add_row(
            str(row.id),
            row.client_key,
            row.principal_name or row.principal_uuid,
            row.state,
            shown_time(row.installed_at),
            row.descriptor_version or "",
        )
    Console().print(table)


@installation_group.command("show")
@click.argument("client_key")
@as_json_option
def show_installation(client_key: str, *, as_json: bool) -> None:
    """Show one installation: its state, since when, and everything that was done to it."""
    with services_or_end().readers() as session:
        row = found_or_end(installations.by_client_key(session, client_key), client_key)
        trail = audit.newest(session, client_key)
    described = _described(row) | {
        "trail": [{"at": entry.at, "action": entry.action, "reason": entry.reason} for entry in trail]
    }
    if as_json:
        print_json(described)
        return
    table = Table(show_header=False, box=None)
    for name, value in described.items():
        if name != "trail":
            table.add_row(Text(name.replace("_", " "), "bold"), shown(value))
    console = Console()
    console.print(table)
    history = Table("when", "what", "why", title="Trail", title_justify="left")
    for entry in trail:
        history.add_row(shown_time(entry.at), entry.action, entry.reason)
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
    made = services_or_end()
    version = _descriptor_version(create_app, made)
    with made.readers() as session:
        rows = [row for row in installations.every(session) if row.is_active]
    chosen = [
        found_or_end(next((row for row in rows if row.client_key == key), None), key) for key in client_keys
    ] or rows
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
    made = services_or_end()
    with made.readers() as session:
        row = found_or_end(installations.by_client_key(session, client_key), client_key)
    if row.state is not InstallationState.ACTIVE:
        fail(f"{client_key} is {row.state}: Bitbucket has nothing to remove.")
    workspace = row.principal_name or row.principal_uuid
    if dry_run:
        click.echo(f"Would remove the app from {workspace}.")
        return
    if not yes:
        click.confirm(f"Remove the app from {workspace}?", abort=True)
    _note_before(made, row, REMOVAL_ASKED)
    try:
        addon.delete_addon(_client(made, row))
    except BitbucketError as error:
        fail(f"Bitbucket did not remove it: {error}")
    click.echo(f"Removed from {workspace}. Bitbucket's uninstalled call ends the installation here.")


installation_group.add_command(purge_installations)


def _descriptor_version(create_app: Callable[..., Flask], made: Services) -> str:
    from web.descriptor import served

    try:
        with create_app(services=made).app_context():
            return served().version
    except DescriptorInvalid as invalid:
        misconfigured(invalid.problems)


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
    _note_before(made, row, UPDATE_ASKED)
    try:
        addon.update_addon(_client(made, row))
    except (BitbucketError, ModelsError) as error:
        click.echo(f"{name}: not updated: {error}", err=True)
        return False
    with made.sessions.begin() as session:
        installations.mark_descriptor(session, row, version=version)
        _note(session, made, row, UPDATED)
    click.echo(f"{name}: updated")
    return True


def _note_before(made: Services, row: Installation, action: str) -> None:
    """Note in the trail what Bitbucket will be asked to do. Where this process is killed, the call may be made once more: that shows."""
    with made.sessions.begin() as session:
        _note(session, made, row, action)


def _note(session: Session, made: Services, row: Installation, action: str) -> None:
    audit.add(session, audit.Entry(row.client_key, action, BY_OPERATOR, row.id), now=made.now())


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
