"""A PostgreSQL server for one test run, shared between its processes, and gone when the last of them is, however it ended.

Each test process holds a shared lock on a file. A guard, started with the server, waits for an exclusive one: it gets it when
no test process is left, killed ones included, and then stops the server and removes everything. It is this module, run as a
program: `python tests/postgres_cluster.py FOLDER`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

SERVER_ACCOUNT = "postgres"
START_TRIES = 5
STOP_SECONDS = 30


class NoPostgres(Exception):  # noqa: N818 -- named for what is wrong
    """There is no PostgreSQL on this machine that could be started."""


def find_programs() -> Path:
    """The folder of initdb and pg_ctl, of the newest version on this machine. Raises NoPostgres."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda initdb: float(initdb.parts[-3]), default=None)
    if newest is None:
        raise NoPostgres("no initdb on PATH or in /usr/lib/postgresql")
    return newest.parent


def as_server(*command: str | Path) -> list[str]:
    """A command to run as an account that PostgreSQL accepts: it refuses root."""
    prefix = ["runuser", "-u", SERVER_ACCOUNT, "--"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@contextlib.contextmanager
def shared_cluster(run_id: str, *, is_durable: bool = False):
    """The URL of the server of the test run `run_id`: started by whoever asks first, kept until nobody holds it.

    `is_durable`: it waits for the disk at each commit. Tests do without; what measures commits does not. Whoever started it waits
    for its end, so that nothing is left when the test run is over. Raises NoPostgres.
    """
    programs = find_programs()
    folder = Path(tempfile.gettempdir()) / f"bittern-postgres-{os.geteuid()}-{run_id}"
    folder.mkdir(exist_ok=True)
    with contextlib.ExitStack() as leaving:
        with locked(folder / "start.lock", fcntl.LOCK_EX):
            hold = open_locked(folder / "users.lock", fcntl.LOCK_SH)
            address = folder / "address"
            if not address.exists():
                # The guard first: then no moment is left in which a killed test process would leave a server behind.
                leaving.callback(start_guard(folder).wait)
                leaving.callback(os.close, hold)
                address.write_text(start_server(programs, folder, is_durable=is_durable))
            else:
                leaving.callback(os.close, hold)
            url = address.read_text()
        yield url


def start_guard(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        start_new_session=True,  # Ctrl-C in the terminal is for the tests, not for it
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def start_server(programs: Path, folder: Path, *, is_durable: bool) -> str:
    """Make a cluster in `folder`, start it on a free port, and say its URL."""
    home = folder / "server"
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(SERVER_ACCOUNT)
        os.chown(home, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)
    initdb = (programs / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    try:
        run(as_server(*initdb, "--no-sync"), cwd=home)
    except subprocess.CalledProcessError as error:
        raise NoPostgres("initdb fails") from error
    durability = "" if is_durable else "-F -c full_page_writes=off -c synchronous_commit=off"
    for _ in range(START_TRIES):
        port = free_port()
        options = f"-p {port} -h 127.0.0.1 -k {home} {durability}"
        start = (programs / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", options, "start")
        try:
            run(as_server(*start), cwd=home)
        except subprocess.CalledProcessError:
            continue  # somebody took the port
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    log = home / "log"
    raise NoPostgres(f"the server does not start: {log.read_text()[-2000:] if log.exists() else 'it says nothing'}")


def stop_server(folder: Path) -> None:
    stop = (find_programs() / "pg_ctl", "-D", folder / "server" / "data", "-m", "immediate", "-w", "stop")
    subprocess.run(
        as_server(*stop),
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=STOP_SECONDS,
    )


def run(command: list[str], *, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_locked(path: Path, operation: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def locked(path: Path, operation: int):
    descriptor = open_locked(path, operation)
    try:
        yield
    finally:
        os.close(descriptor)


def guard(folder: Path) -> None:
    """Wait until no test process holds the server, then stop it and remove everything."""
    while True:
        with locked(folder / "users.lock", fcntl.LOCK_EX):
            pass
        # Somebody may come just now: start.lock keeps others out while we look once more.
        with locked(folder / "start.lock", fcntl.LOCK_EX):
            try:
                descriptor = open_locked(folder / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            stop_server(folder)
            shutil.rmtree(folder)
            os.close(descriptor)
            return


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
