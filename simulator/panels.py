"""Lists the modules that apply to a page, with signed addresses: what a browser would find there, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from simulator import casting
from simulator.connect.modules import Page
from simulator.world.errors import Missing
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.assembly import Simulator
    from simulator.connect.modules import PlacedModule
    from simulator.world import World
    from simulator.world.model import PullRequest, Repository, User, Workspace

ANONYMOUS = "anonymous"
KINDS = (
    "webPanels",
    "repoPages",
    "webItems",
    "webCards",
    "generalPages",
    "adminPages",
    "configurePage",
    "postInstallRedirect",
    "profileTabs",
    "fileViews",
    "fileEditors",
)
# What a location needs of a page; modules of other kinds are about the repository, or about nothing.
_NEEDS = {
    "org.bitbucket.pullrequest.": "pull_request",
    "org.bitbucket.branch.": "branch",
    "org.bitbucket.commit.": "commit",
}
_KIND_NEEDS = {"fileViews": "file", "fileEditors": "file", "profileTabs": "target_user"}


def panels_of(simulator: Simulator, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every module on the page that `query` describes; raises Missing where its viewer may not see the page."""
    with simulator.world.lock:
        page = page_of(simulator.world, query)
        placed = simulator.modules.on(page, *KINDS)
        return [_as_json(one) for one in placed if _has_a_place(one, page)]


def page_of(world: World, query: Mapping[str, str]) -> Page:
    """The page about `workspace`, `repository`, `pull_request`, `branch`, `commit` and `file`, seen by `user`.

    `passed` is the query of the page's own address, in one value.
    """
    workspace = world.workspace(query.get("workspace", ""))
    viewer = viewer_of(world, workspace, query.get("user"))
    repository = _repository(world, workspace, query.get("repository"), viewer)
    return Page(
        workspace=workspace,
        viewer=viewer,
        repository=repository,
        pull_request=_pull_request(repository, query.get("pull_request")),
        branch=query.get("branch"),
        commit=query.get("commit"),
        file=query.get("file"),
        target_user=world.user(query["target_user"]) if "target_user" in query else None,
        passed=tuple(parse_qsl(query.get("passed", ""), keep_blank_values=True)),
    )


def viewer_of(world: World, workspace: Workspace, name: str | None) -> User | None:
    """Who looks: whoever is named, nobody for "anonymous", and an owner where nobody is named."""
    if name == ANONYMOUS:
        return None
    return world.user(name) if name else casting.default_viewer(world, workspace)


def _repository(world: World, workspace: Workspace, name: str | None, viewer: User | None) -> Repository | None:
    if not name:
        return None
    repository = world.repository(workspace.uuid, name)
    if Principal(user=viewer).permission_on(repository) is None:
        raise Missing(f"Repository {repository.full_name} not found")
    return repository


def _pull_request(repository: Repository | None, number: str | None) -> PullRequest | None:
    if number is None:
        return None
    found = repository.pull_requests.get(int(number)) if repository and number.isdecimal() else None
    if found is None:
        raise Missing(f"There is no pull request {number} there.")
    return found


def _has_a_place(placed: PlacedModule, page: Page) -> bool:
    module = placed.module
    needs = next((need for prefix, need in _NEEDS.items() if module.location.startswith(prefix)), None)
    needs = needs or _KIND_NEEDS.get(module.kind)
    if needs is None and module.location.startswith("org.bitbucket.repository."):
        needs = "repository"
    return needs is None or getattr(page, needs) is not None


def _as_json(placed: PlacedModule) -> dict[str, Any]:
    module = placed.module
    return {
        "app_key": placed.installation.app_key,
        "client_key": placed.installation.client_key,
        "kind": module.kind,
        "key": module.key,
        "name": module.name or module.key,
        "location": module.location,
        "url": placed.url,
    }
