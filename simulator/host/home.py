"""The first page: workspaces, their repositories, what is installed, and how to install more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.host.navigation import workspace_path
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.installations import Installation
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing
    from simulator.world.model import Repository, Workspace


@dataclass(frozen=True)
class RepositoryRow:
    """A repository in the list."""

    repository: Repository
    open_pull_requests: int


@dataclass(frozen=True)
class WorkspaceCard:
    """A workspace with what its viewer may see of it."""

    workspace: Workspace
    rows: list[RepositoryRow]
    apps: list[Installation]
    manage: str


class HomePages:
    """The list of everything, or of one workspace."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._viewing = viewing
        self._renderer = renderer

    def home(self) -> str:
        """Every workspace that the viewer may know of."""
        cards = [self._card(one) for one in self._simulator.world.workspaces.values()]
        return self._renderer.plain("home.html", cards=[one for one in cards if one.rows or one.apps], title=None)

    def workspace(self, workspace: str) -> str:
        """One workspace."""
        page = self._viewing.page(workspace)
        found = page.workspace
        return self._renderer.plain("home.html", workspace=found, cards=[self._card(found)], title=found.name)

    def _card(self, workspace: Workspace) -> WorkspaceCard:
        viewer = Principal(user=self._viewing.viewer(workspace))
        visible = [one for one in self._simulator.world.in_workspace(workspace) if viewer.permission_on(one)]
        rows = [_row(one) for one in sorted(visible, key=lambda one: one.updated_on, reverse=True)]
        apps = [one for one in self._simulator.installations.active() if one.principal_uuid == workspace.uuid]
        manage = f"{workspace_path(workspace)}/workspace/settings/addon-management"
        return WorkspaceCard(workspace, rows, apps, manage)


def _row(repository: Repository) -> RepositoryRow:
    return RepositoryRow(repository, sum(one.state == "OPEN" for one in repository.pull_requests.values()))
