"""Recordings as parameters: a test that asks for `installed_call`, `uninstalled_call`, … runs once for each of them.

`--recorded DIR` names a folder laid out as the default one: `lifecycle/`, `webhooks/`, `rest/`. A new kind of recording
is one more line of PATTERNS.
"""

from __future__ import annotations

import pytest

from tests.recorded.recordings import DEFAULT, find

PATTERNS = {
    "installed_call": "lifecycle/installed.*.json",
    "uninstalled_call": "lifecycle/uninstalled.*.json",
    "signed_webhook": "webhooks/*.toolchain*.json",
    "webhook_body": "webhooks/*-*.json",
}


def pytest_generate_tests(metafunc):
    folder = metafunc.config.getoption("--recorded") or DEFAULT
    # In the order of PATTERNS: a set has another order in each process, and parallel runs must collect the same tests.
    for name in (one for one in PATTERNS if one in metafunc.fixturenames):
        found = find(folder, PATTERNS[name])
        absent = pytest.mark.skip(reason=f"no {PATTERNS[name]} in {folder}")
        rows = [pytest.param(one, id=one.path.stem) for one in found] or [pytest.param(None, id="none", marks=absent)]
        metafunc.parametrize(name, rows)
