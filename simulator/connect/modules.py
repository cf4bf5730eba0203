"""Which modules of installed apps a page shows to its viewer, and the signed addresses of their iframes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from simulator.connect import signing
from simulator.connect.conditions import Facts, conditions_hold
from simulator.connect.context_parameters import fill
from simulator.rest.representations import accounts, commits, pull_requests, repositories
from simulator.world.errors import WorldError
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.connect.context_parameters import Context
    from simulator.connect.descriptor import Module
    from simulator.connect.installations import Installation, Installations
    from simulator.world import World
    from simulator.world.model import PullRequest, Repository, User, Workspace

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page is about and who looks at it; `viewer` is None for somebody who is not logged in.

    `passed` are the query parameters of the page's own address, which an app's whole page gets too.
    """

    workspace: Workspace
    viewer: User | None
    repository: Repository | None = None
    pull_request: PullRequest | None = None
    branch: str | None = None
    commit: str | None = None
    file: str | None = None
    target_user: User | None = None
    passed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlacedModule:
    """One module on one page. `url` is whole and signed, and good for an hour."""

    installation: Installation
    module: Module
    url: str

    @property
    def app_name(self) -> str:
        """The app's name as its descriptor has it."""
        return self.installation.descriptor.name if self.installation.descriptor else self.installation.app_key


class Modules:
    """Finds modules for pages. `features` are the premium and beta features that conditions may ask for."""

    def __init__(
        self,
        world: World,
        installations: Installations,
        *,
        clock: Callable[[], int],
        features: frozenset[str] = frozenset(),
    ) -> None:
        self._world = world
        self._installations = installations
        self._clock = clock
        self._features = features

    def on(self, page: Page, *kinds: str, location: str | None = None) -> list[PlacedModule]:
        """The modules of these kinds (at this location) whose conditions hold, lightest first."""
        placed = [
            self.place(page, installation, module)
            for installation in self._installed_for(page)
            for module in (installation.descriptor.of_kind(*kinds) if installation.descriptor else ())
            if location in {None, module.location} and self._is_shown(page, installation, module)
        ]
        return sorted(placed, key=lambda one: one.module.weight)

    def find(self, page: Page, *, app_key: str, module_key: str, kinds: tuple[str, ...]) -> PlacedModule | None:
        """One module by its key, if the page's viewer may see it."""
        found = (one for one in self.on(page, *kinds) if one.installation.app_key == app_key)
        return next((one for one in found if one.module.key == module_key), None)

    def is_of_kind(self, kind: str, *, app_key: str, module_key: str) -> bool:
        """Whether an installed app has such a module, on whatever pages."""
        apps = [one.descriptor for one in self._installations.active() if one.app_key == app_key and one.descriptor]
        return any(module.key == module_key for app in apps for module in app.of_kind(kind))

    def place(self, page: Page, installation: Installation, module: Module) -> PlacedModule:
        """A module with its address for this page; asks no conditions."""
        return PlacedModule(
            installation=installation, module=module, url=self.address(page, installation, url=module.url)
        )

    def address(
        self, page: Page, installation: Installation, *, url: str, extra: str = "", is_signed: bool = True
    ) -> str:
        """`url` of an app with its placeholders filled, `extra` in its query, and a token over all of that."""
        descriptor = installation.descriptor
        if descriptor is None:
            raise ValueError(f"{installation.client_key} has no descriptor")
        context = self._context(page, installation)
        filled = fill(descriptor.absolute(url), context=context, scopes=installation.scopes)
        filled = with_passed(filled, page.passed)
        if extra:
            filled = with_query(filled, extra)
        if not (is_signed and descriptor.is_signed):
            return filled
        token = signing.sign(
            method="GET",
            url=filled,
            base_url=descriptor.base_url,
            client_key=installation.client_key,
            secret=installation.secret,
            now=self._clock(),
        )
        return with_query(filled, f"jwt={token}")

    def _installed_for(self, page: Page) -> list[Installation]:
        return [one for one in self._installations.active() if _applies(one, page)]

    def _is_shown(self, page: Page, installation: Installation, module: Module) -> bool:
        return conditions_hold(
            list(module.conditions),
            facts=self._facts(page),
            context=self._context(page, installation),
            scopes=installation.scopes,
        )

    def _facts(self, page: Page) -> Facts:
        installed = [one for one in self._installations.active() if one.principal_uuid == page.workspace.uuid]
        repository, viewer = page.repository, Principal(user=page.viewer)
        return Facts(
            is_logged_in=page.viewer is not None,
            repository_permission=viewer.permission_on(repository) if repository else None,
            workspace_permission=viewer.role_in(page.workspace),
            is_repository_private=bool(repository and repository.is_private),
            installed_apps=frozenset(one.app_key for one in installed),
            features=self._features,
            has_file=functools.partial(_has_file, page),
        )

    def _context(self, page: Page, installation: Installation) -> Context:
        world, repository = self._world, page.repository
        makers: dict[str, Callable[[], Mapping[str, Any] | None]] = {
            "workspace": lambda: accounts.workspace_details(world, page.workspace),
            "principal": lambda: self._principal(installation),
            "user": lambda: accounts.user_profile(world, page.viewer) if page.viewer else None,
            "target_user": lambda: accounts.user_profile(world, page.target_user) if page.target_user else None,
            "repository": lambda: repositories.repository_details(world, repository) if repository else None,
            "pullrequest": lambda: (
                pull_requests.pull_request_details(world, page.pull_request) if page.pull_request else None
            ),
            "branch": lambda: self._branch(page),
            "commit": lambda: self._commit(page),
            "file": lambda: _file(page),
        }
        return {name: functools.cache(make) for name, make in makers.items()}

    def _principal(self, installation: Installation) -> Json | None:
        workspace = self._world.workspaces.get(installation.principal_uuid)
        if workspace is not None:
            return accounts.workspace_details(self._world, workspace)
        user = self._world.users.get(installation.principal_uuid)
        return accounts.user_profile(self._world, user) if user else None

    def _branch(self, page: Page) -> Json | None:
        if page.repository is None or page.branch is None:
            return None
        commit = page.repository.git.commit(page.branch)
        return commits.branch(self._world, page.repository, page.branch, commit)

    def _commit(self, page: Page) -> Json | None:
        if page.repository is None or page.commit is None:
            return None
        return commits.commit_in_list(self._world, page.repository, page.repository.git.commit(page.commit))


