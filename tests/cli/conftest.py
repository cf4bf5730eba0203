"""Runs commands as an operator would: settings from the environment, a database of its own, Bitbucket replaced."""

import pytest
from click.testing import CliRunner

import cli
import services as services_module
from app import create_app
from bitbucket.messages import Headers, Response
from settings import load_settings
from tests.tenants import Clock, alice_offer, charlie_offer, install
from tests.web.conftest import KEY, Doorbell
from tests.web.fake_bitbucket import FakeBitbucket


@pytest.fixture
def environment(tmp_path):
    return {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": KEY,
        "BITTERN_DATABASE_URL": f"sqlite:///{tmp_path / 'bittern.db'}",
    }


@pytest.fixture
def bitbucket():
    fake = FakeBitbucket()
    fake.answers("/2.0/addon", Response(204, Headers({}), b""))
    return fake


@pytest.fixture
def doorbell():
    return Doorbell()


@pytest.fixture
def run(environment, monkeypatch, bitbucket, doorbell):
    """Runs a command as an operator would: settings from the environment, Bitbucket replaced."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = []

    def create_services(settings, **_):
        made.append(services_module.create_services(settings, transport=bitbucket, now=Clock(), wake=doorbell))
        return made[-1]

    monkeypatch.setattr("cli.starting.create_services", create_services)
    monkeypatch.setattr("logs.configure", lambda **_: None)

    def run(*arguments, given=None, **changes):
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli.group_for(create_app), arguments, input=given)

    yield run
    for one in made:
        one.engine.dispose()


@pytest.fixture
def services(run):
    assert run("migrate").exit_code == 0
    made = services_module.create_services(load_settings(), transport=FakeBitbucket(), now=Clock(), wake=Doorbell())
    yield made
    made.engine.dispose()


@pytest.fixture
def alice(services):
    with services.sessions.begin() as session:
        return install(session, alice_offer(), box=services.secret_box)


@pytest.fixture
def charlie(services):
    with services.sessions.begin() as session:
        return install(session, charlie_offer(), box=services.secret_box)
