"""What a command begins with: the settings of the environment, and the services that they make."""

from __future__ import annotations

import base64
import os
import secrets
from typing import TYPE_CHECKING

from bitbucket.paths import UUID_PATTERN, canonical_uuid
from cli.ending import fail, misconfigured
from models import installations
from models.errors import ModelsError
from models.schema import require_current_schema
from services import Services, create_services
from settings import MINIMUM_KEY_BYTES, Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from models.installations import Installation


def settings_or_end() -> Settings:
    """The settings; ends the command where they cannot be used."""
    try:
        return load_settings()
    except SettingsInvalid as invalid:
        misconfigured(invalid.problems)


def settings_for_calls_or_end() -> Settings:
    """The settings of somebody who only calls the API: what a service needs of its own may be missing."""
    # Nothing is served at the address and nothing is sealed with the key.
    stand_ins = {
        "base_url": "https://nowhere.invalid",
        "secret_keys": base64.urlsafe_b64encode(secrets.token_bytes(MINIMUM_KEY_BYTES)).decode(),
    }
    missing = {name: value for name, value in stand_ins.items() if not os.environ.get(Settings.variable(name))}
    try:
        return load_settings(**missing)
    except SettingsInvalid as invalid:
        misconfigured(invalid.problems)


def services_or_end() -> Services:
    """The services of this process; ends the command where the database is not of this version."""
    made = create_services(settings_or_end())
    try:
        require_current_schema(made.engine)
    except ModelsError as error:
        fail(str(error))
    return made


def found_or_end(row: Installation | None, name: str) -> Installation:
    """The installation; ends the command where there is none of that name."""
    return row if row is not None else fail(f"There is no such installation: {name}")


def installation_or_end(made: Services, name: str) -> Installation:
    """The active installation that a person means: by its number, client key, workspace or workspace's UUID.

    Ends the command where there is none, or more than one.
    """
    with made.readers() as session:
        named = [row for row in installations.every(session) if is_named(row, name)]
    found = [row for row in named if row.is_active]
    if len(found) > 1:
        fail(f"{name} may be any of these installations: {', '.join(row.client_key for row in found)}")
    if named and not found:
        fail(f"The installation {name} is {named[0].state}: Bitbucket takes no calls from it.")
    return found_or_end(found[0] if found else None, name)


def is_named(row: Installation, name: str) -> bool:
    """Whether this is any of an installation's names: its number, client key, workspace or workspace's UUID."""
    return name in {str(row.id), row.client_key, row.principal_slug} or _has_uuid(row, name)


def _has_uuid(row: Installation, name: str) -> bool:
    return UUID_PATTERN.fullmatch(name) is not None and canonical_uuid(name) == row.principal_uuid
