"""/1.0/invitations: people who were asked to one repository by e-mail.

Sources: the page invitations-endpoint of support.atlassian.com/bitbucket-cloud/docs and v1-invitations-sent.spring-social.json
for POST, with the address in the path or in the body. GET, PUT and DELETE were not found documented; they do what their
names say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import bad_request, not_found
from simulator.rest.routes import Answer, Routes
from simulator.rest.v1.access import administered_repository, permission_in
from simulator.rest.v1.accounts import account
from simulator.world.groups import RepositoryInvitation

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

_ALL = "/invitations/<workspace>/<slug>"
_ONE = f"{_ALL}/<email>"


def _represent(call: Call, repository: Repository, invitation: RepositoryInvitation) -> Json:
    return {
        "sent_on": _local(invitation.sent_on),
        "permission": invitation.permission,
        "invited_by": account(call.world, invitation.invited_by),
        "repository": {
            "website": repository.website or "",
            "read_only": False,
            "has_wiki": repository.has_wiki,
            "last_updated": _local(repository.updated_on),
            "name": repository.name,
            "language": repository.language,
            "deleted": False,
            "is_mq": False,
            "mq_of": None,
            "created_on": _local(repository.created_on),
            "fork_of": repository.parent.full_name if repository.parent else None,
            "email_writers": True,
            "size": 0,
            "owner": repository.workspace.slug,
            "has_issues": repository.has_issues,
            "no_public_forks": repository.fork_policy != "allow_forks",
            "email_mailinglist": "",
            "is_fork": repository.parent is not None,
            "slug": repository.slug,
            "is_private": repository.is_private,
            "description": repository.description,
        },
        "email": invitation.email,
    }


def _local(moment: datetime) -> str:
    """A moment as 1.0 writes it where it names no zone."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _pending(repository: Repository, email: str) -> RepositoryInvitation:
    found = repository.invitations.get(email.lower())
    if found is None:
        raise not_found(f"{email} has no pending invitation")
    return found


@routes.get(_ALL, scope="repository:admin")
def pending(call: Call, workspace: str, slug: str) -> Answer:
    """The pending ones."""
    repository = administered_repository(call, workspace, slug)
    return Answer([_represent(call, repository, one) for one in repository.invitations.values()])


@routes.post(_ALL, scope="repository:admin")
def invite(call: Call, workspace: str, slug: str) -> Json:
    """Invite the address in the body."""
    repository = administered_repository(call, workspace, slug)
    return _invite(call, repository, _told(call, "email"))


@routes.post(_ONE, scope="repository:admin")
def invite_address(call: Call, workspace: str, slug: str, email: str) -> Json:
    """Invite the address in the path."""
    return _invite(call, administered_repository(call, workspace, slug), email)


def _invite(call: Call, repository: Repository, email: str) -> Json:
    if "@" not in email:
        raise bad_request(f"{email} is not a valid email address")
    permission = permission_in(_told(call, "permission"))
    made = RepositoryInvitation(email, permission, call.user, call.world.now())
    repository.invitations[email.lower()] = made
    return _represent(call, repository, made)


@routes.get(_ONE, scope="repository:admin")
def one_pending(call: Call, workspace: str, slug: str, email: str) -> Json:
    """One of them."""
    repository = administered_repository(call, workspace, slug)
    return _represent(call, repository, _pending(repository, email))


@routes.put(_ONE, scope="repository:admin")
def change(call: Call, workspace: str, slug: str, email: str) -> Json:
    """Another permission for one that is pending."""
    repository = administered_repository(call, workspace, slug)
    found = _pending(repository, email)
    found.permission = permission_in(_told(call, "permission"))
    return _represent(call, repository, found)


@routes.delete(_ONE, scope="repository:admin")
def withdraw(call: Call, workspace: str, slug: str, email: str) -> Answer:
    """Away with it."""
    repository = administered_repository(call, workspace, slug)
    _pending(repository, email)
    del repository.invitations[email.lower()]
    return Answer(status=204)


def _told(call: Call, name: str) -> str:
    """A member of the form or of the JSON that was sent; raises ApiError (400)."""
    told = next(iter(call.form.get(name, ())), None) if call.form else call.json().get(name)
    if not isinstance(told, str) or not told:
        raise bad_request(f"{name}: this field is required")
    return told
