"""Fixtures of this package: a clock that stands still, and clients over a transport."""

from __future__ import annotations

import pytest

from bitbucket.client import BitbucketClient
from bitbucket.credentials import Anonymous
from tests.bitbucket.cast import API, Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client_over(clock):
    """A client over a transport: `client_over(FakeTransport(…))`."""

    def build(transport, *, credential=None, deadline=20.0, api_url=API):
        return BitbucketClient(transport, credential or Anonymous(), api_url=api_url, now=clock.now, deadline=deadline)

    return build
