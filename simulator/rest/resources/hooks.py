"""Webhooks made through REST, of repositories and workspaces, and the catalogue of events.

Sources: rest-api.md 8, hooks-pagelen-100.jenkins-branch-source.json, schema webhook_subscription. The secret is never
shown; `secret_set` says that there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from simulator.rest import fields
from simulator.rest.errors import bad_request, forbidden, not_found
from simulator.rest.representations.accounts import workspace_reference
from simulator.rest.representations.links import api, href, repository_api, timestamp
from simulator.rest.representations.repositories import repository_reference
from simulator.rest.routes import Answer, Routes
from simulator.world import identifiers
from simulator.world.model import Hook, Repository

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Workspace

routes = Routes()

_OF_REPOSITORY = "/repositories/<workspace>/<slug>/hooks"
_OF_WORKSPACE = "/workspaces/<workspace>/hooks"

EVENTS = (
    "issue:comment_created", "issue:created", "issue:updated", "pipeline:span_created", "project:updated",
    "pullrequest:approved", "pullrequest:changes_request_created", "pullrequest:changes_request_removed",
    "pullrequest:comment_created", "pullrequest:comment_deleted", "pullrequest:comment_reopened",
    "pullrequest:comment_resolved", "pullrequest:comment_updated", "pullrequest:created", "pullrequest:fulfilled",
    "pullrequest:push", "pullrequest:rejected", "pullrequest:unapproved", "pullrequest:updated",
    "repo:commit_comment_created", "repo:commit_status_created", "repo:commit_status_updated", "repo:created",
    "repo:deleted", "repo:fork", "repo:imported", "repo:push", "repo:transfer", "repo:updated",
)  # fmt: skip


@routes.get("/hook_events", scope=None)
def subjects(call: Call) -> Json:
    """What may have webhooks."""
    return {
        name: {"links": {"events": href(api(call.world, "hook_events", name))}} for name in ("repository", "workspace")
    }


@routes.get("/hook_events/<subject>", scope=None)
def events(call: Call, subject: str) -> Json:
    """The events of a subject."""
    if subject not in {"repository", "workspace"}:
        raise not_found(f"{subject} is not a valid subject type")
    return call.page(EVENTS, _event)


def _event(event: str) -> Json:
    category, _, name = event.partition(":")
    label = name.replace("_", " ").capitalize()
    return {
        "event": event,
        "category": category.capitalize(),
        "label": label,
        "description": f"{category} {label.lower()}",
    }


def _hooks(subject: Repository | Workspace) -> dict[str, Hook]:
    return subject.hooks


def _represent(call: Call, subject: Repository | Workspace, hook: Hook) -> Json:
    is_repository = isinstance(subject, Repository)
    if isinstance(subject, Repository):
        address = repository_api(call.world, subject, "hooks", hook.uuid)
        reference = repository_reference(call.world, subject)
    else:
        address = api(call.world, "workspaces", subject.slug, "hooks", hook.uuid)
        reference = workspace_reference(call.world, subject)
    return {
        "type": "webhook_subscription",
        "uuid": hook.uuid,
        "url": hook.url,
        "description": hook.description,
        "subject_type": "repository" if is_repository else "workspace",
        "subject": reference,
        "active": hook.active,
        "created_at": timestamp(hook.created_on),
        "events": list(hook.events),
        "secret_set": bool(hook.secret),
        "skip_cert_verification": hook.skip_cert_verification,
        "history_enabled": False,
        "read_only": None,
        "source": None,
        "links": {"self": href(address)},
    }


def _of_repository(call: Call, workspace: str, slug: str) -> Repository:
    return call.repository(workspace, slug, needs="admin")


def _of_workspace(call: Call, workspace: str) -> Workspace:
    home = call.workspace(workspace)
    if call.principal.role_in(home) != "owner":
        raise forbidden()
    return home


def _all(call: Call, subject: Repository | Workspace) -> Json:
    return call.page(list(_hooks(subject).values()), lambda one: _represent(call, subject, one))


def _one(subject: Repository | Workspace, uid: str) -> Hook:
    found = _hooks(subject).get(identifiers.braced(uid) or uid)
    if found is None:
        raise not_found(f"{uid} does not exist")
    return found


def _filled(hook: Hook, body: Json) -> Hook:
    """What the body says, put into `hook`; raises ApiError (400)."""
    hook.url = fields.text(body, "url") or hook.url
    if urlsplit(hook.url).scheme not in {"http", "https"} or not urlsplit(hook.url).hostname:
        raise bad_request("Bad request", url=["Enter a valid URL."])
    wanted = fields.inner(body, "events")
    if wanted is not None:
        unknown = [one for one in wanted if one not in EVENTS]
        if not wanted or unknown:
            raise bad_request("Bad request", events=[f"{(unknown or ['(none)'])[0]} is not a valid choice"])
        hook.events = list(dict.fromkeys(wanted))
    hook.description = fields.text(body, "description") or hook.description
    active, lax = fields.flag(body, "active"), fields.flag(body, "skip_cert_verification")
    hook.active = hook.active if active is None else active
    hook.skip_cert_verification = hook.skip_cert_verification if lax is None else lax
    if "secret" in body:
        hook.secret = fields.text(body, "secret") or None
    return hook


def _create(call: Call, subject: Repository | Workspace) -> Answer:
    body = call.json()
    fields.needed_text(body, "url")
    if not fields.inner(body, "events"):
        raise bad_request("Bad request", events=["required key not provided"])
    made = _filled(Hook(call.world.new_uuid("hook"), "", "", [], call.world.now()), body)
    _hooks(subject)[made.uuid] = made
    answer = _represent(call, subject, made)
    return Answer(answer, 201, {"Location": answer["links"]["self"]["href"]})


@routes.get(_OF_REPOSITORY, scope="webhook")
def of_repository(call: Call, workspace: str, slug: str) -> Json:
    """A repository's webhooks."""
    return _all(call, _of_repository(call, workspace, slug))


