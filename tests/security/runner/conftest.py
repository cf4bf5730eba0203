"""A cast and a composer at a fixed moment, without any process."""

from __future__ import annotations

import pytest

from tests.security.recipes.bodies import Hosts
from tests.security.recipes.cast import Cast
from tests.security.recipes.exchanges import Composer
from tests.security.recipes.values import Scope

NOW = 1_700_000_000
FIXTURES = {
    "app": {"key": "example-addon", "leeway_s": 60},
    "A": {
        "client_key": "ari:cloud:bitbucket::app/{aaaaaaaa-0000-4000-8000-000000000001}/example-addon",
        "workspace_uuid": "{aaaaaaaa-0000-4000-8000-000000000001}",
        "repo_open": "{aaaaaaaa-0000-4000-8000-0000000000a1}",
        "repo_private": "{aaaaaaaa-0000-4000-8000-0000000000a2}",
        "user_member": "{aaaaaaaa-0000-4000-8000-0000000000e1}",
    },
    "B": {
        "client_key": "connection:2002",
        "workspace_uuid": "{bbbbbbbb-0000-4000-8000-000000000001}",
        "repo_open": "{bbbbbbbb-0000-4000-8000-0000000000b1}",
        "pr_id": 77,
    },
    "X": {"client_key": "connection:999999", "note": "never installed"},
}


@pytest.fixture
def cast():
    return Cast.from_fixtures(FIXTURES, mode="classic")


@pytest.fixture
def hosts():
    return Hosts(site_url="https://bitbucket.test", api_url="https://api.bitbucket.test")


@pytest.fixture
def scope(cast):
    return Scope(cast, NOW, lambda: "a" * 64, lambda tenant: f"token-of-{tenant}")


@pytest.fixture
def composer(cast, hosts):
    return Composer(cast, hosts, lambda viewer, _path: f"session.of.{viewer}", lambda: NOW)
