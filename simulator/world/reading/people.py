"""The authors of a git repository as Bitbucket users: one for each e-mail address, `.mailmap` honoured."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from simulator.world import identifiers
from simulator.world.model import User

if TYPE_CHECKING:
    from simulator.world.git import Commit, GitRepository, Signature
    from simulator.world.world import World

_BOT = re.compile(r"\[bot\]|(?:^|[-_.+])bot(?:$|[-_.@])|dependabot|renovate", re.IGNORECASE)


class People:
    """Finds or makes the user behind a signature."""

    def __init__(self, world: World, git: GitRepository) -> None:
        self._world = world
        self._git = git
        self._by_name: dict[str, User] = {}
        self.commits: Counter[str] = Counter()
        """user uuid -> commits written"""
        for key in git.history:
            commit = git.history[key]
            self.commits[self.of(commit.author, commit).uuid] += 1

    def of(self, signature: Signature, commit: Commit) -> User:
        """The user of a commit's author (the mailmap speaks of authors)."""
        name, email = self._git.history.canonical.get(
            (signature.name, signature.email), (signature.name, signature.email)
        )
        user = self.named(name, email, commit)
        if signature.email:
            self._world.users_by_email.setdefault(signature.email.lower(), user)
        return user

    def named(self, name: str, email: str, commit: Commit) -> User:
        """The user with this address, a new one if need be; `commit` says since when they are known."""
        key = email.lower()
        known = self._world.users_by_email.get(key) if key else self._by_name.get(name.lower())
        if known is not None:
            known.created_on = min(known.created_on, commit.author.at)
            return known
        identity = key or name
        user = User(
            uuid=identifiers.uuid_for(self._world.seed, "author", identity),
            account_id=identifiers.account_id_for(self._world.seed, identity),
            nickname=name or key.partition("@")[0],
            display_name=name or key,
            created_on=commit.author.at,
            kind="app_user" if _BOT.search(name) or _BOT.search(key) else "user",
            email=key,
        )
        self._by_name.setdefault(name.lower(), user)
        return self._world.add_user(user)

    def reviewer(self, name: str, email: str | None, commit: Commit) -> User | None:
        """Whom a trailer names: by address, else by name; nobody where only an unknown name is given."""
        if email:
            return self.named(name, email, commit)
        return self._by_name.get(name.lower())

    def main_author(self, commits: list[Commit], merge: Commit) -> User:
        """Who wrote most of `commits`; the merge's own author where there are none."""
        counted = Counter(self.of(one.author, one).uuid for one in commits)
        if not counted:
            return self.of(merge.author, merge)
        return self._world.users[counted.most_common(1)[0][0]]
