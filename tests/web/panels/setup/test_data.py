"""Export and deletion: confirmed by the name of what goes, one workspace's and no other's, and what stands there afterwards."""

import io
import json
import zipfile

import pytest

from models import backfills, collecting, deletions, repositories, setup_audit
from models.deletions import Deletion
from models.setup_audit import SetupAction
from sync.deletion import delete_asked
from tests.models.rows_of_every_table import fill_every_table
from tests.tenants import (
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
)
from tests.web.panels.asking import bearer, page_token, panel, text
from tests.web.panels.setup.asking import (
    DELETE,
    EXPORT,
    PERMISSIONS,
    RESUME,
    configure,
    configure_repository,
    form_token,
    make_administrator,
)

WORKSPACE = {"scope": "workspace", "confirm": "Alice & Co"}
HERON = {"scope": ALICE_REPOSITORY, "confirm": "alice/heron"}


@pytest.fixture
def stored(services, alice):
    """What is asked for and done: deletions by scope, stops, and the trail."""

    def read():
        with services.readers() as session:
            asked = [(row.repository_uuid, row.finished_at is not None) for row in deletions.newest(session, alice)]
            actions = [row.action for row in setup_audit.newest(session, alice)]
            return asked, set(collecting.stops(session, alice)), actions

    return read


def delete(client, token, form):
    return client.post(DELETE, data={"page_token": token, **form})


def do_all(services):
    with services.readers() as session:
        asked = [row.id for row in session.query(Deletion).all()]
    for row_id in asked:
        delete_asked(services, row_id)


@pytest.mark.parametrize(("form", "scope"), [(WORKSPACE, None), (HERON, ALICE_REPOSITORY)])
def test_a_confirmed_deletion_is_asked_for_and_collecting_stops(client, opened, token, stored, doorbell, form, scope):
    answer = delete(client, token, form)

    assert answer.status_code == 200
    assert "It is being deleted, and nothing is collected there any more." in text(answer)
    assert stored() == ([(scope, False)], {scope}, [SetupAction.DELETION_ASKED])
    assert doorbell.rung == [("deletion", 1)]


@pytest.mark.parametrize("confirm", ["", "alice", "Alice", "yes", "Alice & Co & more", "alice/heron"])
def test_without_the_name_nothing_is_deleted(client, opened, token, stored, doorbell, confirm):
    answer = delete(client, token, WORKSPACE | {"confirm": confirm})

    assert answer.status_code == 422
    assert "Nothing was deleted. To confirm, type the name as it is written here: Alice &amp; Co" in text(answer)
    assert (stored(), doorbell.rung) == (([], set(), []), [])


def test_case_and_blanks_around_the_name_do_not_matter(client, opened, token, stored):
    delete(client, token, WORKSPACE | {"confirm": "  ALICE & co "})
    assert stored()[0] == [(None, False)]


@pytest.mark.parametrize("scope", ["", "x", CHARLIE_REPOSITORY, ALICE_OTHER_REPOSITORY, "\x00", "x" * 900])
def test_what_is_not_the_workspaces_cannot_be_chosen(client, opened, token, charlie, services, stored, scope):
    with services.sessions.begin() as session:
        fill_every_table(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE, mark="charlie")

    answer = delete(client, token, {"scope": scope, "confirm": "charlie/repository"})

    assert answer.status_code == 422
    assert stored() == ([], set(), [])


def test_the_page_of_a_repository_deletes_that_repository_alone(client, administrator, heron, stored):
    token = form_token(client.get(configure_repository()))

    assert delete(client, token, WORKSPACE).status_code == 422
    assert stored()[0] == []
    assert delete(client, token, HERON).status_code == 200
    assert stored()[0] == [(ALICE_REPOSITORY, False)]


def test_bitbucket_is_asked_anew_before_anything_is_deleted(client, opened, token, bitbucket, stored):
    make_administrator(bitbucket, permission="member")

    assert delete(client, token, WORKSPACE).status_code == 403
    assert bitbucket.read_paths.count(PERMISSIONS) == 2
    assert stored()[0] == []


def test_asking_twice_is_asking_once(client, opened, token, stored):
    delete(client, token, WORKSPACE)
    delete(client, token, WORKSPACE)

    assert stored()[0] == [(None, False)]


def test_the_page_says_how_far_it_is_and_when_it_is_done(client, opened, token, services):
    assert "Everything of the workspace" in text(delete(client, token, WORKSPACE))
    assert "Deleting" in text(client.get(configure()))
    do_all(services)

    shown = text(client.get(configure()))
    assert "Deleted" in shown
    assert "Start collecting again" in shown


