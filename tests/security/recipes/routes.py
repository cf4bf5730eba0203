"""Where an attack file's targets live in this service: its paths and parameter names against ours."""

from __future__ import annotations

import re

# A path of an attack file, and ours. What is not listed is sent as it stands, as an attacker would.
PATHS = {
    "/installed": "/connect/installed",
    "/uninstalled": "/connect/uninstalled",
    "/webhook": "/connect/webhook",
    "/panel/repo": "/panels/repository",
    "/config": "/pages/configure",
    "/config/delete": "/pages/configure/delete",
    "/health": "/healthz",
    "/descriptor.json": "/atlassian-connect.json",
}
# Spellings that differ in case or decoration stay attacks on our names: `Repo_UUID` becomes `Repository`.
PARAMETERS = {"repo_uuid": "repository", "user_uuid": "user", "pr_id": "pull_request"}
RAW_TARGET = re.compile(r"^(?P<method>[A-Z]+) (?P<path>/[^ ?]*)", flags=re.MULTILINE)


def our_path(path: str) -> str:
    return PATHS.get(path, path)


def our_parameter(name: str) -> str:
    """Our name for a parameter, with the attack's decoration (`[]`, a NUL, another case) kept."""
    for theirs, ours in PARAMETERS.items():
        if name.lower().startswith(theirs):
            core = name[: len(theirs)]
            spelled = ours if core == theirs else ours.upper() if core.isupper() else ours.capitalize()
            return spelled + name[len(theirs) :]
    return name


def our_raw_http(text: str) -> str:
    """A raw request with its targets in our spelling."""
    return RAW_TARGET.sub(lambda match: f"{match['method']} {our_path(match['path'])}", text)
