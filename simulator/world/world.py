"""The world: everything that exists in the simulated Bitbucket, behind one lock and one clock."""

from __future__ import annotations

import contextlib
import functools
import itertools
import shutil
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.world import identifiers
from simulator.world.errors import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulator.world.git import Signature
    from simulator.world.model import Event, MergeTask, Repository, User, Workspace
    from simulator.world.principal import Principal


class World:
    """Users, workspaces and repositories by UUID, and whoever listens to what happens to them.

    Take `lock` around every read that must be consistent and around every change (the actions do). Listeners are called
    in order, under the lock, in the thread that acts: they must only note the event down.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        now: Callable[[], datetime] | None = None,
        api_url: str = "https://api.bitbucket.org",
        site_url: str = "https://bitbucket.org",
    ) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.api_url = api_url
        self.site_url = site_url
        self.users: dict[str, User] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.repositories: dict[str, Repository] = {}
        self.users_by_email: dict[str, User] = {}
        """lower-case e-mail, aliases too -> user"""
        self.listeners: list[Callable[[Event], None]] = []
        self.user_properties: dict[tuple[str, str, str], dict[str, Any]] = {}
        """(user uuid, app key, property name) -> value"""
        self.merge_tasks: dict[str, MergeTask] = {}
        self.are_issue_trackers_removed = True
        """whether REST says that trackers are gone (August 2026), or only that a repository has none"""
        self.connect_authenticator: Callable[[str, str, str], Principal | None] | None = None
        """(token, method, raw target) -> the installed app that signed the token; the Connect half supplies it"""
        self._clock = now or (lambda: datetime.now(UTC))
        self._ids = itertools.count(1)
        self._directory: Path | None = None
        self._closers = contextlib.ExitStack()

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return self._clock()

    def next_id(self) -> int:
        """A number that no comment, task or hook of this world has had."""
        return next(self._ids)

    def new_uuid(self, kind: str) -> str:
        """A UUID for a new thing: the same for the same seed and the same history."""
        return identifiers.uuid_for(self.seed, kind, self.next_id())

    def add_user(self, user: User) -> User:
        """Make `user` known, by their e-mail too."""
        self.users[user.uuid] = user
        if user.email:
            self.users_by_email[user.email.lower()] = user
        return user

    def user_of(self, signature: Signature) -> User | None:
        """The user whose e-mail a commit or tag bears."""
        return self.users_by_email.get(signature.email.lower())

    def add_workspace(self, workspace: Workspace) -> Workspace:
        """Make `workspace` known."""
        self.workspaces[workspace.uuid] = workspace
        return workspace

    def add_repository(self, repository: Repository) -> Repository:
        """Make `repository` known; its workspace must be."""
        self.repositories[repository.uuid] = repository
        return repository

    def user(self, key: str) -> User:
        """The user whose uuid (braces or not), account id, nickname or e-mail is `key`; raises Missing."""
        found = self.users.get(identifiers.braced(key) or key)
        if found is None:
            found = next((u for u in self.users.values() if key in {u.account_id, u.nickname, u.email}), None)
        if found is None:
            raise Missing(f"{key} is not a valid user")
        return found

    def workspace(self, key: str) -> Workspace:
        """The workspace whose slug or uuid is `key`; raises Missing."""
        found = self.workspaces.get(identifiers.braced(key) or "")
        if found is None:
            found = next((one for one in self.workspaces.values() if one.slug == key.lower()), None)
        if found is None:
            raise Missing(f"No workspace with identifier '{key}'.")
        return found

    def repository(self, workspace: str, slug: str) -> Repository:
        """The repository `slug` (or uuid) in `workspace` (slug, uuid, or `{}` with a uuid); raises Missing."""
        missing = Missing(f"Repository {workspace}/{slug} not found")
        found = self.repositories.get(identifiers.braced(slug) or "")
        if workspace == "{}":
            if found is None:
                raise missing
            return found
        try:
            home = self.workspace(workspace)
        except Missing:
            raise missing from None
        if found is None:
            found = next((r for r in self.in_workspace(home) if r.slug == slug.lower()), None)
        if found is None or found.workspace is not home:
            raise missing
        return found

    def in_workspace(self, workspace: Workspace) -> Iterator[Repository]:
        """The workspace's repositories, oldest first."""
        return (one for one in self.repositories.values() if one.workspace is workspace)

    def emit(self, event: Event) -> None:
        """Tell every listener of `event`."""
        for listener in list(self.listeners):
            listener(event)

    def new_directory(self) -> Path:
        """A directory for one more repository; it goes when the world is closed."""
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="simulator-world-"))
            self.on_close(functools.partial(shutil.rmtree, self._directory, ignore_errors=True))
        return self._directory / f"{self.next_id()}.git"

    def on_close(self, callback: Callable[[], object]) -> None:
        """Call `callback` when the world ends (temporary directories, processes)."""
        self._closers.callback(callback)

    def close(self) -> None:
        """End the world: remove what it keeps on disk and stop what it runs."""
        self._closers.close()
