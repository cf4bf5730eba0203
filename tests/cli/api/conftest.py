"""A local Bitbucket to call, and the command as a shell would run it."""

import io

import pytest
from click.testing import CliRunner

import cli
from app import create_app
from tests.simulator.conftest import listening, live, repositories, written_repositories

__all__ = ["bitbucket", "call", "listening", "live", "repositories", "written_repositories"]

ALICES_TOKEN = "ATATT-alice"
ALICE = ("--user", "alice@example.com", "--token", ALICES_TOKEN)


@pytest.fixture
def bitbucket(live):
    """The small world, where Alice has an API token, and Acme's repository is public and still has an issue tracker."""
    live.cast.alice.api_tokens.append(ALICES_TOKEN)
    live.cast.paint.is_private = False
    live.cast.paint.has_issues = True
    return live


@pytest.fixture
def call(bitbucket, monkeypatch):
    """Runs `flask bittern api …`, with nothing in the environment but where Bitbucket is."""
    for name in ("BASE_URL", "SECRET_KEYS", "DATABASE_URL"):
        monkeypatch.delenv(f"BITTERN_{name}", raising=False)
    monkeypatch.setenv("BITTERN_API_URL", bitbucket.url)
    monkeypatch.setenv("BITTERN_SITE_URL", bitbucket.url)
    monkeypatch.setenv("BITTERN_DEMO", "true")

    def run(*arguments, given=b"", **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli.group_for(create_app), ["api", *map(str, arguments)], input=io.BytesIO(given))

    return run