def test_a_panel_then_says_that_nothing_is_collected(client, opened, token, services, bitbucket):
    paint = client.get(panel())
    delete(client, token, HERON)
    do_all(services)
    bitbucket.requests.clear()

    answer = client.get(panel())

    assert answer.status_code == 200
    assert "Nothing is collected here" in text(answer)
    assert page_token(answer) is None
    assert bitbucket.read_paths == []
    if refresh_token := page_token(paint):
        assert client.get("/panels/repository/refresh", headers=bearer(refresh_token)).status_code == 409


def test_a_repository_that_went_with_everything_is_not_met_again(client, opened, token, services, bitbucket, alice):
    delete(client, token, WORKSPACE)
    do_all(services)
    bitbucket.requests.clear()

    assert "Nothing is collected here" in text(client.get(panel()))
    assert bitbucket.read_paths == []
    with services.readers() as session:
        assert repositories.held(session, alice) == []


def test_whoever_may_not_see_the_repository_learns_nothing_of_it(client, opened, token, services):
    delete(client, token, HERON)

    assert client.get(panel(user=None)).status_code == 404


@pytest.mark.parametrize(("form", "scope"), [(WORKSPACE, "workspace"), (HERON, ALICE_REPOSITORY)])
def test_collecting_starts_again_once_the_deletion_is_done(
    client, opened, token, services, alice, stored, doorbell, form, scope
):
    delete(client, token, form)
    early = client.post(RESUME, data={"page_token": token, "scope": scope})
    do_all(services)
    answer = client.post(RESUME, data={"page_token": token, "scope": scope})

    assert early.status_code == 422
    assert "Bittern collects again" in text(answer)
    assert stored()[1] == set()
    assert stored()[2][0] is SetupAction.COLLECTING_RESUMED
    assert doorbell.rung[-1] == ("backfill", alice.id)
    with services.readers() as session:
        assert backfills.listing_of(session, alice).finished_at is None


@pytest.mark.parametrize("scope", ["", "workspace", ALICE_REPOSITORY, CHARLIE_REPOSITORY])
def test_what_was_not_stopped_does_not_start_again(client, opened, token, stored, scope):
    assert client.post(RESUME, data={"page_token": token, "scope": scope}).status_code == 422
    assert stored()[2] == []


def test_the_export_is_a_zip_file_of_every_table(client, opened, token, stored):
    answer = client.post(EXPORT, data={"page_token": token})
    archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))

    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bittern-alice-2026-11-23.zip"'
    assert archive.testzip() is None
    (row,) = [json.loads(line) for line in archive.read("repositories.jsonl").splitlines()]
    assert (row["uuid"], row["full_name"], row["facts_at"]) == (
        ALICE_REPOSITORY,
        "alice/heron",
        "2026-11-23T12:00:00Z",
    )
    about = json.loads(archive.read("about.json"))
    assert about["tables"]["repositories"]["columns"]["uuid"]["about"]
    assert {f"{table}.jsonl" for table in about["tables"]} == set(archive.namelist()) - {"about.json", "README.txt"}
    assert stored()[2] == [SetupAction.EXPORTED]


def test_the_export_holds_nobody_elses_rows_and_no_secret(client, opened, token, services, alice, charlie):
    with services.sessions.begin() as session:
        fill_every_table(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE, mark="charlie")
    archive = zipfile.ZipFile(io.BytesIO(client.post(EXPORT, data={"page_token": token}).get_data()))
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode().lower()

    assert "charlie" not in everything
    assert ALICE_SECRET.lower() not in everything
    assert alice.sealed_secret.lower() not in everything


def test_a_text_with_line_ends_stays_one_line(client, opened, token, services, alice, heron):
    with services.sessions.begin() as session:
        row = repositories.find(session, alice, ALICE_REPOSITORY)
        row.name = 'one\r\ntwo\u2028"three"'
    archive = zipfile.ZipFile(io.BytesIO(client.post(EXPORT, data={"page_token": token}).get_data()))

    rows = [json.loads(line) for line in archive.read("repositories.jsonl").decode().split("\n") if line]
    assert [row["name"] for row in rows] == ['one\r\ntwo\u2028"three"']


def test_the_name_of_the_file_is_one_header_whatever_the_workspace_is_called(client, opened, token, services, alice):
    from models.installations import Installation

    with services.sessions.begin() as session:
        session.get(Installation, alice.id).principal_slug = 'a"\r\nSet-Cookie: x=1; é/../'
    answer = client.post(EXPORT, data={"page_token": token})

    assert answer.headers["Content-Disposition"] == 'attachment; filename="bittern-a-Set-Cookie-x-1-2026-11-23.zip"'
    assert "Set-Cookie" not in answer.headers


def test_what_is_stored_is_listed_with_every_column(opened):
    shown = text(opened)

    assert "pull_requests Each pull request: title, branches, author" in shown
    assert "sealed_secret text The secret that signs requests, encrypted." in shown
    assert BOB not in shown
