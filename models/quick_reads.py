"""What nearly every request asks first: whose it is, which repository it is about, and how that stands. See ``models.quick_rows``."""

from sqlalchemy import Engine

from models.backfills import Backfill
from models.base import CLIENT_KEY_LENGTH, UUID_LENGTH, is_storable
from models.collecting import WHOLE_WORKSPACE, CollectingStop
from models.installations import Installation
from models.kept_answers import KeptAnswers
from models.quick_connections import QuickConnections
from models.quick_rows import QuickRows
from models.repositories import Repository, RepositoryState
from models.workspace_settings import FIRST_VERSION, SettingsOfWorkspace


class QuickReads:
    """Single rows, as they stand when they are asked for. Opens no connection before that."""

    def __init__(self, engine: Engine, connections: QuickConnections | None = None) -> None:
        self.connections = connections or QuickConnections(engine)
        kept = KeptAnswers(engine, self.connections)
        self._repositories = QuickRows[Repository](engine, kept, Repository.installation_id, Repository.uuid)
        self._stops = QuickRows[CollectingStop](engine, kept, CollectingStop.installation_id)
        self._settings = QuickRows[SettingsOfWorkspace](engine, kept, SettingsOfWorkspace.installation_id)
        self._backfills = QuickRows[Backfill](engine, kept, Backfill.repository_id)
        self._installations = QuickRows[Installation](engine, kept, Installation.client_key)

    def installation(self, client_key: str) -> Installation | None:
        """Return the installation of a client key, in whatever state."""
        return self._installations.find(client_key) if is_storable(client_key, length=CLIENT_KEY_LENGTH) else None

    def repository(self, installation: Installation, uuid: str) -> Repository | None:
        """Return the installation's repository with this canonical UUID; None where it has none, or has it no more."""
        row = self._repositories.find(installation.id, uuid) if is_storable(uuid, length=UUID_LENGTH) else None
        return row if row is not None and row.state is RepositoryState.HELD else None

    def is_stopped(self, installation: Installation, repository_uuid: str) -> bool:
        """Whether nothing may be collected of a repository: it, or the whole workspace, was stopped."""
        stopped = {stop.repository_uuid for stop in self._stops.all(installation.id)}
        return not stopped.isdisjoint({WHOLE_WORKSPACE, repository_uuid})

    def settings_version(self, installation: Installation) -> int:
        """Return the version of a workspace's settings."""
        row = self._settings.find(installation.id)
        return FIRST_VERSION if row is None else row.version

    def backfill(self, repository: Repository) -> Backfill | None:
        """Return the backfill of a repository; None where it was never asked for."""
        return self._backfills.find(repository.id)
