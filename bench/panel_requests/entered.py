"""Who takes part, by group, and what they need beforehand."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from bench.panel_requests import addresses, contestants
from bench.panel_requests.contestants import BOTH_CORES
from settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.panel_requests.contestants import Contestant

ADDRESSES: Final = 2000
GROUPS: Final = ("peers", "panels", "servers")
_APPLICATIONS: Final = "bench.panel_requests.applications"
_BITTERN: Final = f"{_APPLICATIONS}:bittern()"
_HELLO: Final = f"{_APPLICATIONS}:hello()"
_THREADS: Final = (1, 2, 4, 16)


@contextlib.contextmanager
def entered(directory: Path, groups: Sequence[str]) -> Iterator[Sequence[Contestant]]:
    """Everybody in these groups, with a database, addresses and an API that answers slowly."""
    environment = {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": secrets.token_urlsafe(32),
        "BITTERN_DATABASE_URL": f"sqlite:///{directory / 'bittern.db'}",
        "BITTERN_LOG_LEVEL": "WARNING",
        "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics"),
    }
    (directory / "metrics").mkdir()
    addresses.install(
        load_settings(
            **{name.removeprefix("BITTERN_").lower(): value for name, value in environment.items() if "BITTERN" in name}
        )
    )
    addresses.write_signed(directory / "signed", addresses.bench_pages(ADDRESSES))
    addresses.write_signed(directory / "pulse", addresses.pulses())
    addresses.write_signed(directory / "turn", addresses.turns())
    (directory / "plain").write_text("/\n")
    members = {"peers": lambda: _peers(environment, directory, upstream), "panels": lambda: _panels(environment)}
    members["servers"] = lambda: _servers(environment)
    with _upstream(directory) as upstream:
        yield [one for group in groups for one in members[group]()]


def _peers(environment: Mapping[str, str], directory: Path, upstream: str) -> Iterator[Contestant]:
    yield contestants.express(
        {
            "STORAGE": str(directory / "express.db"),
            "BASE_URL": "https://bittern.example.com",
            "CLIENT_KEY": addresses.CLIENT_KEY,
            "SHARED_SECRET": addresses.SHARED_SECRET,
        }
    )
    for serve in (contestants.gunicorn, contestants.granian):
        yield serve(f"bittern-{serve.__name__}", _BITTERN, environment)
        yield serve(f"hello-{serve.__name__}", _HELLO, environment, targets="plain")
    # For its memory: two is the default, and they share what the main process has made.
    two = environment | {"WEB_CONCURRENCY": "2"}
    yield contestants.gunicorn("bittern-gunicorn-2-processes", _BITTERN, two, cores=BOTH_CORES)
    yield contestants.packages_alone()
    live = {**environment, "BENCH_UPSTREAM": upstream}
    yield contestants.gunicorn("live-gunicorn", f"{_APPLICATIONS}:live()", live)


def _panels(environment: Mapping[str, str]) -> Iterator[Contestant]:
    for panel in ("pulse", "turn"):
        for serve in (contestants.gunicorn, contestants.granian):
            yield serve(f"{panel}-{serve.__name__}", "app:create_app()", environment, targets=panel, encodings="gzip")


def _servers(environment: Mapping[str, str]) -> Iterator[Contestant]:
    """Gunicorn in other ways: its own threaded worker, other numbers of threads, two processes."""
    for name, application, targets in (("hello", _HELLO, "plain"), ("bittern", _BITTERN, "signed")):
        yield contestants.gunicorn(
            f"{name}-gthread", application, environment, options=("--worker-class", "gthread"), targets=targets
        )
        for threads in _THREADS:
            options = ("--threads", str(threads))
            yield contestants.gunicorn(
                f"{name}-{threads}-threads", application, environment, options=options, targets=targets
            )
        for what, options in (("shared", ()), ("reuse-port", ("--reuse-port",))):
            yield contestants.gunicorn(
                f"{name}-2-processes-{what}",
                application,
                environment | {"WEB_CONCURRENCY": "2"},
                options=options,
                targets=targets,
                cores=BOTH_CORES,
            )


@contextlib.contextmanager
def _upstream(directory: Path) -> Iterator[str]:
    port, log_path = contestants.free_port(), directory / "upstream.log"
    with log_path.open("wb") as log:
        command = [sys.executable, "-m", "bench.panel_requests.upstream", str(port)]
        process = subprocess.Popen(command, cwd=contestants.ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            contestants.wait_until_it_listens(process, port, log_path)
            yield f"http://127.0.0.1:{port}/2.0/repositories/bench/heron"
        finally:
            contestants.stop(process)
