"""The servers that are compared: how each is started, with one process on one core, and what it needs beforehand."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
EXPRESS: Final = HERE / "express"
OPERATORS: Final = ROOT / "var/bench/operators"
EXPRESS_INSTALLED: Final = ROOT / "var/bench/express"
SERVER_CORE: Final = "0"
CLIENT_CORE: Final = "1"
BOTH_CORES: Final = "0,1"
START_SECONDS: Final = 180.0
STOP_SECONDS: Final = 30.0
NPM_CI: Final = ("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")


class NotReady(Exception):  # noqa: N818 -- named for what is wrong
    """A server that did not start, with the end of what it said."""


@dataclass(frozen=True)
class Contestant:
    """One server. `targets` names the file of the addresses that it is asked for."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    targets: str = "signed"
    encodings: str | None = None
    cores: str = SERVER_CORE


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int

    def resident_bytes(self) -> int:
        """The memory of the process and of all it has started; what they share is counted once."""
        return processes.memory(self.process.pid).proportional_bytes


def gunicorn(
    name: str, application: str, environment: Mapping[str, str], *, options: Sequence[str] = (), **how: str
) -> Contestant:
    """A WSGI application under gunicorn as the Procfile runs it, but with one worker process."""
    python = operators_python(_requirements(environment))
    command = (python, "-m", "gunicorn", "-c", "gunicorn.conf.py", *options, application)
    return Contestant(name, command, {"WEB_CONCURRENCY": "1", **environment}, **how)  # type: ignore[arg-type]


def granian(name: str, application: str, environment: Mapping[str, str], **how: str) -> Contestant:
    """A WSGI application under granian: one worker process with as many threads as gunicorn has."""
    module = "bench.panel_requests.granian_server"
    python = operators_python(_requirements(environment))
    command = (python, "-m", module, application.removesuffix("()"), "$PORT")
    return Contestant(name, command, environment, **how)  # type: ignore[arg-type]


def packages_alone() -> Contestant:
    """Plain Flask under plain gunicorn, with the packages loaded that the service is made of, and nothing of the service."""
    options = ("--workers", "1", "--threads", "8", "--bind", "127.0.0.1:$PORT")
    command = (operators_python("base.txt"), "-m", "gunicorn", *options, "packages_alone:application")
    return Contestant("packages-alone", command, directory=HERE, targets="plain")  # where no gunicorn.conf.py is found


def _requirements(environment: Mapping[str, str]) -> str:
    """What an operator of this database installs."""
    return "postgres.txt" if environment["BITTERN_DATABASE_URL"].startswith("postgres") else "base.txt"


@cache
def operators_python(requirements: str) -> str:
    """Python with what an operator of Bittern installs and no more, as the Express framework has it; installed once."""
    files = [ROOT / "requirements" / name for name in (requirements, "granian.txt")]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder = OPERATORS / requirements
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        uv = Path(sys.executable).with_name("uv")
        subprocess.run(
            [uv, "pip", "sync", "--quiet", "--require-hashes", *files],
            check=True,
            env={**os.environ, "VIRTUAL_ENV": str(folder)},
        )
        stamp.write_text(wanted)
    return str(folder / "bin/python")


def express(environment: Mapping[str, str]) -> Contestant:
    """The Express framework, installed once from the packages that express/ names."""
    EXPRESS_INSTALLED.mkdir(parents=True, exist_ok=True)
    lock = EXPRESS_INSTALLED / "package-lock.json"
    is_current = lock.exists() and lock.read_bytes() == (EXPRESS / lock.name).read_bytes()
    shutil.copytree(EXPRESS, EXPRESS_INSTALLED, dirs_exist_ok=True)
    if not is_current:
        try:
            subprocess.run(NPM_CI, cwd=EXPRESS_INSTALLED, check=True)
        except BaseException:
            lock.unlink()  # what is half installed is not taken for whole the next time
            raise
    return Contestant("express", ("node", "app.js"), environment, directory=EXPRESS_INSTALLED)


@contextlib.contextmanager
def running(contestant: Contestant, *, log_path: Path) -> Iterator[Running]:
    """Start a server on its core and a free port, and stop it at the end. Raises NotReady."""
    port = free_port()
    command = [part.replace("$PORT", str(port)) for part in contestant.command]
    environment = {**os.environ, **contestant.environment, "PORT": str(port)}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", contestant.cores, *command],
            cwd=contestant.directory,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_it_listens(process, port, log_path)
            yield Running(process, port)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    """Until somebody answers on the port. Raises NotReady where the process ends before, or takes too long."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    raise NotReady(log_path.read_text(errors="replace")[-2000:])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