@routes.post(_OF_REPOSITORY, scope="webhook")
def add_to_repository(call: Call, workspace: str, slug: str) -> Answer:
    """One more for a repository."""
    return _create(call, _of_repository(call, workspace, slug))


@routes.get(f"{_OF_REPOSITORY}/<uid>", scope="webhook")
def one_of_repository(call: Call, workspace: str, slug: str, uid: str) -> Json:
    """One of a repository's."""
    subject = _of_repository(call, workspace, slug)
    return _represent(call, subject, _one(subject, uid))


@routes.put(f"{_OF_REPOSITORY}/<uid>", scope="webhook")
def change_of_repository(call: Call, workspace: str, slug: str, uid: str) -> Json:
    """Change one of a repository's."""
    subject = _of_repository(call, workspace, slug)
    return _represent(call, subject, _filled(_one(subject, uid), call.json()))


@routes.delete(f"{_OF_REPOSITORY}/<uid>", scope="webhook")
def remove_from_repository(call: Call, workspace: str, slug: str, uid: str) -> Answer:
    """Remove one of a repository's."""
    subject = _of_repository(call, workspace, slug)
    del subject.hooks[_one(subject, uid).uuid]
    return Answer(status=204)


@routes.get(_OF_WORKSPACE, scope="webhook")
def of_workspace(call: Call, workspace: str) -> Json:
    """A workspace's webhooks."""
    return _all(call, _of_workspace(call, workspace))


@routes.post(_OF_WORKSPACE, scope="webhook")
def add_to_workspace(call: Call, workspace: str) -> Answer:
    """One more for a workspace."""
    return _create(call, _of_workspace(call, workspace))


@routes.get(f"{_OF_WORKSPACE}/<uid>", scope="webhook")
def one_of_workspace(call: Call, workspace: str, uid: str) -> Json:
    """One of a workspace's."""
    subject = _of_workspace(call, workspace)
    return _represent(call, subject, _one(subject, uid))


@routes.put(f"{_OF_WORKSPACE}/<uid>", scope="webhook")
def change_of_workspace(call: Call, workspace: str, uid: str) -> Json:
    """Change one of a workspace's."""
    subject = _of_workspace(call, workspace)
    return _represent(call, subject, _filled(_one(subject, uid), call.json()))


@routes.delete(f"{_OF_WORKSPACE}/<uid>", scope="webhook")
def remove_from_workspace(call: Call, workspace: str, uid: str) -> Answer:
    """Remove one of a workspace's."""
    subject = _of_workspace(call, workspace)
    del subject.hooks[_one(subject, uid).uuid]
    return Answer(status=204)
