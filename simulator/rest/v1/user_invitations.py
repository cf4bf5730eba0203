"""/1.0/users/{account}/invitations: people who were asked to groups of a workspace by e-mail.

Source: the page invitations-resource of support.atlassian.com/bitbucket-cloud/docs; v1-users-invitations*.json. An
invitation is issued by PUT, with address and group in a JSON body or, in the older way, in the path; POST is taken too.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import ApiError, bad_request, not_found
from simulator.rest.routes import Answer, Routes
from simulator.rest.v1.access import administered, is_the_owner
from simulator.rest.v1.accounts import account
from simulator.world.groups import GroupInvitation, group_of
from simulator.world.groups import withdraw as take_out

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.groups import Group
    from simulator.world.model import Workspace

routes = Routes()

_ALL = "/users/<workspace>/invitations"
_ADDRESS = f"{_ALL}/<email>"
_GROUP = f"{_ADDRESS}/<group_owner>/<group>"


def _represent(call: Call, home: Workspace, invitation: GroupInvitation) -> Json:
    return {
        "groups": [f"{home.slug}/{group.slug}" for group in invitation.groups],
        "invited_by": account(call.world, invitation.invited_by),
        "utc_sent_on": f"{invitation.sent_on.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00",
        "email": invitation.email,
    }


def _pending(home: Workspace, email: str) -> GroupInvitation:
    found = home.group_invitations.get(email.lower())
    if found is None:
        raise not_found(f"{email} has no pending invitation")
    return found


def _group(home: Workspace, group_owner: str, slug: str) -> Group:
    if not is_the_owner(home, group_owner):
        raise not_found(f"There is no group {group_owner}/{slug} in this workspace.")
    return group_of(home, slug)


def _invite(call: Call, home: Workspace, email: str, group: Group) -> Json:
    if "@" not in email:
        raise bad_request(f"{email} is not a valid email address")
    made = GroupInvitation(email.lower(), call.user, call.world.now())
    invitation = home.group_invitations.setdefault(email.lower(), made)
    if group not in invitation.groups:
        invitation.groups.append(group)
    return _represent(call, home, invitation)


@routes.get(_ALL, scope="account")
def pending(call: Call, workspace: str) -> Answer:
    """The pending ones."""
    home = administered(call, workspace)
    return Answer([_represent(call, home, one) for one in home.group_invitations.values()])


@routes.put(_ALL, scope="account:write")
def invite(call: Call, workspace: str) -> Json:
    """Invite an address to a group, both in the body."""
    home = administered(call, workspace)
    if call.content_type != "application/json":
        raise ApiError(415, "Unsupported Media Type")
    body = call.json()
    email, slug = fields.needed_text(body, "email"), fields.needed_text(body, "group_slug")
    return _invite(call, home, email, group_of(home, slug))


routes.post(_ALL, scope="account:write")(invite)


@routes.get(_ADDRESS, scope="account")
def one_pending(call: Call, workspace: str, email: str) -> Json:
    """What one address was asked to."""
    home = administered(call, workspace)
    return _represent(call, home, _pending(home, email))


@routes.delete(_ADDRESS, scope="account:write")
def withdraw(call: Call, workspace: str, email: str) -> Answer:
    """Withdraw all that one address was asked to."""
    home = administered(call, workspace)
    _pending(home, email)
    del home.group_invitations[email.lower()]
    return Answer(status=204)


@routes.get(_GROUP, scope="account")
def one_pending_to_group(call: Call, workspace: str, email: str, group_owner: str, group: str) -> Json:
    """Whether one address was asked to one group: 404 where not."""
    home = administered(call, workspace)
    found = _pending(home, email)
    if _group(home, group_owner, group) not in found.groups:
        raise not_found(f"{email} has no pending invitation to {group_owner}/{group}")
    return _represent(call, home, found)


@routes.put(_GROUP, scope="account:write")
def invite_to_group(call: Call, workspace: str, email: str, group_owner: str, group: str) -> Json:
    """Invite an address to a group, both in the path."""
    home = administered(call, workspace)
    return _invite(call, home, email, _group(home, group_owner, group))


@routes.delete(_GROUP, scope="account:write")
def withdraw_from_group(call: Call, workspace: str, email: str, group_owner: str, group: str) -> Answer:
    """Withdraw what one address was asked to, as far as one group goes."""
    home = administered(call, workspace)
    take_out(home, _pending(home, email), _group(home, group_owner, group))
    return Answer(status=204)
