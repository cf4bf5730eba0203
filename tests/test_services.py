"""What a process works with: made once, without touching anything, and replaceable piece by piece."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from bitbucket.circuit_breaker import CircuitBreaker
from bitbucket.errors import ForeignHost, TimedOut
from bitbucket.messages import Request
from connect.errors import TokenRefused
from connect.tokens import read_token
from jobs.tasks import Jobs
from services import create_services, create_transport, utc_now
from settings import Settings
from tests.tenants import ALICE_KEY, ALICE_SECRET, ALICE_WORKSPACE, Clock, Doorbell
from tests.web.fake_bitbucket import TOKEN_PATH, FakeBitbucket


@pytest.fixture
def settings(tmp_path):
    return Settings(
        base_url="https://bittern.example.com",
        secret_keys="A" * 43,
        database_url=f"sqlite:///{tmp_path}/data/bittern.db",
        app_key="heron-app",
    )


@pytest.fixture
def bitbucket():
    fake = FakeBitbucket()
    fake.answers(f"/2.0/workspaces/{ALICE_WORKSPACE}", {"uuid": ALICE_WORKSPACE})
    return fake


@pytest.fixture
def services(settings, bitbucket):
    made = create_services(settings, transport=bitbucket, now=Clock(), wake=Doorbell())
    yield made
    made.engine.dispose()


def test_making_them_touches_nothing(settings, tmp_path):
    made = create_services(settings)
    assert list(tmp_path.iterdir()) == []
    assert isinstance(made.wake, Jobs)
    assert made.settings is settings


def test_the_clock_is_aware_and_in_utc():
    before, now, after = datetime.now(UTC), utc_now(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset().total_seconds() == 0


def test_secrets_are_sealed_with_the_keys_of_the_settings(services):
    sealed = services.secret_box.seal(ALICE_SECRET, context=ALICE_KEY)
    assert services.secret_box.open(sealed, context=ALICE_KEY) == ALICE_SECRET


def test_our_calls_are_signed_as_the_app(services):
    url = "https://api.bitbucket.org/2.0/user?a=1"
    token = read_token(services.sign(client_key=ALICE_KEY, secret=ALICE_SECRET, method="GET", url=url), app_key="x")
    assert token.issuer == "heron-app"


def test_what_we_sign_is_never_taken_for_a_call_of_bitbuckets(services):
    url = "https://bittern.example.com/panels"
    with pytest.raises(TokenRefused):
        read_token(services.sign(client_key=ALICE_KEY, secret=ALICE_SECRET, method="GET", url=url), app_key="heron-app")


def test_a_client_speaks_as_one_installation_to_the_two_configured_hosts(services, bitbucket):
    client = services.client(ALICE_KEY, ALICE_SECRET)
    client.request("GET", f"/2.0/workspaces/%7B{ALICE_WORKSPACE.strip('{}')}%7D")
    swap, read = bitbucket.requests
    assert swap.url == f"https://bitbucket.org{TOKEN_PATH}"
    assert urlsplit(read.url).netloc == "api.bitbucket.org"
    assert read.headers["Authorization"] == "Bearer swapped-token"


def test_a_client_has_a_workers_time_unless_it_is_given_less(services, settings):
    assert services.client(ALICE_KEY, ALICE_SECRET).deadline == settings.api_timeout_seconds
    deadline = services.deadline(3.0)
    assert services.client(ALICE_KEY, ALICE_SECRET, deadline=deadline).deadline is deadline
    assert 0 < deadline.remaining_seconds() <= 3.0


def test_a_deadline_passes(services):
    with pytest.raises(TimedOut):
        services.deadline(0).remaining_seconds()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/2.0/user",
        "http://api.bitbucket.org/2.0/user",
        "https://api.bitbucket.org:8443/2.0/user",
        "https://api.bitbucket.org.evil.example/",
        "http://127.0.0.1:9/",
    ],
)
def test_the_way_to_bitbucket_leads_nowhere_else(settings, url):
    transport = create_transport(settings)
    assert isinstance(transport, CircuitBreaker)
    with pytest.raises(ForeignHost):
        transport.send(Request("GET", url), deadline_seconds=1)


def test_services_show_no_secret(services):
    assert "AAAA" not in repr(services)
    assert "sqlite" not in repr(services)
