"""Every address of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from simulator.host.app_pages import AppPages
from simulator.host.avatars import register_avatars
from simulator.host.bridge import register_bridge
from simulator.host.commit_pages import CommitPages
from simulator.host.deeds import Deeds
from simulator.host.formatting import register_filters
from simulator.host.frames import FRAME_ADDRESS
from simulator.host.home import HomePages
from simulator.host.install_pages import ADDRESS as INSTALL_ADDRESS
from simulator.host.install_pages import InstallPages
from simulator.host.pull_request_pages import PullRequestPages
from simulator.host.rendering import Renderer
from simulator.host.repository_pages import RepositoryPages
from simulator.host.viewing import Viewing, WorkspaceSegment, choose_viewer, locked
from simulator.world.errors import Forbidden, WorldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from simulator.assembly import Simulator

WORKSPACE = "/<workspace:workspace>"
REPOSITORY = f"{WORKSPACE}/<repository>"
Rules = list[tuple[str, "Callable[..., Any]"]]


def register_host(app: Flask, simulator: Simulator) -> None:
    """Serve the pages of `simulator` on `app`."""
    app.url_map.converters["workspace"] = WorkspaceSegment
    blueprint = Blueprint(
        "host", __name__, template_folder="templates", static_folder="static", static_url_path="/_simulator/static"
    )
    viewing = Viewing(simulator)
    renderer = Renderer(simulator, viewing)
    register_filters(blueprint)
    register_avatars(blueprint, simulator.world)
    register_bridge(blueprint)
    _register_pages(blueprint, simulator, viewing, renderer)
    _register_forms(blueprint, simulator, viewing, renderer)
    _register_errors(blueprint, simulator, renderer)
    app.register_blueprint(blueprint)


def _register_pages(blueprint: Blueprint, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
    for rule, view in _pages(simulator, viewing, renderer):
        blueprint.add_url_rule(rule, _endpoint("get", rule), locked(simulator, view), strict_slashes=False)
    install = InstallPages(simulator, viewing, renderer)
    blueprint.add_url_rule(INSTALL_ADDRESS, "ask", install.ask)
    blueprint.add_url_rule(INSTALL_ADDRESS, "grant", install.grant, methods=["POST"])


def _pages(simulator: Simulator, viewing: Viewing, renderer: Renderer) -> Rules:
    """What is looked at. The order of the rules does not matter; the more exact one wins."""
    home = HomePages(simulator, viewing, renderer)
    source = RepositoryPages(simulator, viewing, renderer)
    history = CommitPages(simulator, viewing, renderer)
    reviews = PullRequestPages(simulator, viewing, renderer)
    apps = AppPages(simulator, viewing, renderer)
    settings = f"{WORKSPACE}/workspace/settings"
    return [
        ("/", home.home),
        (f"{WORKSPACE}/", home.workspace),
        (f"{WORKSPACE}/workspace/overview/", home.workspace),
        (f"{REPOSITORY}/", source.overview),
        (f"{REPOSITORY}/overview", source.to_overview),
        (f"{REPOSITORY}/src/", source.to_overview),
        (f"{REPOSITORY}/src/<ref>/", source.source),
        (f"{REPOSITORY}/src/<ref>/<path:path>", source.source),
        (f"{REPOSITORY}/commits/", history.commits),
        (f"{REPOSITORY}/commits/<commit>", history.commit),
        (f"{REPOSITORY}/branches/", history.branches),
        (f"{REPOSITORY}/branch/<path:branch>", history.branch),
        (f"{REPOSITORY}/pull-requests/", reviews.listing),
        (f"{REPOSITORY}/pull-requests/new", reviews.form),
        (f"{REPOSITORY}/pull-requests/<int:number>", reviews.pull_request),
        (f"{REPOSITORY}/addon/<app_key>/<module_key>", apps.repository_page),
        (f"{REPOSITORY}/admin/addon/<app_key>/<module_key>", apps.repository_admin_page),
        (f"{settings}/addon-management", apps.manage),
        (f"{settings}/addon/<app_key>/<module_key>", apps.workspace_page),
        (FRAME_ADDRESS, apps.frame),
    ]


def _register_forms(blueprint: Blueprint, simulator: Simulator, viewing: Viewing, renderer: Renderer) -> None:
    deeds = Deeds(simulator, viewing)
    forms: Rules = [
        ("/site/viewing-as", lambda: choose_viewer(simulator)),
        (f"{REPOSITORY}/pull-requests/new", deeds.open_pull_request),
        (f"{REPOSITORY}/pull-requests/<int:number>", deeds.on_pull_request),
        (f"{REPOSITORY}/commits/", deeds.push),
        (f"{REPOSITORY}/commits/<commit>", deeds.set_build_status),
        (f"{REPOSITORY}/branches/", deeds.create_branch),
        (f"{REPOSITORY}/branches/delete", deeds.delete_branch),
    ]
    for rule, view in forms:
        made = locked(simulator, view)
        blueprint.add_url_rule(rule, _endpoint("post", rule), made, methods=["POST"], strict_slashes=False)
    apps = AppPages(simulator, viewing, renderer)
    settings = f"{WORKSPACE}/workspace/settings"
    # These speak with the app, which calls back meanwhile: no lock around them.
    blueprint.add_url_rule(f"{settings}/uninstall", "uninstall", apps.uninstall, methods=["POST"])
    blueprint.add_url_rule(f"{settings}/update", "update", apps.update, methods=["POST"])


def _register_errors(blueprint: Blueprint, simulator: Simulator, renderer: Renderer) -> None:
    def page(status: int, message: str) -> tuple[str, int]:
        with simulator.world.lock:
            return renderer.plain("error.html", status=status, message=message), status

    def world_error(error: WorldError) -> tuple[str, int]:
        return page(403 if isinstance(error, Forbidden) else 404, error.message)

    def http_error(error: HTTPException) -> tuple[str, int] | Response:
        accepted = request.accept_mimetypes
        if not accepted.provided or accepted.accept_html:
            return page(error.code or 500, error.description or error.name)
        return Response(f"{error.name}\n", error.code or 500, content_type="text/plain; charset=utf-8")

    blueprint.register_error_handler(WorldError, world_error)
    blueprint.app_errorhandler(404)(http_error)
    blueprint.register_error_handler(HTTPException, http_error)


def _endpoint(method: str, rule: str) -> str:
    """A name for a rule; blueprints allow no dots in it."""
    return f"{method} {rule}".replace(".", "-")
