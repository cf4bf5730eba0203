"""No component is installed in a version with a known hole that concerns us. The list is ours, from the changelogs.

A scanner that cannot reach its database reports nothing and looks green; a list fails where it should.
"""

from __future__ import annotations

import re
from importlib import metadata

import pytest

# Name, lowest version without the hole, the hole.
MINIMUM_VERSIONS = [
    ("pyjwt", "2.15.0", "crit header, HMAC keys taken from documents, exceptions that escape decode()"),
    ("urllib3", "2.8.0", "unbounded chunk sizes and decompression, headers kept across a redirect to another host"),
    ("requests", "2.33.0", "credentials from .netrc and proxies sent to other hosts"),
    ("gunicorn", "27.0.1", "request smuggling"),
    ("werkzeug", "3.1.9", "memory of form parsing, integer converters that answer 500"),
    ("flask", "3.1.3", "sessions without a Vary header"),
    ("jinja2", "3.1.6", "escape from the sandbox"),
    ("cryptography", "46.0.5", "CVE-2026-26007"),
]
# A checkpoint of the WAL that meets a writer can lose commits or corrupt the file; needs two connections, which we have.
SQLITE_FIXED = (3, 51, 3)
SQLITE_BACKPORTS = {(3, 44): 6, (3, 50): 7}


def numbers_of(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    assert found is not None, version
    return tuple(int(number) for number in found[0].split("."))


def is_sqlite_sound(version: str) -> bool:
    numbers = numbers_of(version)
    backport = SQLITE_BACKPORTS.get(numbers[:2])
    return numbers >= SQLITE_FIXED or (backport is not None and numbers[2] >= backport)


@pytest.mark.parametrize(("name", "minimum", "hole"), MINIMUM_VERSIONS)
def test_it_is_installed_without_the_known_hole(name, minimum, hole):
    installed = metadata.version(name)
    assert numbers_of(installed) >= numbers_of(minimum), f"{name} {installed}: {hole}; at least {minimum} is needed"


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [("3.40.1", False), ("3.44.6", True), ("3.50.4", False), ("3.51.2", False), ("3.51.3", True), ("4.0.0", True)],
)
def test_it_knows_which_sqlite_library_is_sound(version, is_sound):
    assert is_sqlite_sound(version) is is_sound


def test_the_sqlite_library_in_use_cannot_lose_commits():
    from models.database import sqlite_library

    assert is_sqlite_sound(".".join(map(str, sqlite_library().version)))
