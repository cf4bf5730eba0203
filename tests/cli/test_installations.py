"""The operator's commands about installations: what they print, what they change, and how they end."""

import json

from models import installations
from tests.tenants import ALICE_KEY, ALICE_SECRET, CHARLIE_KEY, NOON, uninstall


def row_of(services, client_key):
    with services.readers() as session:
        return installations.by_client_key(session, client_key)


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
