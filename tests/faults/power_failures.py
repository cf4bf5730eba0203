"""Many power failures of one recorded run: when they happen, and what the product finds on its disk afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from models.errors import DatabaseUnreachable
from models.schema import require_current_schema
from services import create_services
from tests.faults.one_process import settings_for, stored
from tests.faults.power import Platter
from tests.faults.recording_disk import Said, Write, kind_of


@dataclass
class Findings:
    """What came of some power failures."""

    points: int = 0
    acknowledged: int = 0
    points_with_losses: int = 0
    lost: list[object] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)


def moments(entries, chance, *, points):
    """When the power fails: half the times anywhere, the other half while the log is written back to the database."""
    anywhere = range(len(entries))
    written_back = [at for at, one in enumerate(entries) if isinstance(one, Write) and kind_of(one.file) == "db"]
    near = sorted({at + step for at in written_back for step in range(-2, 6) if 0 <= at + step < len(entries)})
    assert near, "the log was never written back: this would test half of what it says"
    return sorted([*chance.choices(anywhere, k=points - points // 2), *chance.choices(near, k=points // 2)])


def let_power_fail(recording, folder, *, points, seed):
    """Let the power fail so often, and look at what is left."""
    before, entries = recording
    chance, found = random.Random(seed), Findings()
    platter, due, told = Platter(before), moments(entries, chance, points=points), {}
    for at, entry in enumerate(entries):
        while due and due[0] == at:
            due.pop(0)
            look(platter.after_power_loss(chance), folder, told, found)
        platter.take(entry)
        if isinstance(entry, Said):
            # Of two secrets only the later one counts.
            told[entry.what[:2]] = entry.what
    return found


def look(image, folder, told, found):
    """Open what is left, as the product does."""
    for path in folder.iterdir():
        path.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    found.points += 1
    found.acknowledged = max(found.acknowledged, len(told))
    services = create_services(settings_for(folder))
    try:
        require_current_schema(services.engine)
        with services.readers() as session:
            said = session.scalar(text("PRAGMA integrity_check"))
        if said != "ok":
            found.corrupt.append(said)
            return
        held = stored(services)
    except (DatabaseError, DatabaseUnreachable) as error:
        found.corrupt.append(str(error))
        return
    finally:
        services.engine.dispose()
    lost = [what for what in told.values() if what not in held]
    found.lost += lost
    found.points_with_losses += bool(lost)
