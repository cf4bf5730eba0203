"""What the reference leaves open: each reading says where it comes from, and none is forgotten."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from dataclasses import fields
from pathlib import Path

import pytest

from simulator.connect import settings
from simulator.connect.settings import ConnectSettings

SOURCE = Path(inspect.getfile(settings))
PACKAGE = SOURCE.parents[1]


def explanations():
    """Setting -> the text beneath it."""
    (body,) = (
        node.body for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    )
    pairs = itertools.pairwise(body)
    return {one.target.id: ast.literal_eval(text.value) for one, text in pairs if isinstance(one, ast.AnnAssign)}


NAMES = [field.name for field in fields(ConnectSettings)]


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_names_the_section_that_leaves_it_open(name):
    assert re.match(r"[1-9]\.[1-9]\b", explanations()[name]), name


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_changes_something(name):
    used = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if path != SOURCE and re.search(rf"settings\.{name}\b|{name}=", path.read_text(encoding="utf-8"))
    ]
    assert used, name


def test_the_defaults_are_those_of_the_reference():
    made = ConnectSettings()
    assert (made.callback_timeout_seconds, made.webhook_timeout_seconds) == (10.0, 10.0)
    assert (made.webhook_attempts, made.max_webhook_bytes) == (3, 262_144)
    assert made.redirect_carries == ("jwt", "client_key")
    assert made.checks_qsh_on_rest
    assert not made.checks_qsh_on_token_endpoint


def test_two_simulators_do_not_share_them():
    one, other = ConnectSettings(), ConnectSettings()
    one.webhook_attempts = 1
    assert other.webhook_attempts == 3
