"""The way around a repository: its own pages, then those of installed apps, as Bitbucket's side navigation has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from simulator.connect.module_shapes import (
    ACCOUNT_ADMIN,
    REPOSITORY_ACTIONS,
    REPOSITORY_ADMIN,
    REPOSITORY_NAVIGATION,
)

if TYPE_CHECKING:
    from simulator.assembly import Simulator
    from simulator.connect.modules import Page, PlacedModule
    from simulator.host.viewing import Viewing
    from simulator.world.model import Repository, Workspace


@dataclass(frozen=True)
class Entry:
    """One line of a navigation; `icon` is a symbol of the page's sprite, `icon_url` an app's own picture."""

    label: str
    address: str
    icon: str = "app"
    count: int | None = None
    is_current: bool = False
    icon_url: str | None = None


@dataclass(frozen=True)
class Navigation:
    """The three parts of a repository's navigation."""

    own: list[Entry]
    apps: list[Entry]
    settings: list[Entry]


def workspace_path(workspace: Workspace) -> str:
    """Where a workspace's page is."""
    return f"/{quote(workspace.slug)}"


def repository_path(repository: Repository) -> str:
    """Where a repository's page is."""
    return f"{workspace_path(repository.workspace)}/{quote(repository.slug)}"


def app_path(base: str, placed: PlacedModule) -> str:
    """Where an app's page is shown (connect-protocol.md names no address; this is what Bitbucket uses)."""
    return f"{base}/addon/{quote(placed.installation.app_key)}/{quote(placed.module.key)}"


def navigation(simulator: Simulator, viewing: Viewing, page: Page, *, current: str) -> Navigation:
    """The navigation of a repository's page; `current` is the address of the entry that is open."""
    repository = page.repository
    if repository is None:
        return Navigation([], [], [])
    base = repository_path(repository)
    open_count = sum(one.state == "OPEN" for one in repository.pull_requests.values())
    own = [
        Entry("Source", f"{base}/", "source"),
        Entry("Commits", f"{base}/commits/", "commit"),
        Entry("Branches", f"{base}/branches/", "branch", len(repository.git.branches())),
        Entry("Pull requests", f"{base}/pull-requests/", "pull-request", open_count),
    ]
    apps = [
        one
        for one in simulator.modules.on(page, "repoPages")
        if one.module.location in {REPOSITORY_NAVIGATION, REPOSITORY_ACTIONS}
    ]
    admin = simulator.modules.on(page, "adminPages", location=REPOSITORY_ADMIN) if viewing.may(page, "admin") else []
    return Navigation(
        [_marked(one, current) for one in own],
        [_marked(_app_entry(base, one), current) for one in apps],
        [_marked(_app_entry(f"{base}/admin", one), current) for one in admin],
    )


def workspace_entries(simulator: Simulator, viewing: Viewing, page: Page, *, current: str) -> list[Entry]:
    """The settings of a workspace: its apps, and what apps add there."""
    base = f"{workspace_path(page.workspace)}/workspace/settings"
    pages = simulator.modules.on(page, "adminPages", location=ACCOUNT_ADMIN) if viewing.is_administrator(page) else []
    entries = [Entry("Installed apps", f"{base}/addon-management", "app")]
    return [_marked(one, current) for one in [*entries, *(_app_entry(base, one) for one in pages)]]


def _app_entry(base: str, placed: PlacedModule) -> Entry:
    module, descriptor = placed.module, placed.installation.descriptor
    icon_url = descriptor.absolute(module.icon_url) if descriptor and module.icon_url else None
    return Entry(module.name or placed.app_name, app_path(base, placed), "app", icon_url=icon_url)


def _marked(entry: Entry, current: str) -> Entry:
    return Entry(entry.label, entry.address, entry.icon, entry.count, entry.address == current, entry.icon_url)
