"""The application with its outside replaced: a clock that stands still, a scripted Bitbucket, a doorbell that remembers."""

import shutil

import pytest
import structlog

import logs
from app import create_app
from services import create_services
from settings import Settings
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import Clock, alice_offer, charlie_offer, install
from tests.web.fake_bitbucket import FakeBitbucket

KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdA"


class Doorbell:
    """Remembers who was rung for."""

    def __init__(self):
        self.rung = []

    def delivery(self, delivery_id):
        self.rung.append(("delivery", delivery_id))

    def proof(self, installation_id):
        self.rung.append(("proof", installation_id))

    def purge(self, installation_id):
        self.rung.append(("purge", installation_id))

    def deletion(self, deletion_id):
        self.rung.append(("deletion", deletion_id))

    def backfill(self, installation_id):
        self.rung.append(("backfill", installation_id))

    def follow_up(self, follow_up_id):
        self.rung.append(("follow_up", follow_up_id))

    def reconcile(self, reconcile_id):
        self.rung.append(("reconcile", reconcile_id))

    def census(self, census_id):
        self.rung.append(("census", census_id))

    def measuring(self, repository_id):
        self.rung.append(("measuring", repository_id))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bitbucket():
    return FakeBitbucket()


@pytest.fixture
def doorbell():
    return Doorbell()


@pytest.fixture
def web_database_url(sqlite_template, tmp_path):
    path = tmp_path / "bittern.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def make_settings(web_database_url):
    def make(**overrides):
        values = {
            "base_url": "https://bittern.example.com",
            "secret_keys": KEY,
            "database_url": web_database_url,
            "metrics_token": "metrics-token-0123456789",
        }
        return Settings(**(values | overrides))

    return make


@pytest.fixture
def make_app(make_settings, clock, bitbucket, doorbell):
    """Makes an application; settings given here come on top."""
    made = []

    def make(**overrides):
        services = create_services(make_settings(**overrides), transport=bitbucket, now=clock, wake=doorbell)
        made.append(services)
        return create_app(services=services)

    yield make
    for services in made:
        services.engine.dispose()


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def services(app):
    return app.extensions["bittern.services"]


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def alice(services):
    """Alice's workspace has installed the app."""
    with services.sessions.begin() as session:
        return install(session, alice_offer(), box=services.secret_box)


@pytest.fixture
def charlie(services):
    with services.sessions.begin() as session:
        return install(session, charlie_offer(), box=services.secret_box)


@pytest.fixture(autouse=True)
def log_entries(monkeypatch):
    """What is logged while the test runs, as entries; nothing is printed, and no application sets logging up anew."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    with structlog.testing.capture_logs(processors=[logs.with_context]) as entries:
        yield entries


@pytest.fixture
def refusals(log_entries):
    """The reasons in the security log so far."""
    return lambda: [entry["reason"] for entry in log_entries if entry["event"] == "security.refused"]
