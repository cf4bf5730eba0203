"""The writes that must work: POST, PUT and DELETE of five kinds of thing, and the four resources of REST 1.0."""

from __future__ import annotations

import pytest

from bitbucket import commits, groups, invitations, issues, properties, pull_request_reviews
from bitbucket.client import Payload
from bitbucket.errors import Forbidden, NotFound, Unauthorized
from bitbucket.resources import BuildStatus
from tests.contract.guide_world import APP_KEY, MOXIE, TEAM

WHERE = ("1team", MOXIE)
NEW = "new.person+1@example.com"


def test_post_put_delete_an_issue(guide, ann):
    """POST, PUT, DELETE on an issue"""
    made = issues.create_issue(ann, *WHERE, {"title": "It drips", "kind": "bug"})
    changed = issues.update_issue(ann, *WHERE, made.id, {"priority": "blocker", "state": "open"})
    assert (changed.title, changed.priority, changed.state) == ("It drips", "blocker", "open")
    assert issues.issue(ann, *WHERE, made.id).priority == "blocker"
    issues.delete_issue(ann, *WHERE, made.id)
    with pytest.raises(NotFound):
        issues.issue(ann, *WHERE, made.id)


def test_post_put_delete_a_comment_of_an_issue(guide, ann, ben):
    """POST, PUT, DELETE on a comment"""
    issue = issues.create_issue(ann, *WHERE, {"title": "It drips"})
    said = issues.add_comment(ben, *WHERE, issue.id, "Where?")
    assert issues.edit_comment(ben, *WHERE, issue.id, said.id, text="Where to?").content.raw == "Where to?"
    with pytest.raises(Forbidden):
        issues.edit_comment(ann, *WHERE, issue.id, said.id, text="No")
    assert [one.content.raw for one in issues.comments(ann, *WHERE, issue.id)] == ["Where to?"]
    issues.delete_comment(ben, *WHERE, issue.id, said.id)


def test_post_put_delete_a_comment_of_a_pull_request(guide, ann):
    """POST, PUT, DELETE on a comment"""
    said = pull_request_reviews.add_comment(ann, *WHERE, 1, text="Which tea?")
    changed = pull_request_reviews.edit_comment(ann, *WHERE, 1, said.id, text="Green?")
    assert (changed.id, changed.content.raw) == (said.id, "Green?")
    pull_request_reviews.delete_comment(ann, *WHERE, 1, said.id)
    assert [one.id for one in pull_request_reviews.comments(ann, *WHERE, 1) if not one.deleted] == []


def test_post_and_put_a_build_status(guide, installation):
    """POST, PUT on a build status (REST has no DELETE of one)"""
    tip = guide.pull_request.source_hash
    status = BuildStatus(key="ci", state="INPROGRESS", url="https://ci.example.com/1", name="CI")
    assert commits.report_build(installation, *WHERE, tip, status).state == "INPROGRESS"
    done = BuildStatus(key="ci", state="SUCCESSFUL", url="https://ci.example.com/1")
    assert commits.update_build(installation, *WHERE, tip, done).state == "SUCCESSFUL"
    told = commits.build_statuses(installation, "1team", MOXIE, tip)
    assert [(one.key, one.state) for one in told.values] == [("ci", "SUCCESSFUL")]


def test_post_and_delete_an_approval(guide, ann):
    """POST, DELETE on a pull-request approval"""
    assert pull_request_reviews.approve(ann, *WHERE, 1).approved
    assert guide.pull_request.participant(guide.ann).approved
    pull_request_reviews.unapprove(ann, *WHERE, 1)
    assert not guide.pull_request.participant(guide.ann).approved


@pytest.mark.parametrize("kind", ["repository", "commit", "pull request", "user"])
def test_put_and_delete_an_app_property(guide, installation, ann, kind):
    """PUT, DELETE on an app property"""
    named = {"app_key": APP_KEY, "name": "mood"}
    address = {
        "repository": properties.property_of_repository(*WHERE, **named),
        "commit": properties.property_of_commit(*WHERE, guide.pull_request.source_hash, **named),
        "pull request": properties.property_of_pull_request(*WHERE, 1, **named),
        "user": properties.property_of_user(guide.ann.uuid, **named),
    }[kind]
    properties.write_property(installation, address, {"colour": "blue"}, attributes=("public",))
    assert properties.read_property(ann, address)["colour"] == "blue"
    with pytest.raises(Forbidden):
        properties.write_property(ann, address, {"colour": "red"})
    properties.delete_property(installation, address)
    with pytest.raises(NotFound):
        properties.read_property(installation, address)


