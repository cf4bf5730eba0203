"""Key rotation: sealing every stored secret anew with the newest key, while the service runs.

Each row is written only if its ciphertext is still the one that was read: a secret that an install brings meanwhile is sealed
with the newest key already, and is never overwritten.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from models.dialects import changed_rows
from models.encryption import SecretBox
from models.errors import SealBroken
from models.installations import Installation

BATCH_ROWS: Final = 50

_SEALED: Final = (Installation.sealed_secret, Installation.sealed_previous_secret)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What was done: secrets sealed anew, and client keys whose secrets do not open with any key."""

    resealed: int
    broken: tuple[str, ...]


def rotate_keys(sessions: sessionmaker[Session], box: SecretBox, *, batch_rows: int = BATCH_ROWS) -> Rotation:
    """Seal every secret anew that an older key has sealed. May be run again, and beside itself."""
    resealed, broken, last_id = 0, list[str](), 0
    while True:
        with sessions.begin() as session:
            rows = _batch(session, after=last_id, batch_rows=batch_rows)
            for row in rows:
                try:
                    resealed += sum(_reseal(session, row, column, box) for column in _SEALED)
                except SealBroken:
                    broken.append(row.client_key)
        if not rows:
            return Rotation(resealed, tuple(broken))
        last_id = rows[-1].id


def _batch(session: Session, *, after: int, batch_rows: int) -> list[Installation]:
    rows = select(Installation).where(Installation.id > after).order_by(Installation.id).limit(batch_rows)
    return list(session.scalars(rows))


def _reseal(
    session: Session,
    row: Installation,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    box: SecretBox,
) -> int:
    sealed: str | None = getattr(row, column.key)
    if sealed is None or not box.needs_rotation(sealed, context=row.client_key):
        return 0
    anew = box.seal(box.open(sealed, context=row.client_key), context=row.client_key)
    same = update(Installation).where(Installation.id == row.id, column == sealed)
    return changed_rows(session, same.values({column.key: anew}))
