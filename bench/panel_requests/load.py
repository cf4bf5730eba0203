"""wrk on a core of its own: what it asks for, and what it says came of that."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.panel_requests.contestants import CLIENT_CORE

SCRIPT: Final = Path(__file__).parent / "requests.lua"

CONNECTIONS: Final = 16


@dataclass(frozen=True)
class Outcome:
    """What one run came to. `refused` were answered with something else than 2xx or 3xx, `broken` not at all."""

    requests: int
    seconds: float
    bytes: int
    refused: int
    broken: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds


def ask(port: int, *, targets: Path, seconds: float, encodings: str | None = None) -> Outcome:
    """Ask a server on this machine for the addresses in a file, in turn, for so long. Raises where any was not answered well."""
    command = (
        *(
            "taskset",
            "-c",
            CLIENT_CORE,
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds:g}s",
            "--latency",
            "--timeout",
            "30s",
        ),
        *("-s", str(SCRIPT), f"http://127.0.0.1:{port}/"),
    )
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TARGETS": str(targets)}
    if encodings is not None:
        environment["ENCODINGS"] = encodings
    ran = subprocess.run(command, env=environment, capture_output=True, check=True)
    outcome = Outcome(**json.loads(ran.stdout.splitlines()[-1]))
    if outcome.refused or outcome.broken:
        raise RuntimeError(f"{outcome.refused} requests were refused and {outcome.broken} broke off: {outcome}")
    return outcome