@pytest.mark.parametrize("workspace", ["1team", TEAM, TEAM.strip("{}").upper()])
def test_group_privileges(guide, ann, workspace):
    """GET/PUT/DELETE /1.0/group-privileges/…"""
    (held,) = groups.privileges_of_repository(ann, workspace, "moxie")
    assert (held.group.slug, held.privilege) == ("developers", "write")
    (granted,) = groups.grant(ann, "1team", "moxie", "developers", privilege="admin")
    assert granted.privilege == "admin"
    assert [one.repo for one in groups.privileges_of_workspace(ann, workspace)] == ["1team/moxie"]
    groups.revoke(ann, "1team", "moxie", "developers")
    assert groups.privileges_of_repository(ann, workspace, "moxie") == ()


def test_groups(guide, ann):
    """GET/POST/PUT/DELETE /1.0/groups/…"""
    made = groups.create_group(ann, "1team", "The designers")
    assert groups.add_member(ann, "1team", made.slug, guide.ben.uuid).name == "Ben Example"
    assert [one.uuid for one in groups.members(ann, "1team", made.slug)] == [guide.ben.uuid]
    changed = groups.update_group(ann, "1team", made.slug, name="Designers", permission="read", auto_add=True)
    assert (changed.slug, changed.permission, changed.auto_add) == ("designers", "read", True)
    groups.remove_member(ann, "1team", "designers", guide.ben.uuid)
    groups.delete_group(ann, "1team", "designers")
    assert [one.slug for one in groups.groups(ann, TEAM)] == ["developers"]


def test_invitations(guide, ann):
    """GET/POST/PUT/DELETE /1.0/invitations/…"""
    sent = invitations.invite_to_repository(ann, "1team", "moxie", email=NEW, permission="write")
    assert (sent.email, sent.permission, sent.invited_by.name) == (NEW, "write", "Ann Example")
    address = f"/1.0/invitations/1team/moxie/{NEW.replace('+', '%2B').replace('@', '%40')}"
    assert guide.line() == f"POST {address}"
    ann.request("PUT", address, payload=Payload.as_form({"permission": "read"}))
    assert [one.permission for one in invitations.invitations_to_repository(ann, "1team", "moxie")] == ["read"]
    ann.delete(address)
    assert invitations.invitations_to_repository(ann, "1team", "moxie") == ()


@pytest.mark.parametrize("account", ["1team", TEAM])
def test_users_account_invitations(guide, ann, account):
    """GET/POST/PUT/DELETE /1.0/users/{account}/invitations"""
    invitations.invite_to_group(ann, account, email=NEW, group_slug="developers")
    (pending,) = invitations.invitations_to_groups(ann, account)
    assert (pending.email, pending.groups) == (NEW, ("1team/developers",))
    invitations.withdraw_invitation(ann, account, email=NEW)
    assert invitations.invitations_to_groups(ann, account) == ()
    again = Payload.as_json({"email": NEW, "group_slug": "developers"})
    ann.request("POST", "/1.0/users/1team/invitations", payload=again)
    assert len(invitations.invitations_to_groups(ann, account)) == 1


def test_the_four_resources_are_for_administrators(guide, ben, anonymous):
    """Others get 403, and nobody 401; neither answer is JSON, and both are read."""
    calls = (
        lambda client: groups.groups(client, "1team"),
        lambda client: groups.privileges_of_repository(client, "1team", "moxie"),
        lambda client: invitations.invitations_to_repository(client, "1team", "moxie"),
        lambda client: invitations.invitations_to_groups(client, "1team"),
    )
    for one in calls:
        with pytest.raises(Forbidden, match="You need"):
            one(ben)
        with pytest.raises(Unauthorized):
            one(anonymous)
