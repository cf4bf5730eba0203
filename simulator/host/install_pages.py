"""The consent page on which somebody lets an app into a workspace (connect-protocol.md 3.5).

`/site/addons/authorize?descriptor_uri=…` for an app that is not registered, `?addon_key=…` for one that is. A
`redirect_uri` must begin with the app's baseUrl and hold no context parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from simulator.connect.context_parameters import PLACEHOLDER
from simulator.connect.errors import ConnectError, InstallRefused
from simulator.connect.lifecycle import Order
from simulator.connect.modules import Page
from simulator.connect.scopes import SCOPE_TEXT
from simulator.host.navigation import workspace_path
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.descriptor import Descriptor
    from simulator.connect.installations import Installation, RegisteredApp
    from simulator.host.rendering import Renderer
    from simulator.host.viewing import Viewing
    from simulator.world.model import User, Workspace

ADDRESS = "/site/addons/authorize"


@dataclass(frozen=True)
class Wish:
    """What the address asks for, fetched and checked."""

    descriptor: Descriptor
    descriptor_url: str
    registered: RegisteredApp | None
    redirect_uri: str | None


class InstallPages:
    """Asks, and installs."""

    def __init__(self, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
        self._simulator = simulator
        self._viewing = viewing
        self._renderer = renderer

    def ask(self) -> tuple[str, int]:
        """The consent page, or what is wrong with the app."""
        try:
            wish = self._wish()
        except ConnectError as error:
            return self._refusal(error), 400
        with self._simulator.world.lock:
            return self._page(wish, problem=""), 200

    def grant(self) -> Response | tuple[str, int]:
        """Install, then send the browser where the app wants it. Holds no lock while it speaks with the app."""
        try:
            wish = self._wish()
            workspace, actor = self._where_and_who()
            order = Order(
                descriptor=wish.descriptor,
                descriptor_url=wish.descriptor_url,
                principal=workspace.personal_of or workspace,
                actor=actor,
            )
        except ConnectError as error:
            return self._refusal(error), 400
        try:
            installation = self._simulator.lifecycle.install(order, registered=wish.registered)
        except ConnectError as error:
            with self._simulator.world.lock:
                return self._page(wish, problem=error.message), 200
        with self._simulator.world.lock:
            return Response(status=302, headers={"Location": self._next_address(wish, installation, workspace, actor)})

    def _wish(self) -> Wish:
        """What is to be installed; raises ConnectError with a sentence for the page."""
        key, url = request.values.get("addon_key"), request.values.get("descriptor_uri")
        registered = self._simulator.installations.registered(key) if key else None
        if key and registered is None:
            raise InstallRefused(f'There is no registered app "{key}".')
        address = (registered.descriptor_url if registered else None) or url
        if not address and registered is not None:
            raise InstallRefused(f'"{registered.key}" is registered without an address; add its descriptor_uri.')
        if not address:
            raise InstallRefused("The address names no app: it needs an addon_key or a descriptor_uri.")
        descriptor = self._simulator.source.fetch(address)
        if registered is None and self._simulator.installations.registered(descriptor.key) is not None:
            raise InstallRefused(f'"{descriptor.key}" is registered, and is installed by its addon_key.')
        redirect_uri = request.values.get("redirect_uri") or None
        _check_redirect(redirect_uri, descriptor)
        return Wish(descriptor, address, registered, redirect_uri)

    def _where_and_who(self) -> tuple[Workspace, User]:
        with self._simulator.world.lock:
            workspace = self._simulator.world.workspaces.get(request.form.get("workspace", ""))
            if workspace is None:
                raise InstallRefused("Choose the workspace into which the app is installed.")
            viewer = self._viewing.viewer(workspace)
            if viewer is None or Principal(user=viewer).role_in(workspace) != "owner":
                raise InstallRefused(f"Only administrators of {workspace.name} can install apps there.")
            return workspace, viewer

    def _page(self, wish: Wish, *, problem: str) -> str:
        viewer = self._viewing.viewer(None)
        may = [
            one for one in self._simulator.world.workspaces.values() if Principal(user=viewer).role_in(one) == "owner"
        ]
        return self._renderer.plain(
            "consent.html",
            wish=wish,
            scopes=[(one, SCOPE_TEXT[one]) for one in wish.descriptor.asked_scopes],
            workspaces=may,
            chosen=request.values.get("workspace", ""),
            problem=problem,
        )

    def _refusal(self, error: ConnectError) -> str:
        with self._simulator.world.lock:
            problems = getattr(error, "problems", (error.message,))
            return self._renderer.plain("install_refused.html", problems=problems)

    def _next_address(self, wish: Wish, installation: Installation, workspace: Workspace, actor: User) -> str:
        """`redirect_uri`, or the app's postInstallRedirect, or the list of installed apps."""
        redirects = wish.descriptor.of_kind("postInstallRedirect")
        target = wish.redirect_uri or (redirects[0].url if redirects else None)
        if target is None:
            return f"{workspace_path(workspace)}/workspace/settings/addon-management"
        page = Page(workspace=workspace, viewer=actor)
        carried = self._simulator.settings.redirect_carries
        extra = f"client_key={quote(installation.client_key, safe='')}" if "client_key" in carried else ""
        return self._simulator.modules.address(page, installation, url=target, extra=extra, is_signed="jwt" in carried)


def _check_redirect(redirect_uri: str | None, descriptor: Descriptor) -> None:
    if redirect_uri is None:
        return
    if not (redirect_uri + "/").startswith(descriptor.base_url + "/") and not redirect_uri.startswith(
        f"{descriptor.base_url}?"
    ):
        raise InstallRefused(f"The redirect_uri must begin with the app's baseUrl, {descriptor.base_url}.")
    if PLACEHOLDER.search(redirect_uri):
        raise InstallRefused("The redirect_uri must not hold context parameters.")
