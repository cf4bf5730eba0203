"""Pages of installed apps, whole or as frames, and the page on which a workspace manages its apps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import abort, request

from simulator import casting
from simulator.connect.errors import ConnectError
from simulator.connect.scopes import SCOPE_TEXT
from simulator.host import frames
from simulator.host.navigation import app_path, repository_path, workspace_path
from simulator.host.viewing import back
from simulator.host.web_items import CONTEXT, context_of, passed
from simulator.panels import page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from simulator.assembly import Simulator
    from simulator.connect.installations import Installation
    from simulator.connect.modules import Page, PlacedModule
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing

REPOSITORY_KINDS = ("repoPages", "generalPages")
WORKSPACE_KINDS = ("adminPages", "configurePage", "postInstallRedirect", "generalPages")
_SHOWN_DELIVERIES = 20


class AppPages:
    """Everything that an app shows as a page of its own."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._viewing = viewing
        self._renderer = renderer

    def repository_page(self, workspace: str, repository: str, app_key: str, module_key: str) -> str:
        """A repoPage in the repository's content column, or the page behind a web item, about what its address says."""
        page, found = self._viewing.repository(workspace, repository)
        if self._simulator.modules.is_of_kind("webItems", app_key=app_key, module_key=module_key):
            about = replace(context_of(page, found, request.args), passed=passed(without=CONTEXT))
            return self._in_repository(about, app_key, module_key, kinds=("webItems",), below="")
        page = replace(page, passed=passed())
        return self._in_repository(page, app_key, module_key, kinds=REPOSITORY_KINDS, below="")

    def repository_admin_page(self, workspace: str, repository: str, app_key: str, module_key: str) -> str:
        """An adminPage of a repository, for its administrators."""
        page = replace(self._viewing.page(workspace, repository), passed=passed())
        if not self._viewing.may(page, "admin"):
            abort(403)
        return self._in_repository(page, app_key, module_key, kinds=("adminPages",), below="/admin")

    def workspace_page(self, workspace: str, app_key: str, module_key: str) -> str:
        """A page of an app in a workspace's settings: adminPages, configurePage, postInstallRedirect."""
        page = replace(self._viewing.page(workspace), passed=passed())
        if not self._viewing.is_administrator(page):
            abort(403)
        placed = self._placed(page, app_key, module_key, WORKSPACE_KINDS)
        base = f"{workspace_path(page.workspace)}/workspace/settings"
        return self._renderer.workspace(
            "workspace_app_page.html",
            page,
            current=app_path(base, placed),
            frame=frames.frame(page, placed, is_full_page=True),
        )

    def manage(self, workspace: str) -> str:
        """The workspace's apps: what is installed, what each may do, and a form to install another."""
        page = self._viewing.page(workspace)
        base = f"{workspace_path(page.workspace)}/workspace/settings"
        installed = [
            one
            for one in self._simulator.installations.all()
            if one.principal_uuid == page.workspace.uuid and one.descriptor is not None
        ]
        keys = {one.client_key for one in installed}
        deliveries = [one for one in self._simulator.deliveries.log() if one.lane in keys]
        return self._renderer.workspace(
            "manage_apps.html",
            page,
            current=f"{base}/addon-management",
            installed=[self._summary(page, one) for one in installed],
            deliveries=deliveries[: -_SHOWN_DELIVERIES - 1 : -1],
            message=request.args.get("message", ""),
            is_failure=request.args.get("failed") == "1",
        )

    def frame(self) -> dict[str, Any]:
        """A module's frame with a fresh token, for the host's script."""
        page = page_of(self._simulator.world, request.args)
        seen = self._viewing.page(page.workspace.uuid, page.repository.uuid if page.repository else None)
        query = {**request.args, "user": seen.viewer.uuid if seen.viewer else "anonymous"}
        found = frames.fresh(
            self._simulator,
            page_of(self._simulator.world, query),
            app_key=request.args.get("app_key", ""),
            module_key=request.args.get("module_key", ""),
        )
        if found is None:
            abort(404)
        return found

    def uninstall(self, workspace: str) -> Response:
        """Uninstall an app; what the app answers changes nothing."""
        return self._change(workspace, self._simulator.lifecycle.uninstall, "Uninstalled.")

    def update(self, workspace: str) -> Response:
        """Read an app's descriptor again."""
        return self._change(workspace, self._read_again, "Updated from its descriptor.")

    def _read_again(self, client_key: str) -> None:
        installation = self._simulator.installations.find(client_key)
        if installation is None or installation.descriptor_url is None:
            abort(404)
        self._simulator.lifecycle.update(installation, self._simulator.source.fetch(installation.descriptor_url))

    def _change(self, workspace: str, change: Callable[[str], object], message: str) -> Response:
        with self._simulator.world.lock:
            page = self._viewing.page(workspace)
            if not self._viewing.is_administrator(page):
                abort(403)
        address = f"{workspace_path(page.workspace)}/workspace/settings/addon-management"
        try:
            change(request.form.get("client_key", ""))
        except ConnectError as error:
            return back(_with_message(address, error.message, failed=True))
        return back(_with_message(address, message))

    def _in_repository(self, page: Page, app_key: str, module_key: str, *, kinds: tuple[str, ...], below: str) -> str:
        placed = self._placed(page, app_key, module_key, kinds)
        base = repository_path(page.repository) if page.repository else ""
        return self._renderer.repository(
            "app_page.html",
            page,
            current=app_path(base + below, placed),
            frame=frames.frame(page, placed, is_full_page=True),
        )

    def _placed(self, page: Page, app_key: str, module_key: str, kinds: tuple[str, ...]) -> PlacedModule:
        placed = self._simulator.modules.find(page, app_key=app_key, module_key=module_key, kinds=kinds)
        if placed is None:
            abort(404)
        return placed

    def _summary(self, page: Page, installation: Installation) -> dict[str, Any]:
        """An installation as the page lists it."""
        descriptor = installation.descriptor
        modules = self._simulator.modules.on(page, "configurePage") if installation.is_active else []
        configure = next((one for one in modules if one.installation.client_key == installation.client_key), None)
        base = f"{workspace_path(page.workspace)}/workspace/settings"
        installer = self._simulator.world.users.get(installation.installed_by or "")
        return {
            "installation": installation,
            "descriptor": descriptor,
            "scopes": [(one, SCOPE_TEXT[one]) for one in (descriptor.asked_scopes if descriptor else ())],
            "configure": app_path(base, configure) if configure else None,
            "installer": installer or casting.default_viewer(self._simulator.world, page.workspace),
        }


def _with_message(address: str, message: str, *, failed: bool = False) -> str:
    return f"{address}?{urlencode({'message': message, 'failed': int(failed)})}"
