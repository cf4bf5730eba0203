"""Bittern as real processes that may be killed one by one: web servers, workers, its database and its queue."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from demo.bitbucket_control import BitbucketControl
from demo.children import Child, Children, last_lines
from demo.environment import Addresses, base_environment, bittern_environment
from demo.ports import any_free_port
from demo.waiting import wait_until
from demo.warden import Warden
from models.database import create_engine, create_readers, create_sessions
from models.encryption import SecretBox
from models.schema import upgrade
from settings import Settings
from tests.faults.engines import Engines
from tests.house_figures import ROOT

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

READY_SECONDS = 120.0
APPLICATION = "app:create_app()"


@dataclass(frozen=True)
class System:
    """Which database holds the rows, and which of huey's engines wakes the workers."""

    database: str
    queue: str

    @property
    def id(self) -> str:
        return f"{self.database}-rows-{self.queue}-queue"

    def __str__(self) -> str:
        return f"{self.database}, queue in {self.queue}"


SQLITE = System("sqlite", "sqlite")
POSTGRES = System("postgres", "postgres")
SYSTEMS = (SQLITE, System("sqlite", "redis"), System("sqlite", "postgres"), POSTGRES)


@dataclass
class Running:
    """What runs, and what it may be asked for. Tests of this package look at its rows with `readers`."""

    children: Children
    directory: Path
    environment: dict[str, str]
    addresses: Addresses
    engines: Engines

    def __post_init__(self) -> None:
        self.engine = create_engine(self.environment["BITTERN_DATABASE_URL"])
        self.readers = create_readers(self.engine)
        self.sessions = create_sessions(self.engine)
        keys = self.environment["BITTERN_SECRET_KEYS"]
        self.box = SecretBox(Settings(demo=True, base_url=self.addresses.bittern_url, secret_keys=keys).master_keys)
        self._started: dict[str, Child] = {}

    @property
    def port(self) -> int:
        return self.addresses.bittern_port

    def start(self, name: str, *command: str, **settings: str) -> Child:
        child = self.children.start(name, command, environment=self.environment | settings)
        self._started[name] = child
        return child

    def start_bitbucket(self, *arguments: str) -> None:
        """Start the simulator at the address that the settings name, and wait for its first answer."""
        port = str(self.addresses.simulator_port)
        child = self.start("simulator", sys.executable, "-m", "simulator", "--port", port, *arguments)
        wait_until(
            self.bitbucket.is_ready,
            what="the local Bitbucket",
            timeout_seconds=READY_SECONDS * 4,
            log_path=child.log_path,
        )

    @property
    def bitbucket(self) -> BitbucketControl:
        return BitbucketControl(self.addresses.simulator_url)

    def start_web(
        self,
        *,
        processes: int = 2,
        application: str = APPLICATION,
        name: str = "web",
        port: int | None = None,
        **settings: str,
    ) -> None:
        """Start a web server and wait for its first answer."""
        command = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application)
        if port is not None:
            settings["PORT"] = str(port)
        child = self.start(name, *command, WEB_CONCURRENCY=str(processes), **settings)
        wait_until(
            lambda: self.is_ready(port),
            what="the web server's first answer",
            timeout_seconds=READY_SECONDS,
            log_path=child.log_path,
        )

    def is_ready(self, port: int | None = None) -> bool:
        try:
            with requests.Session() as session:
                session.trust_env = False
                return session.get(f"http://127.0.0.1:{port or self.port}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def web_workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        master = self._started["web"].process.pid
        with contextlib.suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        return []

    def start_worker(self, name: str = "worker", **settings: str) -> None:
        """Start a worker and wait until it takes work."""
        log_path = self.directory / "logs" / f"{name}.log"
        seen = log_path.read_text().count("worker.started") if log_path.exists() else 0
        self.start(name, sys.executable, "worker.py", **settings)
        wait_until(
            lambda: log_path.read_text().count("worker.started") > seen,
            what="the worker's start",
            timeout_seconds=READY_SECONDS,
            log_path=log_path,
        )

    def kill(self, name: str) -> None:
        """SIGKILL to a child and to everything that it has started; returns when it is gone."""
        child = self._started.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.children.stop(name)

    def pid_of(self, name: str) -> int:
        return self.process_of(name).pid

    def process_of(self, name: str) -> subprocess.Popen[bytes]:
        return self._started[name].process

    def stop(self, name: str) -> None:
        self._started.pop(name, None)
        self.children.stop(name)

    def log_of(self, name: str) -> str:
        return "\n".join(last_lines(self.directory / "logs" / f"{name}.log", count=40))

    def whole_log_of(self, name: str) -> str:
        """All that children of this name have written."""
        return (self.directory / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def running(system: System, **settings: str) -> Iterator[Running]:
    """The house with its database and its queue, nothing of ours started yet. All of it is stopped at the end."""
    with contextlib.ExitStack() as stack:
        warden = stack.enter_context(Warden(root=ROOT))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bittern-faults-")))
        warden.watch_directory(directory)
        directory.chmod(0o755)
        children = Children(root=ROOT, log_directory=directory / "logs", warden=warden, shield=contextlib.nullcontext)
        engines = Engines(children, directory)
        stack.callback(children.stop)
        stack.callback(engines.stop)
        addresses = Addresses(any_free_port(), any_free_port())
        base = base_environment(os.environ, state_directory=directory)
        environment = bittern_environment(base, addresses=addresses, state_directory=directory)
        environment |= engines.start(system.database, system.queue) | settings
        upgrade(environment["BITTERN_DATABASE_URL"])
        house = Running(children, directory, environment, addresses, engines)
        stack.callback(house.engine.dispose)
        yield house


def seconds_until(condition: Callable[[], object], *, what: str, within: float, log_path: Path | None = None) -> float:
    """How long it took until a condition held."""
    began = time.monotonic()
    wait_until(condition, what=what, timeout_seconds=within, log_path=log_path)
    return time.monotonic() - began
