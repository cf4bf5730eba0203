"""The worker as a process: it starts where it can, says what to mend where it cannot, works, stops, and may be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from demo.ports import any_free_port
from jobs.sweeper import INTERVAL_SECONDS
from models import repositories
from models.inbox import Delivery, DeliveryState
from models.schema import head_version
from services import create_services
from settings import Settings
from sync.deliveries import LEASE
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.jobs.conftest import wait_for
from tests.tenants import ALICE_REPOSITORY, alice_offer, install, receive

ROOT = Path(__file__).resolve().parents[1]
KEY = "A" * 43


@pytest.fixture
def environment(database_url, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BITTERN_")}
    return kept | {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": KEY,
        "BITTERN_DATABASE_URL": database_url,
        "BITTERN_LOG_LEVEL": "DEBUG",
    }


@pytest.fixture
def services(database_url):
    settings = Settings(base_url="https://bittern.example.com", secret_keys=KEY, database_url=database_url)
    made = create_services(settings)
    yield made
    if "_queue" in vars(made.wake):
        made.wake._queue.storage.close()
    made.engine.dispose()


@pytest.fixture
def start(environment, tmp_path):
    """Starts a worker and waits until it works; `code` runs first in its process. Whatever still runs is killed at the end."""
    running = []

    def start(code=""):
        log = tmp_path / f"worker-{len(running)}.log"
        program = f"{textwrap.dedent(code)}\nimport sys, worker; sys.exit(worker.main())"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        running.append(process)
        process.log = log
        wait_for(lambda: "worker.started" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def run_worker(environment, **changes):
    """A worker that is expected not to start. Returns its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "worker.py"],
        cwd=ROOT,
        env=environment | changes,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr.strip()


def take_in(services, *, count=1):
    now = datetime.now(UTC)
    with services.sessions.begin() as session:
        alice = install(session, alice_offer(), box=services.secret_box, now=now)
        return alice, [receive(session, alice, number=number, now=now) for number in range(count)]


def states(services):
    with services.readers() as session:
        return set(session.scalars(select(Delivery.state)))


def version_of(services, installation):
    with services.readers() as session:
        return repositories.find(session, installation, ALICE_REPOSITORY).version


def test_a_delivery_that_is_rung_for_is_applied(services, start):
    start()
    alice, (delivery_id,) = take_in(services)
    services.wake.delivery(delivery_id)
    wait_for(lambda: states(services) == {DeliveryState.DONE})
    assert version_of(services, alice) == 1


def test_a_delivery_whose_ring_was_lost_is_found(services, start):
    alice, _ = take_in(services, count=5)
    start()
    wait_for(lambda: states(services) == {DeliveryState.DONE})
    # All five tell of the same push, which moves the version once.
    assert version_of(services, alice) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_its_counts_are_at_a_port_of_its_own_where_that_is_set(services, start, environment):
    port = any_free_port()
    environment["BITTERN_WORKER_METRICS_PORT"] = str(port)
    start()
    _, (delivery_id,) = take_in(services)
    services.wake.delivery(delivery_id)
    wait_for(lambda: states(services) == {DeliveryState.DONE})
    counts = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=20).text
    assert 'bittern_jobs_total{outcome="done",task="apply_delivery"}' in counts
    assert 'bittern_job_seconds_count{task="apply_delivery"}' in counts


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_port_that_is_taken_stops_the_start_with_a_sentence(services, environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment["BITTERN_WORKER_METRICS_PORT"] = str(taken.getsockname()[1])
        command = [sys.executable, "worker.py"]
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "BITTERN_WORKER_METRICS_PORT" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_stops_when_it_is_told_to_and_says_so(start, number):
    process = start()
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert "worker.stopped" in process.log.read_text()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_finishes_what_is_under_way_before_it_stops(services, start, tmp_path):
    """The delivery waits for a file that comes after the signal."""
    process = start(WAITS_FOR_A_FILE.format(begun=tmp_path / "begun", may_end=tmp_path / "may end"))
    _, (delivery_id,) = take_in(services)
    services.wake.delivery(delivery_id)
    wait_for((tmp_path / "begun").exists)
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: "worker.stopping" in process.log.read_text())
    assert process.poll() is None
    (tmp_path / "may end").touch()
    assert process.wait(timeout=60) == 0
    assert states(services) == {DeliveryState.DONE}


def test_what_a_killed_worker_had_begun_is_done_by_another_once(services, start, tmp_path):
    doomed = start(WAITS_FOR_A_FILE.format(begun=tmp_path / "begun", may_end=tmp_path / "never"))
    alice, (delivery_id,) = take_in(services)
    services.wake.delivery(delivery_id)
    wait_for((tmp_path / "begun").exists)
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    with services.readers() as session:
        row = session.get(Delivery, delivery_id)
        assert (row.state, row.attempts) == (DeliveryState.PENDING, 1)
    start()
    wait_for(lambda: states(services) == {DeliveryState.DONE})
    with services.readers() as session:
        row = session.get(Delivery, delivery_id)
        again_after = row.processed_at - row.received_at
    assert row.attempts == 2
    assert version_of(services, alice) == 1
    # No sooner than the lease allows: until then the killed worker might have been slow and not dead.
    assert again_after >= LEASE
    assert INTERVAL_SECONDS + LEASE.total_seconds() < 10


# The delivery is applied, and not yet committed, while the worker waits.
WAITS_FOR_A_FILE = """
import threading
from pathlib import Path
from sync import events
original = events.apply
def apply(*arguments, **how):
    done = original(*arguments, **how)
    Path("{begun}").touch()
    while not Path("{may_end}").exists():
        threading.Event().wait(0.02)
    return done
events.apply = apply
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_settings_that_are_wrong_are_all_said(environment):
    exit_code, said = run_worker(environment, BITTERN_SECRET_KEYS="", BITTERN_BASE_URL="http://bittern.example.com/")
    assert exit_code == 1
    first, second = said.splitlines()
    assert first.startswith("BITTERN_BASE_URL must begin with https://")
    assert second.startswith("BITTERN_SECRET_KEYS is not set.")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_was_not_upgraded_is_not_worked_on(environment, empty_database_url):
    exit_code, said = run_worker(environment, BITTERN_DATABASE_URL=empty_database_url)
    assert exit_code == 1
    assert said == f"The database is empty, and schema {head_version()} is needed. Run `flask bittern migrate` first."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_not_there_is_said_in_a_sentence(environment):
    url = "postgresql://nobody@127.0.0.1:1/none"
    exit_code, said = run_worker(environment, BITTERN_DATABASE_URL=url)
    assert exit_code == 1
    assert said.startswith("The database cannot be used: ")
    assert "Traceback" not in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_queue_that_is_not_there_is_said_in_a_sentence(environment, tmp_path):
    (tmp_path / "file").touch()
    exit_code, said = run_worker(environment, BITTERN_QUEUE_URL=f"sqlite:///{tmp_path}/file/queue.db")
    assert exit_code == 1
    assert said.startswith("The queue cannot be opened: ")
