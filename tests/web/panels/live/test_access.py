"""The Access tab: who can reach a repository, for administrators of its workspace and nobody else."""

import pytest

from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB
from tests.web.fake_bitbucket import ANA, TOM, page
from tests.web.panels.asking import bearer
from tests.web.panels.live.asking import open_page, open_tab, seen

TAB = "/pages/repository/access"
PERMISSIONS = f"/2.0/workspaces/{ALICE_WORKSPACE}/permissions"
PRIVILEGES = f"/1.0/group-privileges/{ALICE_WORKSPACE}/{ALICE_REPOSITORY}/"
GROUPS = f"/1.0/groups/{ALICE_WORKSPACE}/"
TO_REPOSITORY = f"/1.0/invitations/{ALICE_WORKSPACE}/{ALICE_REPOSITORY}"
TO_GROUPS = f"/1.0/users/{ALICE_WORKSPACE}/invitations"


def group(slug, *members):
    return {"slug": slug, "name": slug.title(), "members": list(members)}


@pytest.fixture
def reached(alice, bitbucket):
    """A repository that two groups reach, with one invitation of each kind, and Bob who administers the workspace."""
    bitbucket.answers(PERMISSIONS, page({"permission": "owner", "user": {"uuid": BOB}}))
    bitbucket.answers(
        PRIVILEGES,
        [
            {"repo": "alice/heron", "privilege": "read", "group": group("readers")},
            {"repo": "alice/heron", "privilege": "admin", "group": group("keepers")},
        ],
    )
    bitbucket.answers(GROUPS, [group("keepers", ANA, TOM), group("readers", TOM), group("others", ANA)])
    bitbucket.answers(
        TO_REPOSITORY, [{"email": "eve@example.com", "permission": "write", "sent_on": "2026-11-20 10:00"}]
    )
    bitbucket.answers(
        TO_GROUPS,
        [
            {"email": "kim@example.com", "groups": ["alice/keepers"], "utc_sent_on": "2026-11-21 09:00:00+00:00"},
            {"email": "far@example.com", "groups": ["alice/others"]},
        ],
    )
    return bitbucket


def test_it_lists_groups_with_privilege_and_members_the_heaviest_first(client, reached):
    shown = seen(open_tab(client, TAB))

    assert "2 groups reach this repository." in shown
    assert "Groups 2 1 may write" in shown
    assert "People in them 2" in shown
    assert "Keepers 2 members Ana Silva, Tom Okafor admin Readers 1 member Tom Okafor read" in shown


def test_it_lists_invitations_to_the_repository_and_to_the_groups_that_reach_it(client, reached):
    shown = seen(open_tab(client, TAB))

    assert "eve@example.com this repository, to write 20 Nov 2026" in shown
    assert "kim@example.com keepers" in shown
    assert "far@example.com" not in shown
    assert "Invitations 2 pending" in shown


@pytest.mark.parametrize("permission", ["member", "collaborator", None])
def test_whoever_does_not_administer_the_workspace_sees_nobody(client, reached, permission):
    reached.answers(PERMISSIONS, page(*([{"permission": permission, "user": {"uuid": BOB}}] if permission else [])))

    answer = open_tab(client, TAB)

    assert "This page needs an administrator" in seen(answer)
    assert "@example.com" not in answer.get_data(as_text=True)
    assert not [path for path in reached.read_paths if path.startswith("/1.0/")]


def test_an_answer_about_somebody_else_is_no_permission(client, reached):
    reached.answers(PERMISSIONS, page({"permission": "owner", "user": {"uuid": ANA["uuid"]}}))

    assert "This page needs an administrator" in seen(open_tab(client, TAB))


def test_it_is_closed_while_the_permission_cannot_be_asked_for(client, reached):
    token = open_page(client)
    reached.answers(PERMISSIONS, {"type": "error", "error": {"message": "down"}}, status=500)

    answer = open_tab(client, TAB, token=token)

    assert "Bitbucket has trouble of its own" in seen(answer)
    assert "@example.com" not in answer.get_data(as_text=True)


def test_a_permission_is_remembered_for_fifteen_minutes_and_no_longer(client, reached, clock):
    open_tab(client, TAB)
    clock.advance(minutes=14)
    open_tab(client, TAB)
    asked_within = reached.read_paths.count(PERMISSIONS)
    clock.advance(minutes=1)
    reached.answers(PERMISSIONS, page({"permission": "member", "user": {"uuid": BOB}}))

    assert asked_within == 1
    assert "This page needs an administrator" in seen(open_tab(client, TAB))


def test_an_installation_that_may_not_read_it_is_told_so(client, reached):
    error = {"type": "error", "error": {"message": "no", "detail": {"required": ["repository:admin"], "granted": []}}}
    reached.answers(PRIVILEGES, error, status=403)

    assert "Bitbucket shows this to administrators only" in seen(open_tab(client, TAB))


def test_a_repository_that_no_group_reaches_says_so(client, reached):
    reached.answers(PRIVILEGES, [])
    reached.answers(TO_REPOSITORY, [])

    shown = seen(open_tab(client, TAB))

    assert "No group has a privilege of its own on this repository." in shown
    assert "Nobody is invited at the moment." in shown


def test_it_is_not_there_where_the_operator_does_not_offer_it(make_app, alice, bitbucket):
    client = make_app(access_page=False).test_client()
    token = open_page(client)

    assert client.get(TAB, headers=bearer(token)).status_code == 404


def test_it_is_asked_for_with_the_page_s_token_only(client, reached):
    assert client.get(TAB).status_code == 401
