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
    "/api/export.csv": "/pages/repository/flow.csv",
    "/health": "/healthz",
    "/descriptor.json": "/atlassian-connect.json",
}
# Paths with something in them, which ours name by parameters. A page's own requests are bound to its repository by their token;
# one that names another is what these entries are about. What has no pattern here has no address of ours at all.
PATTERNS = (
    (re.compile(r"/api/repo/(?P<repository>(?!by-name/)[^/]+)/summary"), "/panels/repository/refresh", ("repository",)),
    (
        re.compile(r"/api/repo/(?P<repository>[^/]+)/pr/(?P<pull_request>[^/]+)"),
        "/panels/pull-request/refresh",
        ("repository", "pull_request"),
    ),
)
# Spellings that differ in case or decoration stay attacks on our names: `Repo_UUID` becomes `Repository`.
PARAMETERS = {"repo_uuid": "repository", "user_uuid": "user", "pr_id": "pull_request"}
RAW_TARGET = re.compile(r"^(?P<method>[A-Z]+) (?P<path>/[^ ?]*)", flags=re.MULTILINE)


def our_path(path: str) -> str:
    return our_address(path)[0]


def our_address(path: str) -> tuple[str, list[list[object]]]:
    """Our path, and the parameters that hold what stands in theirs."""
    for pattern, ours, names in PATTERNS:
        if (match := pattern.fullmatch(path)) is not None:
            return ours, [[name, match[name]] for name in names]
    return PATHS.get(path, path), []


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
