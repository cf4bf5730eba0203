"""Checks of the whole system that no single request makes: each plays its part and says which effects it has shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.security.checks.databases import search_a_dump
from tests.security.checks.erasure import uninstall_and_purge
from tests.security.checks.errors import fail_on_each_route
from tests.security.checks.output import search_all_output
from tests.security.checks.rotation import rotate_the_data_key
from tests.security.checks.timing import compare_refusals
from tests.security.recipes.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.security.laboratory import Laboratory

CHECKS: dict[str, Callable[[Laboratory], set[str]]] = {
    "run every attack and control at DEBUG level, then search all output for each fixture secret, each token and each"
    " base64 of them": search_all_output,
    "copy the database file / pg_dump and search for fixture secrets": search_a_dump,
    "rotate the data key under load": rotate_the_data_key,
    "force a 500 on each route": fail_on_each_route,
    "uninstall, run the purge, scan every table, index, WAL, queue and cache for tenant markers": uninstall_and_purge,
    "5 000 interleaved samples each": compare_refusals,
}


def run_check(text: str, laboratory: Laboratory) -> set[str]:
    """The effects that the check has shown. Raises AssertionError, and NotUnderstood for a check that is not known."""
    if text not in CHECKS:
        raise NotUnderstood("check", text)
    return CHECKS[text](laboratory)
