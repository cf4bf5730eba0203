"""What web, worker and commands cost before they do anything: seconds until they are ready, and memory. One JSON object.

    python -m bench.footprint [--rounds 5]

Each is started as the Procfile says, on an empty SQLite database, the web server with one process. It is ready when its port
answers, the worker when it says so, a command when it has ended. Beside them stands the limit: a Python that imports Flask and
SQLAlchemy, and nothing else. Memory is what a process and its children hold in proportion (PSS), after a hundred requests to
`/healthz` for the web server. Medians of the rounds; processor time is told beside the clock's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

from bench.panel_requests.contestants import Contestant, running
from demo.waiting import wait_until
from models.schema import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[1]
LIMIT: Final = (sys.executable, "-c", "import flask, sqlalchemy")
FLASK: Final = (sys.executable, "-m", "flask", "--app", "app:create_app()", "bittern")
COMMANDS: Final = {
    "settings": (*FLASK, "settings"),
    "status": (*FLASK, "status"),
    "installations list": (*FLASK, "installations", "list"),
}
REQUESTS: Final = 100


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as name:
        folder = Path(name)
        environment = _environment(folder)
        upgrade(environment["BITTERN_DATABASE_URL"])
        found: dict[str, Any] = {"limit": _median(rounds, lambda: _command(LIMIT, environment))}
        for command, words in COMMANDS.items():
            found[f"flask bittern {command}"] = _median(rounds, lambda words=words: _command(words, environment))
        found["web"] = _median(rounds, lambda: _web(folder, environment))
        found["worker"] = _median(rounds, lambda: _worker(folder, environment))
    print(json.dumps(found, indent=2))


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "WEB_CONCURRENCY": "1",
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": secrets.token_urlsafe(32),
        "BITTERN_DATABASE_URL": f"sqlite:///{folder / 'bittern.db'}",
    }


def _median(rounds: int, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    measured = [measure() for _ in range(rounds)]
    return {name: round(statistics.median(one[name] for one in measured), 3) for name in measured[0]}


def _command(words: tuple[str, ...], environment: dict[str, str]) -> dict[str, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": time.perf_counter() - began, "processor_seconds": busy}


def _web(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    command = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()")
    began = time.perf_counter()
    with running(Contestant("web", command, environment), log_path=folder / "web.log") as server:
        _answered(server.port)
        seconds = time.perf_counter() - began
        for _ in range(REQUESTS):
            _answered(server.port)
        return {"seconds": seconds, "megabytes": server.resident_bytes() / 1e6}


def _answered(port: int) -> None:
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        answer.read()


def _worker(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    log = folder / "worker.log"
    began = time.perf_counter()
    with _started(log, environment) as process:
        wait_until(lambda: "worker.started" in log.read_text(encoding="utf-8"), what="the worker", timeout_seconds=60)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "megabytes": _megabytes(process.pid)}


@contextlib.contextmanager
def _started(log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            (sys.executable, "worker.py"), cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")) / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
