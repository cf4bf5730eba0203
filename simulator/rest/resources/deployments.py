"""Environments and what was deployed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import ApiError, not_found
from simulator.rest.representations.commits import commit_reference
from simulator.rest.representations.links import timestamp
from simulator.rest.routes import Answer, Routes
from simulator.world import identifiers
from simulator.world.model import Environment

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Deployment, Repository

routes = Routes()

_BASE = "/repositories/<workspace>/<slug>"
_ENVIRONMENT = f"{_BASE}/environments/<environment_uuid>"
_KINDS = ("Test", "Staging", "Production")


def _environment(one: Environment) -> Json:
    return {
        "type": "deployment_environment",
        "uuid": one.uuid,
        "name": one.name,
        "slug": one.slug,
        "rank": one.rank,
        "hidden": False,
        "environment_type": {"type": "deployment_environment_type", "name": one.kind, "rank": _KINDS.index(one.kind)},
    }


def _state(one: Deployment) -> Json:
    if one.state == "IN_PROGRESS":
        return {"type": "deployment_state_in_progress", "name": "IN_PROGRESS", "start_date": timestamp(one.started_on)}
    kind = one.state.lower()
    return {
        "type": "deployment_state_completed",
        "name": "COMPLETED",
        "start_date": timestamp(one.started_on),
        "completion_date": timestamp(one.completed_on),
        "status": {"type": f"deployment_state_completed_status_{kind}", "name": one.state},
    }


def _deployment(call: Call, repository: Repository, one: Deployment) -> Json:
    return {
        "type": "deployment",
        "uuid": one.uuid,
        "number": one.number,
        "key": f"release-{one.number}",
        "state": _state(one),
        "environment": _environment(one.environment),
        "release": {
            "type": "deployment_release",
            "uuid": identifiers.uuid_for("release", one.uuid),
            "name": one.release_name,
            "url": f"{call.world.site_url}/{repository.full_name}/deployments/{one.number}",
            "commit": commit_reference(call.world, repository, one.commit),
            "created_on": timestamp(one.started_on),
        },
        "last_update_time": timestamp(one.completed_on or one.started_on),
    }


@routes.get(f"{_BASE}/deployments", scope="pipeline")
def deployments(call: Call, workspace: str, slug: str) -> Json:
    """What was deployed, the oldest first unless sorted."""
    repository = call.repository(workspace, slug)
    return call.page(repository.deployments, lambda one: _deployment(call, repository, one))


@routes.get(f"{_BASE}/deployments/<deployment_uuid>", scope="pipeline")
def one_deployment(call: Call, workspace: str, slug: str, deployment_uuid: str) -> Json:
    """One deployment."""
    repository = call.repository(workspace, slug)
    wanted = identifiers.braced(deployment_uuid)
    found = next((one for one in repository.deployments if one.uuid == wanted), None)
    if found is None:
        raise not_found(f"Deployment {deployment_uuid} not found")
    return _deployment(call, repository, found)


@routes.get(f"{_BASE}/environments", scope="pipeline")
def environments(call: Call, workspace: str, slug: str) -> Json:
    """The repository's environments."""
    found = sorted(call.repository(workspace, slug).environments.values(), key=lambda one: one.rank)
    return call.page(found, _environment)


def _found(repository: Repository, environment_uuid: str) -> Environment:
    found = repository.environments.get(identifiers.braced(environment_uuid) or "")
    if found is None:
        raise not_found(f"Environment {environment_uuid} not found")
    return found


@routes.get(_ENVIRONMENT, scope="pipeline")
def one_environment(call: Call, workspace: str, slug: str, environment_uuid: str) -> Json:
    """One environment."""
    return _environment(_found(call.repository(workspace, slug), environment_uuid))


@routes.post(f"{_BASE}/environments", scope="pipeline")
def add_environment(call: Call, workspace: str, slug: str) -> Answer:
    """One more; a name that is taken is a 409."""
    repository, body = call.repository(workspace, slug, needs="admin"), call.json()
    name = fields.needed_text(body, "name")
    if any(one.name == name for one in repository.environments.values()):
        raise ApiError(409, f"An environment with the name {name} already exists.")
    kind = fields.text(body, "environment_type.name")
    made = Environment(
        call.world.new_uuid("environment"),
        name,
        identifiers.slug_of(name),
        kind if kind in _KINDS else "Test",  # type: ignore[arg-type]
        len(repository.environments),
    )
    repository.environments[made.uuid] = made
    return Answer(_environment(made), 201)


@routes.delete(_ENVIRONMENT, scope="pipeline")
def remove_environment(call: Call, workspace: str, slug: str, environment_uuid: str) -> Answer:
    """Remove one; what was deployed to it stays known."""
    repository = call.repository(workspace, slug, needs="admin")
    del repository.environments[_found(repository, environment_uuid).uuid]
    return Answer(status=204)
