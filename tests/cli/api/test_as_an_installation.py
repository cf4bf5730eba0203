"""`flask bittern api --as …`: the installation that is meant, and only one that is active."""

import json

import pytest

from models.schema import upgrade
from services import create_services
from settings import load_settings
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    CHARLIE_KEY,
    Clock,
    alice_offer,
    charlie_offer,
    install,
    uninstall,
)
from tests.web.conftest import KEY, Doorbell


@pytest.fixture
def services(call, bitbucket, monkeypatch, tmp_path):
    """A database in which Alice's workspace has the app, in Bitbucket too."""
    monkeypatch.setenv("BITTERN_BASE_URL", "https://bittern.example.com")
    monkeypatch.setenv("BITTERN_SECRET_KEYS", KEY)
    monkeypatch.setenv("BITTERN_DATABASE_URL", f"sqlite:///{tmp_path / 'bittern.db'}")
    made = create_services(load_settings(), now=Clock(), wake=Doorbell())
    upgrade(made.settings.database_url)
    with made.sessions.begin() as session:
        row = install(session, alice_offer(), box=made.secret_box)
    workspace = {"uuid": row.principal_uuid, "slug": row.principal_slug or "alice", "owner": "alice"}
    bitbucket.control("POST", "/workspaces", workspace)
    own = {
        "client_key": ALICE_KEY,
        "shared_secret": ALICE_SECRET,
        "workspace_uuid": row.principal_uuid,
        "app_key": "bittern",
    }
    bitbucket.control("POST", "/installations", own)
    yield made
    made.engine.dispose()


@pytest.fixture
def alice(services):
    with services.readers() as session:
        from models import installations

        return installations.by_client_key(session, ALICE_KEY)


def test_it_is_named_in_any_way_that_tells_it_apart(call, alice):
    for name in (
        ALICE_KEY,
        alice.id,
        alice.principal_slug,
        alice.principal_uuid,
        alice.principal_uuid.strip("{}").upper(),
    ):
        ran = call("workspaces/{workspace}", "--as", name)
        assert ran.exit_code == 0, ran.stderr
        assert json.loads(ran.stdout)["uuid"] == alice.principal_uuid


def test_it_may_be_named_in_the_environment(call, alice):
    ran = call("workspaces/{workspace}", BITTERN_API_AS=ALICE_KEY)
    assert json.loads(ran.stdout)["uuid"] == alice.principal_uuid


def test_calls_that_take_no_other_credential_are_its_own_too(call, alice, bitbucket):
    address = f"users/{alice.principal_uuid}/properties/bittern/mood"
    put = call(
        "-X", "PUT", address.replace(alice.principal_uuid, bitbucket.cast.alice.uuid), "--as", ALICE_KEY, "-f", "a=b"
    )
    assert (put.exit_code, put.stderr) == (0, "")


def test_one_that_is_not_there_is_said_to_be_not_there(call, services):
    ran = call("user", "--as", "nobody")
    assert (ran.exit_code, ran.stderr) == (1, "There is no such installation: nobody\n")


def test_one_that_was_removed_makes_no_calls(call, services, bitbucket):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    bitbucket.control("DELETE", "/requests")
    ran = call("user", "--as", ALICE_KEY)
    assert (ran.exit_code, "is uninstalled" in ran.stderr) == (1, True)
    assert bitbucket.control("GET", "/requests") == []


def test_two_of_one_name_are_told_apart_by_their_keys(call, services):
    from models.tables import Installation

    with services.sessions.begin() as session:
        install(session, charlie_offer(), box=services.secret_box)
        for row in session.query(Installation):
            row.principal_slug = "same"
    ran = call("user", "--as", "same")
    assert ran.exit_code == 1
    assert ALICE_KEY in ran.stderr
    assert CHARLIE_KEY in ran.stderr


def test_a_database_that_is_not_ready_is_said_to_be(call, monkeypatch, tmp_path):
    monkeypatch.setenv("BITTERN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    ran = call("user", "--as", "acme", BITTERN_BASE_URL="https://bittern.example.com", BITTERN_SECRET_KEYS=KEY)
    assert ran.exit_code == 1
    assert "Run `" in ran.stderr
