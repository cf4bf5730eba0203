"""What nearly every request asks first: whose it is, which repository it is about, and how that stands. See ``models.quick_rows``."""

from sqlalchemy import Engine

from models.base import CLIENT_KEY_LENGTH, is_storable
from models.installations import Installation
from models.quick_rows import QuickConnections, QuickRows


class QuickReads:
    """Single rows, as they stand when they are asked for. Opens no connection before that."""

    def __init__(self, engine: Engine) -> None:
        connections = QuickConnections(engine)
        self._installations = QuickRows[Installation](connections, Installation.client_key)

    def installation(self, client_key: str) -> Installation | None:
        """Return the installation of a client key, in whatever state."""
        return self._installations.find(client_key) if is_storable(client_key, length=CLIENT_KEY_LENGTH) else None
