"""Who is a bot and who is a person, kept for each workspace: people are met all the time, and hardly ever change what they are."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from insights.facts.accounts import AccountFacts
from insights.people.bots import Directory
from models.history import people
from models.repositories import Repository
from models.workspace_settings import StoredSettings

SERVES_FOR: Final = timedelta(minutes=5)
"""So long somebody may keep the name that we know; those who are new are seen at once."""

MOST_DIRECTORIES: Final = 128


@dataclass(frozen=True)
class _Kept:
    directory: Directory
    accounts: tuple[AccountFacts, ...]
    last: int
    settings_version: int
    read_at: datetime


class Directories:
    """The directories of one process, by installation. Safe to share between threads."""

    def __init__(self, *, most: int = MOST_DIRECTORIES) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def directory(
        self, session: Session, repository: Repository, stored: StoredSettings, *, client_key: str, now: datetime
    ) -> Directory:
        """Return everybody whom the repository's installation knows, judged by its settings."""
        held = self._held(client_key, now)
        last, new = people.newer_facts(session, repository, after=held.last if held else 0)
        if held is not None and not new and held.settings_version == stored.version:
            return held.directory
        accounts = (*(held.accounts if held else ()), *new)
        kept = _Kept(
            directory=Directory(accounts, stored.settings),
            accounts=accounts,
            last=last,
            settings_version=stored.version,
            read_at=held.read_at if held else now,
        )
        self._keep(client_key, kept)
        return kept.directory

    def _held(self, client_key: str, now: datetime) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(client_key)
        return kept if kept is not None and now - kept.read_at < SERVES_FOR else None

    def _keep(self, client_key: str, kept: _Kept) -> None:
        with self._lock:
            self._kept[client_key] = kept
            self._kept.move_to_end(client_key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
