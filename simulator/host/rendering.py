"""Renders templates with what every page needs: its viewer, the people to look on as, the navigation, the colour mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from simulator import casting
from simulator.host.formatting import ago
from simulator.host.navigation import navigation, repository_path, workspace_entries, workspace_path
from simulator.host.viewing import colour_mode
from simulator.panels import ANONYMOUS

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.modules import Page
    from simulator.host.viewing import Viewing
    from simulator.world.model import User, Workspace


class Renderer:
    """Fills templates."""

    def __init__(self, simulator: Simulator, viewing: Viewing) -> None:
        self._simulator = simulator
        self._viewing = viewing

    def plain(self, template: str, *, workspace: Workspace | None = None, **values: Any) -> str:  # noqa: ANN401
        """A page that is about no repository."""
        now = self._simulator.world.now()
        viewer = self._viewing.viewer(workspace)
        return render_template(
            template,
            viewer=viewer,
            choices=_choices(self._simulator, workspace, viewer),
            anonymous=ANONYMOUS,
            colour_mode=colour_mode(),
            here=request.full_path.removesuffix("?"),
            ago=lambda then: ago(then, now),
            repository_path=repository_path,
            workspace_path=workspace_path,
            **values,
        )

    def repository(self, template: str, page: Page, *, current: str, **values: Any) -> str:  # noqa: ANN401
        """A page of a repository; `current` is the address of its entry in the navigation."""
        repository = page.repository
        return self.plain(
            template,
            workspace=page.workspace,
            page=page,
            repository=repository,
            base=repository_path(repository) if repository else "",
            navigation=navigation(self._simulator, self._viewing, page, current=current),
            may_write=self._viewing.may(page, "write"),
            **values,
        )

    def workspace(self, template: str, page: Page, *, current: str, **values: Any) -> str:  # noqa: ANN401
        """A page of a workspace's settings."""
        return self.plain(
            template,
            workspace=page.workspace,
            page=page,
            base=workspace_path(page.workspace),
            entries=workspace_entries(self._simulator, self._viewing, page, current=current),
            is_administrator=self._viewing.is_administrator(page),
            **values,
        )


def _choices(simulator: Simulator, workspace: Workspace | None, viewer: User | None) -> list[tuple[str, User]]:
    """The people to look on as, with the workspace of each, the page's own first."""
    world = simulator.world
    homes = [workspace] if workspace else []
    homes += [one for one in world.workspaces.values() if one is not workspace]
    found: dict[str, tuple[str, User]] = {}
    for home in homes:
        for person in casting.people_of(world, home):
            found.setdefault(person.uuid, (home.name, person))
    if viewer is not None:
        found.setdefault(viewer.uuid, ("", viewer))
    return list(found.values())
