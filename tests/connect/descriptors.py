"""A descriptor that is right in every part, and the way to change one part of it."""

from __future__ import annotations

import copy

import pytest

from connect.descriptor import check
from connect.errors import DescriptorInvalid

SCOPES = ["account", "pullrequest", "repository"]

DESCRIPTOR = {
    "key": "bittern",
    "name": "Bittern",
    "description": "Whose turn is it",
    "vendor": {"name": "Bittern", "url": "https://bittern.example.com"},
    "baseUrl": "https://bittern.example.com",
    "authentication": {"type": "jwt"},
    "lifecycle": {"installed": "/connect/installed", "uninstalled": "/connect/uninstalled"},
    "contexts": ["account"],
    "scopes": SCOPES,
    "modules": {
        "webPanels": [
            {
                "key": "pulse",
                "name": {"value": "Pulse"},
                "tooltip": {"value": "What waits"},
                "weight": 50,
                "location": "org.bitbucket.repository.overview.informationPanel",
                "url": "/panels/repository?repository={repository.uuid}&user={user.uuid}",
                "conditions": [{"condition": "has_permission", "params": {"permission": "read"}}],
            }
        ],
        "repoPages": [
            {
                "key": "repository-page",
                "name": {"value": "Bittern"},
                "location": "org.bitbucket.repository.navigation",
                "url": "/pages/repository?repository={repository.uuid}&user={user.uuid}",
                "params": {"auiIcon": "aui-iconfont-graph-line"},
            }
        ],
        "configurePage": {
            "key": "configure",
            "name": {"value": "Configure"},
            "url": "/pages/configure?p={principal.uuid}",
        },
        "postInstallRedirect": {"key": "welcome", "url": "/connect/welcome"},
        "webhooks": [{"event": "repo:push", "url": "/connect/webhook"}, {"event": "*", "url": "/connect/webhook"}],
    },
}


def descriptor(**changes) -> dict:
    """The right one with some members replaced; a member that is changed to `...` is left out."""
    changed = copy.deepcopy(DESCRIPTOR) | changes
    return {member: value for member, value in changed.items() if value is not ...}


def panel(**changes) -> dict:
    """The right one with its panel changed."""
    module = {k: v for k, v in (DESCRIPTOR["modules"]["webPanels"][0] | changes).items() if v is not ...}
    return with_modules(webPanels=[module])


def with_modules(**modules) -> dict:
    return descriptor(modules=copy.deepcopy(DESCRIPTOR["modules"]) | modules)


def problems(changed: dict, *, scopes_used=SCOPES, **arguments) -> list[str]:
    """What `check` says. Empty where it says nothing."""
    try:
        check(changed, scopes_used=scopes_used, **arguments)
    except DescriptorInvalid as invalid:
        return list(invalid.problems)
    return []


def only_problem(changed: dict, **arguments) -> str:
    found = problems(changed, **arguments)
    if len(found) != 1:
        pytest.fail(f"one problem was expected, not {found}")
    return found[0]
