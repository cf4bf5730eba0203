"""A local Bitbucket on a socket, with the guide's world in it, as new for each test."""

from __future__ import annotations

import contextlib
import shutil
import time
from datetime import UTC, datetime

import pytest

from bitbucket.client import BitbucketClient
from bitbucket.credentials import Anonymous, Basic, ConnectJwt
from bitbucket.transport import RequestsTransport
from connect.tokens import sign_outbound
from tests.contract.guide_world import (
    ANNS_TOKEN,
    APP_KEY,
    BENS_TOKEN,
    CLIENT_KEY,
    SECRET,
    fill_guide,
    write_guide_repositories,
)
from tests.simulator.live import reset, start_live
from tests.simulator.small_world import write_repositories


@pytest.fixture(scope="session")
def guide_repositories(tmp_path_factory):
    return write_guide_repositories(tmp_path_factory.mktemp("guide"))


@pytest.fixture(scope="session")
def small_repositories(tmp_path_factory):
    return write_repositories(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="session")
def guide_server(small_repositories):
    with contextlib.ExitStack() as closing:
        yield start_live(small_repositories, closing)


@pytest.fixture
def guide(guide_server, small_repositories, guide_repositories, tmp_path):
    """The guide's world behind a listening simulator."""
    reset(guide_server, small_repositories)
    return fill_guide(guide_server, shutil.copytree(guide_repositories, tmp_path / "repositories"))


def now():
    return datetime.now(UTC)


def sign(*, client_key, secret, method, url):
    return sign_outbound(
        app_key=APP_KEY, client_key=client_key, secret=secret, method=method, url=url, now=int(time.time())
    )


@pytest.fixture
def client_of(guide):
    """`client_of(credential)` calls the guide's Bitbucket."""
    with RequestsTransport([guide.url]) as transport:
        yield lambda credential: BitbucketClient(transport, credential, api_url=guide.url, now=now)


@pytest.fixture
def anonymous(client_of):
    return client_of(Anonymous())


@pytest.fixture
def ann(client_of):
    """Who administers 1team, by e-mail address and API token."""
    return client_of(Basic("ann@example.com", ANNS_TOKEN))


@pytest.fixture
def ben(client_of):
    """Who may write in 1team."""
    return client_of(Basic("ben@example.com", BENS_TOKEN))


@pytest.fixture
def installation(client_of):
    """The app itself, installed in 1team."""
    return client_of(ConnectJwt(CLIENT_KEY, SECRET, sign=sign))
