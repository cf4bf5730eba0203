"""Setting Bittern up and looking it over, from the command line."""

import pytest

from models.schema import schema_version
from tests.web.conftest import KEY

OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3RoZXIta2V5LW8"


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


def test_keys_are_rotated_and_the_old_one_is_not_needed_any_more(run, alice, services):
    answer = run("rotate-keys", BITTERN_SECRET_KEYS=f"{OTHER_KEY},{KEY}")

    assert (answer.exit_code, answer.output) == (0, "1 secrets sealed anew.\n")
    assert run("rotate-keys", BITTERN_SECRET_KEYS=OTHER_KEY).exit_code == 0
    assert run("rotate-keys", BITTERN_SECRET_KEYS=KEY).exit_code == 1
