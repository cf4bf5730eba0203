"""Everything that is kept of a workspace as one ZIP file of JSON lines, written while it is sent: no secret, nobody else's rows."""

import io
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import structlog
from msgspec import to_builtins
from sqlalchemy.orm import Session, sessionmaker

from models import export
from models.described import described_tables
from models.installations import Installation
from web.language import _

log = structlog.get_logger()

FORMAT: Final = 1
PIECE_BYTES: Final = 64 * 1024

_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
# ZIP knows no earlier year, and no zone: the same rows give the same file.
_ENTRY_TIME: Final = (1980, 1, 1, 0, 0, 0)


class _Outflow(io.RawIOBase):
    """Takes what the ZIP file writes until it is sent. It cannot go back, and the ZIP file is told so."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401 - the base's signature: anything with a buffer
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return taken


def file_name(installation: Installation, *, now: datetime) -> str:
    """Return the name of an export: of plain characters only, so that it is one header line whatever a workspace is called."""
    name = _NOT_IN_A_NAME.sub("-", installation.principal_slug or "").strip("-.")[:60] or "workspace"
    return f"bittern-{name}-{now.astimezone(UTC):%Y-%m-%d}.zip"


def stream(readers: sessionmaker[Session], installation: Installation, *, now: datetime) -> Iterator[bytes]:
    """Yield the file piece by piece. It breaks off where the installation ends meanwhile; a ZIP file without its end is none."""
    outflow = _Outflow()
    rows = 0
    try:
        with zipfile.ZipFile(outflow, "w") as archive:
            _write_about(archive, installation, now=now)
            for table in export.exported_tables():
                with archive.open(_entry(f"{table.__tablename__}.jsonl"), "w", force_zip64=True) as entry:
                    for row in export.rows_of(readers, installation.id, table):
                        entry.write(_line(row))
                        rows += 1
                        if outflow.size >= PIECE_BYTES:
                            yield outflow.take()
            yield outflow.take()
        yield outflow.take()
    except export.InstallationEnded:
        log.warning("setup.export_broken_off", rows=rows)
        raise
    log.info("setup.exported", rows=rows)


def _write_about(archive: zipfile.ZipFile, installation: Installation, *, now: datetime) -> None:
    described = {table.name: table for table in described_tables()}
    tables = {
        table.__tablename__: {
            "about": described[table.__tablename__].about,
            "columns": {
                column.name: {"kind": column.kind, "about": column.about}
                for column in described[table.__tablename__].columns
                if column.name not in export.WITHHELD
            },
        }
        for table in export.exported_tables()
    }
    about = {
        "format": FORMAT,
        "exported_at": now.astimezone(UTC).isoformat(),
        "workspace": {"uuid": installation.principal_uuid, "name": installation.principal_name},
        "withheld": sorted(export.WITHHELD),
        "tables": tables,
    }
    archive.writestr(_entry("about.json"), json.dumps(about, indent=2, ensure_ascii=False))
    text = _(
        "Everything that Bittern keeps of this workspace: one file a table, one JSON object a line, one line a row.\n"
        "What tables and columns mean stands in about.json. Times are UTC. Secrets are not in here.\n"
    )
    archive.writestr(_entry("README.txt"), text)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_ENTRY_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _line(row: Mapping[str, Any]) -> bytes:
    return (
        json.dumps({name: _value(value) for name, value in row.items()}, ensure_ascii=False).encode("utf-8", "replace")
        + b"\n"
    )


def _value(value: object) -> object:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return value if value is None or isinstance(value, bool | int | float | str) else to_builtins(value)


_WRITERS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (datetime, lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z")),
    (date, lambda value: value.isoformat()),
    (bytes, lambda value: b64encode(value).decode()),
)
