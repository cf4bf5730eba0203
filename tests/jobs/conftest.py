"""Queues for tests: each backend that the service can be woken by, on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading

import pytest
import structlog

from services import create_services
from settings import Settings
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.databases import postgres_database
from tests.tenants import Clock

BACKENDS = (
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("redis", marks=pytest.mark.redis),
)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    """The URL of a Redis server of this test process."""
    program = shutil.which("redis-server")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("NO REDIS: its tests are not run.")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_for(condition, *, seconds=30.0):
    """Wait until a condition holds that another process or thread brings about."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"it did not come about within {seconds} s")


@pytest.fixture(params=BACKENDS)
def queue_url(request, tmp_path):
    """The URL of an empty queue, on each backend."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'queue.db'}"
    elif request.param == "redis":
        url = request.getfixturevalue("redis_server")
        subprocess.run(["redis-cli", "-u", url, "flushall"], check=True, stdout=subprocess.DEVNULL)
        yield url
    else:
        with postgres_database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def settings(sqlite_template, tmp_path):
    """Settings on an SQLite database of the test's own."""
    path = tmp_path / "bittern.db"
    shutil.copyfile(sqlite_template, path)
    return Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=f"sqlite:///{path}")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def services(settings, clock):
    made = create_services(settings, now=clock)
    yield made
    made.engine.dispose()


@pytest.fixture(autouse=True)
def log_entries():
    with structlog.testing.capture_logs() as entries:
        yield entries
