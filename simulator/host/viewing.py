"""Who looks at a page and what they may see; the acting person is chosen in the page's corner and kept in a cookie."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request
from werkzeug.routing import BaseConverter, ValidationError

from simulator import casting
from simulator.connect.modules import Page
from simulator.panels import ANONYMOUS
from simulator.world.errors import Missing
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.world.model import PullRequest, Repository, User, Workspace

COOKIE = "viewing_as"
COLOUR_COOKIE = "color_mode"
COLOUR_MODES = ("light", "dark")
RESERVED = frozenset(
    {
        "!api",
        "1.0",
        "2.0",
        "_simulator",
        "account",
        "atlassian-connect",
        "favicon.ico",
        "ravatar",
        "site",
        "workspaces",
    }
)
View = Callable[..., Any]


class WorkspaceSegment(BaseConverter):
    """The first segment of a page's address where it is a workspace, and not one of Bitbucket's own words."""

    def to_python(self, value: str) -> str:
        if value in RESERVED:
            raise ValidationError
        return value


class Viewing:
    """What pages ask about their viewer."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def viewer(self, workspace: Workspace | None) -> User | None:
        """Who looks: the person of the cookie if there is one, an owner where nobody was chosen; None: logged out."""
        chosen = request.cookies.get(COOKIE)
        if chosen == ANONYMOUS:
            return None
        world = self._simulator.world
        if chosen in world.users:
            return world.users[chosen]
        home = workspace or next(iter(world.workspaces.values()), None)
        return casting.default_viewer(world, home) if home else None

    def page(self, workspace: str, repository: str | None = None) -> Page:
        """The page at an address, if its viewer may see it; otherwise a 404, as Bitbucket has it.

        A workspace that holds something public is known to everybody.
        """
        world = self._simulator.world
        home = world.workspace(workspace)
        viewer = self.viewer(home)
        found = world.repository(workspace, repository) if repository is not None else None
        if found is not None and Principal(user=viewer).permission_on(found) is None:
            raise Missing(f"Repository {found.full_name} not found")
        return Page(workspace=home, viewer=viewer, repository=found)

    def repository(self, workspace: str, repository: str) -> tuple[Page, Repository]:
        """The page about a repository and the repository itself; raises Missing as `page` does."""
        page = self.page(workspace, repository)
        return page, of_repository(page)

    def pull_request(self, workspace: str, repository: str, number: int) -> tuple[Page, PullRequest]:
        """The page about a pull request and the pull request itself; raises Missing."""
        page, found = self.repository(workspace, repository)
        it = found.pull_requests.get(number)
        if it is None:
            raise Missing(f"There is no pull request #{number} in {found.full_name}.")
        return replace(page, pull_request=it), it

    def may(self, page: Page, needed: str) -> bool:
        """Whether the viewer has at least `needed` on the page's repository."""
        return page.repository is not None and Principal(user=page.viewer).may(needed, page.repository)

    def is_administrator(self, page: Page) -> bool:
        """Whether the viewer may install apps in the page's workspace."""
        return Principal(user=page.viewer).role_in(page.workspace) == "owner"


def of_repository(page: Page) -> Repository:
    """The repository of a page that is about one."""
    if page.repository is None:
        raise ValueError("this page is about no repository")
    return page.repository


def locked(simulator: Simulator, view: View) -> View:
    """A view that sees the world at one moment."""

    @functools.wraps(view)
    def with_lock(**parts: Any) -> Any:  # noqa: ANN401 - Flask's own
        g.simulator = simulator
        with simulator.world.lock:
            return view(**parts)

    return with_lock


def back(default: str) -> Response:
    """To where the form stood; an address of another site is not followed."""
    wanted = request.form.get("back") or default
    parts = urlsplit(wanted)
    is_local = not parts.scheme and not parts.netloc and wanted.startswith("/")
    return _redirect(wanted if is_local else default)


def _redirect(address: str) -> Response:
    response = redirect(address, 303)
    return response if isinstance(response, Response) else Response(status=303, headers={"Location": address})


def choose_viewer(simulator: Simulator) -> Response:
    """Look on as somebody else, or as nobody."""
    chosen = request.form.get("user", "")
    if chosen != ANONYMOUS and chosen not in simulator.world.users:
        abort(400)
    response = back("/")
    response.set_cookie(COOKIE, chosen, httponly=True, samesite="Lax")
    return response


def colour_mode() -> str:
    """The chosen colour mode; light where none was."""
    chosen = request.cookies.get(COLOUR_COOKIE, "")
    return chosen if chosen in COLOUR_MODES else COLOUR_MODES[0]
