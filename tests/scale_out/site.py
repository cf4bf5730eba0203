"""Several machines, each with the Procfile under honcho, behind one nginx, on one PostgreSQL and one Redis."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from demo.ports import any_free_port, is_free
from demo.waiting import wait_until
from tests.faults.running import READY_SECONDS, System, running
from tests.faults.workspaces import Post
from tests.house_figures import ROOT
from tests.scale_out import proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.children import Child
    from tests.faults.running import Running

SYSTEM = System("postgres", "redis")
NGINX = "nginx"
MOST_INSTANCES = 2


@dataclass
class Machine:
    """One honcho with a web and a worker process, and the port of its web process."""

    house: Running
    name: str
    port: int
    child: Child | None = None
    instances: list[int] = field(default_factory=list)

    def start(self, tree: Path = ROOT, *, web: int = 1, worker: int = 1) -> None:
        """Start what the Procfile of a tree says, and wait until all of it does its work."""
        self.launch(tree, web=web, worker=worker)()

    def launch(self, tree: Path = ROOT, *, web: int = 1, worker: int = 1) -> Callable[[], None]:
        """Start it. Returns what waits until all of it does its work."""
        started = self.log().count("worker.started") + worker
        command = (sys.executable, "-m", "honcho", "-d", str(tree), "-f", str(tree / "Procfile"), "start")
        concurrency = ("-c", f"web={web},worker={worker}", "-p", str(self.port))
        self.child = self.house.start(self.name, *command, *concurrency)
        self.instances = [self.port + number for number in range(web)]

        def wait() -> None:
            self._wait(lambda: all(map(is_ready, self.instances)), "the first answers")
            self._wait(lambda: self.log().count("worker.started") >= started, "the workers' start")

        return wait

    def stop(self) -> None:
        """Say that it should end, as a platform does, and wait until all of it has."""
        child = self._running()
        child.process.send_signal(signal.SIGTERM)
        child.process.wait()
        self.house.stop(self.name)
        self.child = None

    def lose(self) -> None:
        """SIGKILL to everything at once, down to the last process."""
        child = self._running()
        family = [*descendants(child.process.pid)]
        for pid in [child.process.pid, *family]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.process.wait()
        self.house.stop(self.name)
        self.child = None

    def lose_worker(self) -> None:
        """SIGKILL to the whole group of the worker process. Its honcho ends the web process beside it, as it always does."""
        for pid in descendants(self._running().process.pid):
            if b"worker.py" in command_line(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(os.getpgid(pid), signal.SIGKILL)

    def pids(self, part: str) -> list[int]:
        """The processes of this machine whose command names a part: gunicorn, or worker.py."""
        return [pid for pid in descendants(self._running().process.pid) if part.encode() in command_line(pid)]

    def log(self) -> str:
        path = self.house.directory / "logs" / f"{self.name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _running(self) -> Child:
        assert self.child is not None, f"{self.name} is not running"
        return self.child

    def _wait(self, condition, what: str) -> None:
        log_path = self.house.directory / "logs" / f"{self.name}.log"
        alive = self._check_alive
        wait_until(condition, what=what, timeout_seconds=READY_SECONDS, still_worth_it=alive, log_path=log_path)

    def _check_alive(self) -> None:
        process = self._running().process
        assert process.poll() is None, f"{self.name} ended with {process.returncode}:\n{self.log()[-2000:]}"


@dataclass
class Site:
    """All of it. What is asked for goes through nginx, whose port the base URL names."""

    house: Running
    machines: list[Machine]

    def __post_init__(self) -> None:
        self.post = Post(self.house.port)
        """Numbers deliveries: none of a site is sent under the name of another."""

    @property
    def base_url(self) -> str:
        return self.house.environment["BITTERN_BASE_URL"]

    def refusals(self) -> list[str]:
        """What nginx noted of requests that did not go well: which instance said what, after how long."""
        lines = (self.house.directory / "nginx/access.log").read_text().splitlines()
        return [line for line in lines if not re.search(r'" 20[02] ', line)]

    @property
    def postgres_pid(self) -> int:
        return int((self.house.directory / "postgres/data/postmaster.pid").read_text().split()[0])

    def start(self, *, strips: str | None = None, **processes: int) -> None:
        """Start every machine, and the proxy in front of them."""
        for wait in [machine.launch(**processes) for machine in self.machines]:
            wait()
        self.start_proxy(strips=strips)

    def start_proxy(self, *, strips: str | None = None) -> None:
        """Start nginx in front of all machines, and wait until it answers."""
        folder = self.house.directory / "nginx"
        instances = [port for machine in self.machines for port in machine.instances]
        command = proxy.write(folder, port=self.house.port, instances=instances, strips=strips)
        proxy.check(command)
        child = self.house.start(NGINX, *command)
        wait_until(
            lambda: answers(f"{self.base_url}/healthz"),
            what="nginx",
            timeout_seconds=READY_SECONDS,
            log_path=child.log_path,
        )


@contextlib.contextmanager
def site(*, machines: int = 2, base_path: str = "", **settings: str) -> Iterator[Site]:
    """PostgreSQL, Redis and the schema are there; machines and proxy are not started yet. Raises NoPostgres, NoRedis, NoNginx."""
    proxy.program()
    settings = {"BITTERN_PROXY_HOPS": "1", "WEB_CONCURRENCY": "1", **settings}
    with running(SYSTEM, **settings) as house:
        house.environment["BITTERN_BASE_URL"] += base_path
        yield Site(house, [Machine(house, f"machine-{number}", ports_in_a_row()) for number in range(1, machines + 1)])


def ports_in_a_row() -> int:
    """The first of as many free ports as a machine has instances: honcho counts on from it."""
    while not all(map(is_free, range(first := any_free_port(), first + MOST_INSTANCES))):
        continue
    return first


def is_ready(port: int) -> bool:
    return answers(f"http://127.0.0.1:{port}/readyz")


def answers(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield from descendants(int(child))
                yield int(child)


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
