"""The servers below the service, as children that may be killed and started again: PostgreSQL, as durable as it comes, and Redis."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import psycopg

from demo.ports import any_free_port
from demo.waiting import wait_until
from tests.postgres_cluster import SERVER_ACCOUNT, NoPostgres, as_server, find_programs, run

if TYPE_CHECKING:
    from pathlib import Path

    from demo.children import Child, Children

READY_SECONDS = 120.0


class NoRedis(Exception):  # noqa: N818 -- named for what is wrong
    """There is no Redis on this machine."""


class Engines:
    """Starts what a system needs, and stops and starts it again on the same port with the same data."""

    def __init__(self, children: Children, directory: Path) -> None:
        self._children = children
        self._directory = directory
        self._postgres: Child | None = None
        self._postgres_port = self._redis_port = 0

    def start(self, database: str, queue: str) -> dict[str, str]:
        """Start what is not a file. Returns the settings that name it. Raises NoPostgres or NoRedis."""
        settings = {}
        if "postgres" in {database, queue}:
            self._make_cluster()
            self.start_postgres()
        if queue == "redis":
            self._redis_port = any_free_port()
            self.start_redis()
            settings["BITTERN_QUEUE_URL"] = self.redis_url
        if database == "postgres":
            settings["BITTERN_DATABASE_URL"] = self.postgres_url
        elif queue == "postgres":
            settings["BITTERN_QUEUE_URL"] = self.postgres_url
        return settings

    @property
    def postgres_url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._postgres_port}/postgres"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self._redis_port}/0"

    def start_postgres(self) -> None:
        home = self._directory / "postgres"
        options = ("-p", str(self._postgres_port), "-h", "127.0.0.1", "-k", str(home))
        command = as_server(find_programs() / "postgres", "-D", home / "data", *options)
        self._postgres = self._children.start("postgres", command, environment=dict(os.environ))
        wait_until(self._is_postgres_ready, what="PostgreSQL", timeout_seconds=READY_SECONDS)

    def crash_postgres(self) -> None:
        """Stop it as `pg_ctl -m immediate` does: no checkpoint, every session is cut."""
        assert self._postgres is not None
        # Not to the child that we know: that may be the program that changed the account.
        server = int((self._directory / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGQUIT)
        self._postgres.process.wait()
        self._children.stop("postgres")

    def start_redis(self) -> None:
        folder = self._directory / "redis"
        folder.mkdir(exist_ok=True)
        program = shutil.which("redis-server")
        if program is None:
            raise NoRedis("no redis-server on PATH")
        options = ("--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
        self._children.start("redis", [program, *options], environment=dict(os.environ))
        wait_until(lambda: self._redis("ping") == 0, what="Redis", timeout_seconds=READY_SECONDS)

    def stop_redis(self) -> None:
        self._children.stop("redis")

    def empty_redis(self) -> None:
        assert self._redis("flushall") == 0

    def stop(self) -> None:
        """PostgreSQL takes the polite signal as a wish to wait for its clients."""
        if self._postgres is not None and self._postgres.process.poll() is None:
            self.crash_postgres()

    def _redis(self, command: str) -> int:
        asked = ["redis-cli", "-u", self.redis_url, command]
        return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def _make_cluster(self) -> None:
        self._postgres_port = any_free_port()
        home = self._directory / "postgres"
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            account = pwd.getpwnam(SERVER_ACCOUNT)
            os.chown(home, account.pw_uid, account.pw_gid)
        # Only the making of it does without the disk: the server itself waits for it at every commit.
        made = (
            find_programs() / "initdb",
            "-D",
            home / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "--locale=C",
            "--no-sync",
        )
        try:
            run(as_server(*made, "-E", "UTF8"), cwd=home)
        except subprocess.CalledProcessError as error:
            raise NoPostgres("initdb fails") from error

    def _is_postgres_ready(self) -> bool:
        try:
            psycopg.connect(self.postgres_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
