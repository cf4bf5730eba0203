"""What a command begins with: the settings of the environment, and the services that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.ending import fail, misconfigured
from models.errors import ModelsError
from models.schema import require_current_schema
from services import Services, create_services
from settings import Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from models.installations import Installation


def settings_or_end() -> Settings:
    """The settings; ends the command where they cannot be used."""
    try:
        return load_settings()
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
