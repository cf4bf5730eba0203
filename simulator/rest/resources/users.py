"""/user and /users: who somebody is, and what they may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.credentials import require_user
from simulator.rest.errors import not_found
from simulator.rest.representations.accounts import account as account_json
from simulator.rest.representations.accounts import own_profile, user_profile, workspace_base, workspace_reference
from simulator.rest.representations.links import api, href
from simulator.rest.representations.repositories import repository_reference
from simulator.rest.routes import Routes
from simulator.world import identifiers

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository, Workspace

routes = Routes()


@routes.get("/user", scope="account")
def own_user(call: Call) -> Json:
    """The caller."""
    return own_profile(call.world, call.user)


@routes.get("/user/emails", scope="email")
def own_emails(call: Call) -> Json:
    """The caller's addresses."""
    return call.page([call.user.email], lambda email: _email(call, email))


@routes.get("/user/emails/<email>", scope="email")
def own_email(call: Call, email: str) -> Json:
    """One of the caller's addresses."""
    if email.lower() != call.user.email.lower():
        raise not_found(email)
    return _email(call, call.user.email)


def _email(call: Call, email: str) -> Json:
    link = href(api(call.world, "user", "emails", email))
    return {"type": "email", "email": email, "is_primary": True, "is_confirmed": True, "links": {"self": link}}


@routes.get("/users/<selected>", scope=None)
def one_user(call: Call, selected: str) -> Json:
    """Anybody, by UUID or account id (names no longer work: rest-api.md 3)."""
    wanted = identifiers.braced(selected) or selected
    found = next((one for one in call.world.users.values() if wanted in {one.uuid, one.account_id}), None)
    if found is None:
        raise not_found(f"{selected} is not a valid user")
    return user_profile(call.world, found)


def _own_workspaces(call: Call) -> list[Workspace]:
    principal = call.principal
    require_user(call.principal)
    return [one for one in call.world.workspaces.values() if principal.role_in(one) is not None]


@routes.get("/user/workspaces", scope="account")
def own_workspaces(call: Call) -> Json:
    """The workspaces that the caller is in (CHANGE-3022)."""
    found = sorted(_own_workspaces(call), key=lambda one: one.slug)
    if (wanted := call.arguments.get("administrator")) is not None:
        is_wanted = wanted.lower() == "true"
        found = [one for one in found if (call.principal.role_in(one) == "owner") is is_wanted]
    return call.page(found, lambda one: _access(call, one), shortcuts={"slug": lambda one: one.slug})


def _access(call: Call, workspace: Workspace) -> Json:
    return {
        "type": "workspace_access",
        "administrator": call.principal.role_in(workspace) == "owner",
        "workspace": workspace_base(call.world, workspace),
    }


@routes.get("/user/workspaces/<workspace>/permission", scope="account")
def own_role(call: Call, workspace: str) -> Json:
    """The caller's role in a workspace."""
    user = call.user
    home = call.workspace(workspace)
    return {
        "type": "workspace_membership",
        "permission": call.principal.role_in(home),
        "user": account_json(call.world, user),
        "workspace": workspace_reference(call.world, home),
    }


@routes.get("/user/workspaces/<workspace>/permissions/repositories", scope=("account", "repository"))
def own_permissions(call: Call, workspace: str) -> Json:
    """What the caller may do to the repositories of a workspace."""
    user = call.user
    home = call.workspace(workspace)
    readable = [one for one in call.world.in_workspace(home) if call.principal.may("read", one)]

    def represent(repository: Repository) -> Json:
        return {
            "type": "repository_permission",
            "permission": call.principal.permission_on(repository),
            "user": account_json(call.world, user),
            "repository": repository_reference(call.world, repository),
        }

    return call.page(readable, represent)
