"""Does by name what can happen in the world: JSON in, one of `world/actions` called, JSON out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator import casting
from simulator.rest.representations import pull_requests, repositories
from simulator.world.actions import ACTIONS
from simulator.world.actions.participation import signature
from simulator.world.errors import Invalid, Missing
from simulator.world.git import Commit
from simulator.world.model import Comment, Inline, PullRequest, Repository, User

if TYPE_CHECKING:
    from simulator.world import World
    from simulator.world.issues import Issue

Wish = Mapping[str, Any]


def act(world: World, wish: Wish, *, default_actor: Callable[[Repository | None], User]) -> Any:  # noqa: ANN401 - JSON
    """Do `wish["action"]`; the other keys are the action's own arguments. Raises WorldError.

    People are named by uuid, account id, nickname or e-mail; repositories by `workspace/slug` or uuid; pull requests by
    id. Who acts may be left out.
    """
    action = ACTIONS.get(str(wish.get("action")))
    if action is None:
        raise Invalid(f"There is no action {wish.get('action')!r}; there are {', '.join(sorted(ACTIONS))}.")
    with world.lock:
        repository = casting.find_repository(world, str(wish["repository"])) if "repository" in wish else None
        arguments = _arguments(world, action, wish, repository, default_actor)
        return as_json(world, action(world, **arguments))


def find_pull_request(repository: Repository | None, number: object) -> PullRequest:
    """A repository's pull request by its id; raises Missing."""
    if repository is None or not isinstance(number, int) or number not in repository.pull_requests:
        raise Missing(f"There is no pull request {number!r} there.")
    return repository.pull_requests[number]


def _arguments(
    world: World,
    action: Callable[..., Any],
    wish: Wish,
    repository: Repository | None,
    default_actor: Callable[[Repository | None], User],
) -> dict[str, Any]:
    parameters = list(inspect.signature(action).parameters.values())[1:]
    named = [one for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]
    others = set(wish) - {one.name for one in named} - {"action", "repository"}
    if others and len(named) == len(parameters):
        raise Invalid(f"{wish['action']} takes no {', '.join(sorted(others))}.")
    found = {name: _value(world, name, wish[name], repository) for name in others}
    for parameter in named:
        name = parameter.name
        if name in wish or name == "repository":
            is_left_open = wish.get(name) is None and parameter.default is None
            found[name] = None if is_left_open else _value(world, name, wish.get(name), repository)
        elif parameter.default is not inspect.Parameter.empty:
            continue
        elif name in {"actor", "author"}:
            found[name] = default_actor(repository)
        else:
            raise Invalid(f"{wish['action']} needs {name}.")
    if "author" in found and "actor" in found and isinstance(found["author"], User):
        # Who wrote a commit, beside who pushed it: git knows people by name and e-mail.
        found["author"] = signature(world, found["author"])
    return found


def _value(world: World, name: str, value: Any, repository: Repository | None) -> Any:  # noqa: ANN401 - JSON
    """One argument of an action, from JSON."""
    if name in _BY_NAME:
        return _BY_NAME[name](world, value, repository)
    if name == "repository":
        if repository is None:
            raise Invalid("repository is missing.")
        return repository
    return value


def find_issue(repository: Repository | None, number: object) -> Issue:
    """A repository's issue by its id; raises Missing."""
    issues = repository.issue_tracker.issues if repository else {}
    if not isinstance(number, int) or number not in issues:
        raise Missing(f"There is no issue {number!r} there.")
    return issues[number]


_BY_NAME: dict[str, Callable[[World, Any, Repository | None], Any]] = {
    "actor": lambda world, value, _repository: world.user(str(value)),
    "assignee": lambda world, value, _repository: world.user(str(value)) if value else None,
    "author": lambda world, value, _repository: world.user(str(value)),
    "inline": lambda _world, value, _repository: Inline(**value),
    "issue": lambda _world, value, repository: find_issue(repository, value),
    "project": lambda _world, value, repository: _project(repository, value),
    "pull_request": lambda _world, value, repository: find_pull_request(repository, value),
    "reviewers": lambda world, value, _repository: [world.user(str(one)) for one in value],
    "source_repository": lambda world, value, _repository: casting.find_repository(world, str(value)),
    "workspace": lambda world, value, _repository: world.workspace(str(value)),
}


def _project(repository: Repository | None, key: str) -> Any:  # noqa: ANN401 - a model record
    projects = repository.workspace.projects if repository else {}
    if key not in projects:
        raise Missing(f"There is no project {key} there.")
    return projects[key]


def as_json(world: World, result: object) -> Any:  # noqa: ANN401 - JSON
    """What an action gave back, as REST would show it, or its bare identifiers."""
    if isinstance(result, PullRequest):
        return pull_requests.pull_request_details(world, result)
    if isinstance(result, Repository):
        return repositories.repository_details(world, result)
    if isinstance(result, Commit):
        return {"hash": result.hash}
    if isinstance(result, Comment):
        return {"id": result.id}
    identifiers = {name: getattr(result, name) for name in ("id", "uuid", "key") if hasattr(result, name)}
    return identifiers or (result if isinstance(result, (str, int)) else None)
