"""The operator's commands: what they print, what they change, and how they end."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

import cli
import services as services_module
from app import create_app
from bitbucket.messages import Headers, Response
from models import inbox, installations
from models.inbox import Delivery, DeliveryState
from models.schema import schema_version
from settings import load_settings
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    CHARLIE_KEY,
    NOON,
    Clock,
    alice_offer,
    charlie_offer,
    install,
    receive,
    uninstall,
)
from tests.web.conftest import KEY, Doorbell
from tests.web.fake_bitbucket import FakeBitbucket

OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3RoZXIta2V5LW8"


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

    monkeypatch.setattr(cli, "create_services", create_services)
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


def row_of(services, client_key):
    with services.readers() as session:
        return installations.by_client_key(session, client_key)


# Set-up ---------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_one_that_the_settings_take(run):
    keys = {run("generate-key").output.strip() for _ in range(3)}

    assert len(keys) == 3
    assert all(run("install-link", BITTERN_SECRET_KEYS=key).exit_code == 0 for key in keys)


def test_a_key_can_be_made_before_anything_is_set(run, environment, monkeypatch):
    for name in environment:
        monkeypatch.delenv(name)

    assert run("generate-key").exit_code == 0


def test_the_install_link_is_printed_alone(run):
    answer = run("install-link")

    assert answer.output.startswith(
        "https://bitbucket.org/site/addons/authorize?descriptor_uri=https%3A%2F%2Fbittern.example.com"
    )
    assert answer.output.count("\n") == 1


def test_wrong_settings_end_a_command_with_all_their_sentences(run):
    answer = run("install-link", BITTERN_BASE_URL="http://x", BITTERN_RETENTION_DAYS="-1")

    assert answer.exit_code == 2
    assert "BITTERN_BASE_URL must begin with https://" in answer.stderr
    assert "BITTERN_RETENTION_DAYS must be at least 0" in answer.stderr


def test_an_empty_database_is_brought_up_to_date_and_may_be_again(run, services):
    assert schema_version(services.engine)
    assert run("migrate").output == "The database is up to date.\n"


def test_commands_that_need_the_database_say_that_it_is_not_ready(run):
    answer = run("installations", "list")

    assert answer.exit_code == 1
    assert "Run `" in answer.stderr


def test_the_table_of_settings_names_every_variable(run):
    table = run("settings").output

    assert table.startswith("| variable | default | what it is |")
    assert "| `BITTERN_BASE_URL` | required |" in table
    assert "| `BITTERN_RETENTION_DAYS` | `30` |" in table
    assert "| `BITTERN_DEMO` | `false` |" in table


def test_an_unknown_command_or_option_is_a_mistake_of_the_caller(run):
    assert run("instalations").exit_code == 2
    assert run("doctor", "--fast").exit_code == 2
    assert run("installations", "show").exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["doctor"],
        ["migrate"],
        ["installations"],
        ["installations", "update"],
        ["installations", "remove"],
        ["deliveries"],
        ["rotate-keys"],
    ],
)
def test_every_command_explains_itself(run, command):
    answer = run(*command, "--help")

    assert answer.exit_code == 0
    assert len(answer.output.splitlines()) >= 5


# Keys -----------------------------------------------------------------------------------------------------------------


def test_keys_are_rotated_and_the_old_one_is_not_needed_any_more(run, alice, services):
    answer = run("rotate-keys", BITTERN_SECRET_KEYS=f"{OTHER_KEY},{KEY}")

    assert (answer.exit_code, answer.output) == (0, "1 secrets sealed anew.\n")
    assert run("rotate-keys", BITTERN_SECRET_KEYS=OTHER_KEY).exit_code == 0
    assert run("rotate-keys", BITTERN_SECRET_KEYS=KEY).exit_code == 1


# Installations --------------------------------------------------------------------------------------------------------


def test_installations_are_listed_for_people_and_for_programs(run, alice, charlie, services):
    with services.sessions.begin() as session:
        uninstall(session, CHARLIE_KEY)

    table = run("installations", "list").output
    rows = json.loads(run("installations", "list", "--json").output)

    assert "active" in table
    assert "uninstalled" in table
    assert [(row["client_key"], row["state"]) for row in rows] == [(ALICE_KEY, "active"), (CHARLIE_KEY, "uninstalled")]


def test_an_installation_is_shown_with_its_trail_and_without_its_secret(run, alice, services):
    from models import audit

    with services.sessions.begin() as session:
        audit.add(session, audit.Entry(ALICE_KEY, "installed", "lifecycle.installed", alice.id), now=NOON)

    shown = run("installations", "show", ALICE_KEY)
    read = json.loads(run("installations", "show", ALICE_KEY, "--json").output)

    assert "lifecycle.installed" in shown.output
    assert read["trail"] == [{"at": NOON.isoformat(), "action": "installed", "reason": "lifecycle.installed"}]
    for output in (shown.output, json.dumps(read)):
        assert ALICE_SECRET not in output
        assert "gAAAA" not in output


def test_an_installation_that_is_not_there_is_said_to_be_not_there(run, services):
    answer = run("installations", "show", "connection:404")

    assert (answer.exit_code, answer.stderr) == (1, "There is no such installation: connection:404\n")


def test_installations_with_an_older_descriptor_are_updated(run, alice, services, bitbucket):
    answer = run("installations", "update")

    assert answer.exit_code == 0
    [request] = [request for request in bitbucket.requests if request.url.endswith("/2.0/addon")]
    assert (request.method, request.body) == ("PUT", b"{}")
    assert request.headers["Authorization"].startswith("JWT ")
    assert row_of(services, ALICE_KEY).descriptor_version != "d1"


def test_an_installation_that_has_our_descriptor_is_left_alone(run, alice, bitbucket):
    run("installations", "update")
    bitbucket.requests.clear()

    answer = run("installations", "update")

    assert "0 of 0 updated" in answer.output
    assert bitbucket.requests == []
    assert "1 of 1 updated" in run("installations", "update", "--all").output
    assert "1 of 1 updated" in run("installations", "update", ALICE_KEY).output


def test_a_dry_run_updates_nothing(run, alice, services, bitbucket):
    answer = run("installations", "update", "--dry-run")

    assert "Alice & Co: d1 →" in answer.output
    assert bitbucket.requests == []
    assert row_of(services, ALICE_KEY).descriptor_version == "d1"


def test_an_update_that_bitbucket_refuses_is_a_failure_and_the_others_go_on(run, alice, charlie, services, bitbucket):
    bitbucket.answers("/2.0/addon", {"error": {"message": "scopes cannot be widened"}}, status=400)

    answer = run("installations", "update")

    assert answer.exit_code == 1
    assert "0 of 2 updated" in answer.output
    assert answer.stderr.count("scopes cannot be widened") == 2
    assert row_of(services, ALICE_KEY).descriptor_version == "d1"


def test_an_uninstalled_installation_is_never_updated(run, alice, services, bitbucket):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert "0 of 0 updated" in run("installations", "update", "--all").output
    assert run("installations", "update", ALICE_KEY).exit_code == 1
    assert bitbucket.requests == []


def test_a_removal_asks_first_and_goes_through_bitbucket(run, alice, bitbucket):
    asked = run("installations", "remove", ALICE_KEY, given="n\n")
    assert asked.exit_code == 1
    assert bitbucket.requests == []

    done = run("installations", "remove", ALICE_KEY, given="y\n")
    [request] = [request for request in bitbucket.requests if request.url.endswith("/2.0/addon")]
    assert done.exit_code == 0
    assert request.method == "DELETE"


def test_a_removal_can_be_tried_dry_or_without_a_question(run, alice, bitbucket):
    assert "Would remove the app from Alice & Co." in run("installations", "remove", ALICE_KEY, "--dry-run").output
    assert bitbucket.requests == []
    assert run("installations", "remove", ALICE_KEY, "--yes").exit_code == 0


def test_a_removal_that_bitbucket_refuses_changes_nothing(run, alice, services, bitbucket):
    bitbucket.answers("/2.0/addon", {"error": {"message": "no"}}, status=403)

    answer = run("installations", "remove", ALICE_KEY, "--yes")

    assert answer.exit_code == 1
    assert "Bitbucket did not remove it" in answer.stderr
    assert row_of(services, ALICE_KEY).is_active


def test_what_is_removed_already_is_not_removed_again(run, alice, services, bitbucket):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert run("installations", "remove", ALICE_KEY, "--yes").exit_code == 1
    assert bitbucket.requests == []


# Deliveries -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dead_letter(alice, services):
    with services.sessions.begin() as session:
        delivery_id = receive(session, alice)
        row = session.get(Delivery, delivery_id)
        row.state, row.error, row.attempts, row.processed_at = DeliveryState.DEAD, "It cannot be read.", 5, NOON
    return delivery_id


def test_deliveries_are_counted_and_those_given_up_are_named(run, dead_letter, alice, services):
    with services.sessions.begin() as session:
        receive(session, alice, number=2)

    shown = run("deliveries").output
    read = json.loads(run("deliveries", "--json").output)

    assert "1 waiting, the oldest since 2026-11-23 12:00 UTC; 1 given up." in shown
    assert (read["pending"], read["dead"]) == (1, 1)
    assert [(letter["id"], letter["why"]) for letter in read["letters"]] == [(dead_letter, "It cannot be read.")]


def test_a_delivery_that_was_given_up_can_be_tried_again(run, dead_letter, services, doorbell):
    answer = run("deliveries", "replay", ALICE_KEY, str(dead_letter))

    assert answer.exit_code == 0
    assert doorbell.rung == [("delivery", dead_letter)]
    with services.readers() as session:
        assert session.scalar(select(Delivery.state)) is DeliveryState.PENDING


def test_nobody_elses_delivery_can_be_tried_again(run, dead_letter, charlie, services, doorbell):
    answer = run("deliveries", "replay", CHARLIE_KEY, str(dead_letter))

    assert answer.exit_code == 1
    assert doorbell.rung == []
    with services.readers() as session:
        assert inbox.backlog(session).dead == 1
