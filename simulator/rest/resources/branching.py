"""/branching-model: which branches mean what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request
from simulator.rest.representations.commits import branch
from simulator.rest.representations.links import href, repository_api
from simulator.rest.routes import Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

_BASE = "/repositories/<workspace>/<slug>"
_KINDS = ("bugfix", "feature", "hotfix", "release")


def _side(call: Call, repository: Repository, configured: str | None) -> Json:
    """The development or production branch; `branch` only where it exists."""
    name = configured or repository.main_branch
    side: Json = {"name": name, "use_mainbranch": configured is None}
    tip = repository.git.branches().get(name or "")
    if name and tip:
        side["branch"] = branch(call.world, repository, name, repository.git.history[tip])
    return side


def _model(call: Call, repository: Repository, kind: str) -> Json:
    model = repository.branching_model
    body: Json = {
        "type": kind,
        "branch_types": [{"kind": one, "prefix": prefix} for one, prefix in sorted(model.prefixes.items())],
        "development": _side(call, repository, model.development),
    }
    if model.has_production:
        body["production"] = _side(call, repository, model.production)
    if kind == "branching_model":
        body["links"] = {"self": href(repository_api(call.world, repository, "branching-model"))}
    return body


@routes.get(f"{_BASE}/branching-model", scope="repository")
def branching_model(call: Call, workspace: str, slug: str) -> Json:
    """The repository's own model."""
    return _model(call, call.repository(workspace, slug), "branching_model")


@routes.get(f"{_BASE}/effective-branching-model", scope="repository")
def effective_branching_model(call: Call, workspace: str, slug: str) -> Json:
    """The model that counts; here nothing is inherited from the project."""
    return _model(call, call.repository(workspace, slug), "effective_repo_branching_model")


def _settings(call: Call, repository: Repository) -> Json:
    model = repository.branching_model

    def side(configured: str | None) -> Json:
        is_valid = configured is None or configured in repository.git.branches()
        return {"name": configured, "use_mainbranch": configured is None, "is_valid": is_valid}

    return {
        "type": "branching_model_settings",
        "links": {"self": href(repository_api(call.world, repository, "branching-model/settings"))},
        "branch_types": [
            {"kind": one, "enabled": one in model.prefixes, "prefix": model.prefixes.get(one, f"{one}/")}
            for one in _KINDS
        ],
        "development": side(model.development),
        "production": side(model.production) | {"enabled": model.has_production},
    }


@routes.get(f"{_BASE}/branching-model/settings", scope="repository:admin")
def settings(call: Call, workspace: str, slug: str) -> Json:
    """The raw settings."""
    return _settings(call, call.repository(workspace, slug, needs="admin"))


@routes.put(f"{_BASE}/branching-model/settings", scope="repository:admin")
def change_settings(call: Call, workspace: str, slug: str) -> Json:
    """Change what the body names."""
    repository, body = call.repository(workspace, slug, needs="admin"), call.json()
    model = repository.branching_model
    if "development" in body:
        model.development = _configured(repository, body, "development")
    if "production" in body:
        model.production = _configured(repository, body, "production")
        enabled = fields.flag(body, "production.enabled")
        model.has_production = model.has_production if enabled is None else enabled
    for one in fields.inner(body, "branch_types") or []:
        kind = fields.needed_text(one, "kind")
        if kind not in _KINDS:
            raise bad_request("Bad request", branch_types=f"{kind} is not a valid kind")
        if fields.flag(one, "enabled") is False:
            model.prefixes.pop(kind, None)
        else:
            model.prefixes[kind] = fields.text(one, "prefix") or model.prefixes.get(kind, f"{kind}/")
    return _settings(call, repository)


def _configured(repository: Repository, body: Json, side: str) -> str | None:
    if fields.flag(body, f"{side}.use_mainbranch"):
        return None
    name = fields.needed_text(body, f"{side}.name")
    if name not in repository.git.branches():
        raise bad_request("Bad request", **{f"{side}.name": f"branch not found: {name}"})
    return name
