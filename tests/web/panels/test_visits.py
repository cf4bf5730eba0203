"""Who sees which repository: the signature, the tenant, the viewer, and everybody else."""

from urllib.parse import quote

import pytest

from models import repositories
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_SECRET,
    CHARLIE_WORKSPACE,
    alice_offer,
    quarantine,
    uninstall,
)
from tests.web.fake_bitbucket import REPOSITORY, TOM, participant, pull_request, repository
from tests.web.panels.asking import page_token, panel, text
from tests.web.signing import signed_headers


def test_it_refuses_an_address_that_bitbucket_did_not_sign_so(client, alice, refusals):
    tampered = panel().replace("a1", "a2", 1)
    unsigned = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"

    answers = [
        client.get(tampered),
        client.get(unsigned),
        client.get(panel() + "&admin=1"),
        client.get(panel(secret=CHARLIE_SECRET)),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert len({answer.data for answer in answers}) == 1
    assert refusals() == ["auth.qsh_mismatch", "auth.missing", "auth.qsh_mismatch", "auth.signature"]


@pytest.mark.parametrize("repeated", ["&repository=x", "&user=x", "&Repository=x", "&jwt=x"])
def test_it_refuses_a_security_parameter_given_twice_even_where_it_is_signed(client, alice, refusals, repeated):
    assert client.get(panel(extra=repeated)).status_code == 401
    assert refusals() == ["auth.ambiguous"]


def test_a_security_parameter_added_after_signing_is_tampering(client, alice, refusals):
    for added in ("&repository=x", "&Repository=x"):
        assert client.get(panel() + added).status_code == 401
    assert refusals() == ["auth.qsh_mismatch"] * 2


def test_it_refuses_a_token_in_the_header_beside_one_in_the_query_and_one_in_the_header_alone(client, alice, refusals):
    target = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"
    headers = signed_headers(target, method="GET")

    assert client.get(panel(), headers=headers).status_code == 401
    assert client.get(target, headers=headers).status_code == 401
    assert client.get(target, headers={"Cookie": f"jwt={headers['Authorization'][4:]}"}).status_code == 401
    assert refusals() == ["auth.ambiguous", "auth.missing", "auth.missing"]


def test_a_repository_of_another_workspace_is_not_found(client, alice, charlie, bitbucket, refusals):
    elsewhere = f"/2.0/repositories/{ALICE_WORKSPACE}/{CHARLIE_REPOSITORY}"
    bitbucket.answers(elsewhere, repository(uuid=CHARLIE_REPOSITORY, workspace={"uuid": CHARLIE_WORKSPACE}))

    answer = client.get(panel(CHARLIE_REPOSITORY))

    assert answer.status_code == 404
    assert "Heron" not in answer.get_data(as_text=True)
    assert refusals() == ["tenant.foreign_repo"]


def test_what_is_somebody_elses_looks_like_what_is_nowhere(client, alice, charlie, bitbucket):
    elsewhere = f"/2.0/repositories/{ALICE_WORKSPACE}/{CHARLIE_REPOSITORY}"
    bitbucket.answers(elsewhere, repository(uuid=CHARLIE_REPOSITORY, workspace={"uuid": CHARLIE_WORKSPACE}))

    foreign = client.get(panel(CHARLIE_REPOSITORY))
    nowhere = client.get(panel("{99999999-0000-4000-8000-000000000099}"))

    assert (foreign.status_code, foreign.data) == (nowhere.status_code, nowhere.data)


def test_a_repository_whose_workspace_bitbucket_does_not_name_is_not_found(client, alice, bitbucket):
    bitbucket.answers(REPOSITORY, repository(workspace=None))

    assert client.get(panel()).status_code == 404


def test_a_repository_that_another_tenant_holds_is_asked_for_as_ones_own(client, alice, charlie, services, bitbucket):
    with services.sessions.begin() as session:
        facts = repositories.RepositoryFacts(
            uuid=CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE, is_private=False
        )
        repositories.record(session, charlie, facts, as_of=services.now(), now=services.now())

    assert client.get(panel(CHARLIE_REPOSITORY)).status_code == 404
    assert bitbucket.read_paths == [f"/2.0/repositories/{ALICE_WORKSPACE}/{CHARLIE_REPOSITORY}"]


def test_a_repository_seen_for_the_first_time_is_recorded(client, alice, services):
    client.get(panel())

    with services.readers() as session:
        row = repositories.find(session, alice, ALICE_REPOSITORY)
    assert (row.full_name, row.is_private, row.main_branch) == ("alice/heron", True, "main")


def test_every_spelling_of_a_uuid_is_the_same_repository(client, alice):
    for spelling in (ALICE_REPOSITORY.upper(), ALICE_REPOSITORY.strip("{}")):
        assert client.get(panel(spelling)).status_code == 200


@pytest.mark.parametrize("repository_uuid", ["", "heron", "{repository.uuid}", "1 OR 1=1"])
def test_what_is_no_uuid_is_a_bad_request(client, alice, repository_uuid):
    assert client.get(panel(repository_uuid)).status_code == 400


@pytest.mark.parametrize("user", [None, "", "{user.uuid}", "nobody"])
def test_a_private_repository_is_not_shown_to_nobody(client, alice, refusals, user):
    assert client.get(panel(user=user)).status_code == 404
    assert refusals() == ["perm.denied"]


def test_a_repository_of_which_nobody_says_that_it_is_public_is_not_shown_to_nobody(client, alice, bitbucket, refusals):
    bitbucket.show(is_private=None)

    assert client.get(panel(user=None)).status_code == 404
    assert refusals() == ["perm.denied"]


def test_a_public_repository_is_shown_to_everybody(client, alice, bitbucket):
    bitbucket.show(pull_request(1, participant(TOM)), is_private=False)

    answer = client.get(panel(user=None))

    assert answer.status_code == 200
    assert "1 waits for you" not in text(answer)


def test_a_repository_that_became_private_since_is_not_shown_to_nobody(client, alice, services, bitbucket, clock):
    bitbucket.show(is_private=False)
    assert client.get(panel(user=None)).status_code == 200
    clock.advance(seconds=60)
    with services.sessions.begin() as session:
        facts = repositories.RepositoryFacts(uuid=ALICE_REPOSITORY, is_private=True)
        repositories.record(session, alice, facts, as_of=services.now(), now=services.now())

    assert client.get(panel(user=None)).status_code == 404


def test_a_tombstone_is_refused_like_any_token(client, alice, services, refusals):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    answer = client.get(panel())

    assert (answer.status_code, answer.data) == (401, client.get("/panels/repository").data)
    assert refusals()[0] == "auth.uninstalled"


def test_a_quarantined_installation_is_told_that_it_is_being_finished_and_gets_no_token(client, services, bitbucket):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    answer = client.get(panel())

    assert answer.status_code == 200
    assert "being finished" in text(answer)
    assert page_token(answer) is None
    assert bitbucket.requests == []


def test_it_sets_no_cookie_and_is_not_kept(client, alice):
    answer = client.get(panel())

    assert "Set-Cookie" not in answer.headers
    assert {"no-cache", "no-store"} <= set(answer.headers["Cache-Control"].replace(",", " ").split())
