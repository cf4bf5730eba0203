"""The exceptions of this package.

::

    ModelsError
    ├── SealBroken          a stored secret cannot be opened with the keys that we have
    ├── LeaseLost           another worker has taken over; nothing of ours was stored
    ├── SchemaUnfit         the database's schema is not the one of this code
    ├── BackupRefused       a copy of the database that cannot be taken, or is none
    ├── WrongId             something that is no row id, where rows are to be deleted
    ├── TooManyPurges       more installations than may go in a day
    ├── DatabaseUnsupported an address that names no database we can use
    └── DatabaseUnreachable a database that does not answer, or a file that cannot be opened
"""

# ruff: noqa: N818 -- the names say what happened; that they are exceptions shows where they are raised and caught


class ModelsError(Exception):
    """Something about storage that a caller has to decide on."""


class SealBroken(ModelsError):
    """A stored secret does not open: the key is gone from the settings, or the ciphertext belongs to another context."""


class LeaseLost(ModelsError):
    """The lease that this work was done under has ended or passed to another worker. The transaction must be rolled back."""


class BackupRefused(ModelsError):
    """A copy cannot be taken or put back. The message says why and what to do; the database is as it was."""


class WrongId(ModelsError):
    """What names the rows that are to go is no row id: a client key, a UUID, a text of digits. Nothing was deleted."""


class TooManyPurges(ModelsError):
    """As many installations as may go in a day have gone: the next one waits, or an operator says that it shall not."""


class SchemaUnfit(ModelsError):
    """The schema of the database is missing, older or newer than this code needs. The message says what to do."""

    def __init__(self, message: str, *, found: str | None, needed: str) -> None:
        super().__init__(message)
        self.found = found
        self.needed = needed


class DatabaseUnsupported(ModelsError):
    """The database URL names something that this service does not run on."""


class DatabaseUnreachable(ModelsError):
    """The database does not answer, or its file or folder cannot be opened or written. The message says which."""
