"""Bytes of database for each pull request, with all that belongs to it. One JSON object.

    python -m bench.row_weight [--pull-requests 1000] [--json FILE]

A repository of that size is filled (`bench.history`) on SQLite, and the file is weighed against an empty one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import timedelta
from pathlib import Path

from bench.history import Shape
from bench.panels import benches
from models.schema import upgrade


def main() -> None:
    """Weigh and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.row_weight", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pull-requests", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="a file to write the figure to")
    chosen = parser.parse_args()
    shape = Shape(pull_requests=chosen.pull_requests, open=25, span=timedelta(days=2 * 365), people=15)
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as name:
        empty, filled = Path(name) / "empty.db", Path(name) / "filled.db"
        upgrade(f"sqlite:///{empty}")
        with benches(shape, f"sqlite:///{filled}"):
            pass
        grown = size_bytes(filled) - size_bytes(empty)
    told = {
        "pull_requests": chosen.pull_requests,
        "bytes_per_pull_request": round(grown / chosen.pull_requests),
        "megabytes": round(grown / 1e6, 1),
    }
    if chosen.json is not None:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


def size_bytes(database: Path) -> int:
    """Return what a database takes on disk, its log included."""
    return sum(
        part.stat().st_size for part in database.parent.glob(f"{database.name}*") if part.suffix != ".db-waiting"
    )


if __name__ == "__main__":
    main()
