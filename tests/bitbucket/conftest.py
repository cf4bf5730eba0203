"""Fixtures of this package: a clock that stands still, and clients over a transport."""

from __future__ import annotations

import pytest

from bitbucket.client import BitbucketClient
from bitbucket.credentials import Anonymous
from bitbucket.transport import RequestsTransport
from tests.bitbucket.cast import API, Clock
from tests.bitbucket.loopback_server import LoopbackServer


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client_over(clock):
    """A client over a transport: `client_over(FakeTransport(…))`."""

    def build(transport, *, credential=None, deadline=20.0, api_url=API):
        return BitbucketClient(transport, credential or Anonymous(), api_url=api_url, now=clock.now, deadline=deadline)

    return build


@pytest.fixture
def serve():
    """`serve(script)` starts a server and gives it with a transport that is pinned to it and never really waits."""
    open_ones = []

    def start(script, **options):
        server = LoopbackServer(script).__enter__()
        pauses = []
        options = {"wait": pauses.append} | options
        transport = RequestsTransport([server.url], **options)
        transport.pauses = pauses
        open_ones.append((server, transport))
        return server, transport

    yield start
    for server, transport in open_ones:
        transport.close()
        server.__exit__()
