"""How a command ends other than well: a sentence on stderr and the exit status that goes with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

FAILED: Final = 1
MISCONFIGURED: Final = 2


def fail(sentence: str) -> NoReturn:
    """End because something was not done, or was found wrong."""
    click.echo(sentence, err=True)
    sys.exit(FAILED)


def misconfigured(problems: Iterable[str]) -> NoReturn:
    """End because the settings make no usable configuration."""
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(MISCONFIGURED)
