"""The group that all commands are in. One module for each subject; what they share is in ending, printing and starting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.api.command import api
from cli.backups import backup, restore
from cli.definitions import show_definitions
from cli.deliveries import deliveries
from cli.history import backfill, status
from cli.installations import installation_group
from cli.people import people
from cli.reconcile import reconcile
from cli.set_up import SET_UP_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def group_for(create_app: Callable[..., Flask]) -> click.Group:
    """Return the command group. ``create_app`` makes the application, for the commands that ask for its descriptor."""
    bound = click.Group(group.name, commands=group.commands, help=group.help)
    bound.context_settings = {"obj": create_app, "help_option_names": ["-h", "--help"]}
    return bound


@click.group("bittern")
def group() -> None:
    """Run and look after Bittern: set-up, checks, installations, keys, deliveries, and calls to Bitbucket."""


for _command in (
    *SET_UP_COMMANDS,
    backup,
    restore,
    installation_group,
    status,
    backfill,
    deliveries,
    reconcile,
    people,
    show_definitions,
    api,
):
    group.add_command(_command)