def with_query(url: str, pair: str) -> str:
    """`url` with one more `name=value` at the end of its query."""
    return f"{url}{'&' if '?' in url else '?'}{pair}"


def with_passed(url: str, passed: tuple[tuple[str, str], ...]) -> str:
    """`url` with the parameters of the page that it does not have itself: what the app asked for stands (its user too)."""
    own = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)} | {"jwt"}
    more = {name: value for name, value in passed if name not in own}
    return with_query(url, urlencode(more, quote_via=quote)) if more else url


def _applies(installation: Installation, page: Page) -> bool:
    """A workspace's apps show on all its pages; a "personal" one only to whoever installed it, and then everywhere."""
    contexts = installation.descriptor.contexts if installation.descriptor else ()
    if contexts == ("personal",):
        return page.viewer is not None and page.viewer.uuid == installation.installed_by
    return installation.principal_uuid == page.workspace.uuid


def _file(page: Page) -> Json | None:
    if page.file is None:
        return None
    return {"path": page.file, "name": page.file.rpartition("/")[2], "commit": {"hash": page.commit}}


def _has_file(page: Page, path: str) -> bool:
    """Whether the page's commit, or else the main branch, holds a file."""
    repository = page.repository
    if repository is None:
        return False
    try:
        repository.git.file_content(page.commit or repository.main_branch or "HEAD", path)
    except WorldError:
        return False
    return True
