"""Ringing for work, and doing it: by name and row id, on every backend, whatever state the queue is in."""

from __future__ import annotations

import json
import time

import pytest
from prometheus_client import REGISTRY

from demo.waiting import wait_until
from jobs import tasks
from jobs.tasks import TASKS, Jobs
from models import repositories
from models.inbox import Delivery, DeliveryState
from sync import deletion, deliveries, follow_ups, measuring, proof, purge
from sync.backfill import advancing
from sync.reconcile import census, repository
from tests.tenants import ALICE_REPOSITORY, alice_offer, delivery_of, install, receive


@pytest.fixture
def jobs(settings, queue_url):
    made = Jobs(settings.model_copy(update={"queue_url": queue_url}))
    yield made
    if "_queue" in vars(made):
        made._queue.storage.close()


@pytest.fixture
def calls(monkeypatch):
    """Which functions of sync/ were called, instead of the functions."""
    made = []
    monkeypatch.setattr(
        tasks, "TASKS", {name: lambda _, row_id, name=name: made.append((name, row_id)) for name in TASKS}
    )
    return made


def run_all(queue):
    """Run every message of a queue, as a consumer does."""
    queue.storage.blocking = False
    while (task := queue.dequeue()) is not None:
        queue.execute(task)


def test_each_task_is_one_function_of_sync():
    assert {
        "advance_backfill": advancing.advance_for,
        "answer_follow_up": follow_ups.answer,
        "apply_delivery": deliveries.apply_next,
        "compare_repository": repository.compare,
        "delete_asked": deletion.delete_asked,
        "measure_anew": measuring.measure_anew,
        "prove_installation": proof.prove_installation,
        "purge_installation": purge.purge_installation,
        "take_census": census.take_census,
    } == TASKS


def test_every_ring_reaches_its_function_with_its_row(jobs, calls, services):
    jobs.delivery(1)
    jobs.proof(2)
    jobs.purge(3)
    jobs.deletion(4)
    jobs.follow_up(5)
    jobs.reconcile(6)
    jobs.census(7)
    jobs.backfill(8)
    run_all(jobs.serve(services))
    assert calls == [
        ("apply_delivery", 1),
        ("prove_installation", 2),
        ("purge_installation", 3),
        ("delete_asked", 4),
        ("answer_follow_up", 5),
        ("compare_repository", 6),
        ("take_census", 7),
        ("advance_backfill", 8),
    ]


def test_a_message_carries_a_name_and_a_row_and_nothing_else(jobs):
    jobs.delivery(7)
    (message,) = (json.loads(bytes(text)) for text in jobs._queue.storage.enqueued_items())
    assert message.keys() == {"id", "name", "args"}
    assert (message["name"], message["args"]) == ("jobs.tasks.apply_delivery", [7])


def test_what_the_web_server_rings_for_the_worker_does(settings, queue_url, services):
    """Two processes with the same settings: one rings, the other has called `serve`."""
    both = settings.model_copy(update={"queue_url": queue_url})
    web, worker = Jobs(both), Jobs(both)
    with services.sessions.begin() as session:
        alice = install(session, alice_offer(), box=services.secret_box)
        delivery_id = receive(session, alice)
    web.delivery(delivery_id)
    run_all(worker.serve(services))
    with services.readers() as session:
        assert session.get(Delivery, delivery_id).state is DeliveryState.DONE
        assert repositories.find(session, alice, ALICE_REPOSITORY).version == 1
    for jobs in (web, worker):
        jobs._queue.storage.close()


def test_a_queue_that_is_down_costs_a_ring_and_nothing_else(settings, log_entries):
    """The row is committed by then; the sweep finds it."""
    jobs = Jobs(settings.model_copy(update={"queue_url": "redis://:canary-password@127.0.0.1:1/0"}))
    jobs.delivery(7)
    assert [(entry["event"], entry["task"], entry["row_id"]) for entry in log_entries] == [
        ("wake.failed", "apply_delivery", 7)
    ]
    assert "canary" not in repr(log_entries)


def test_a_queue_that_cannot_even_be_opened_does_not_keep_a_web_server_from_starting(tmp_path, settings, log_entries):
    (tmp_path / "file").touch()
    jobs = Jobs(settings.model_copy(update={"queue_url": f"sqlite:///{tmp_path}/file/queue.db"}))
    jobs.purge(3)
    assert [entry["event"] for entry in log_entries] == ["wake.failed"]


def test_a_queue_is_opened_when_it_is_first_needed(tmp_path, settings):
    path = tmp_path / "later.db"
    jobs = Jobs(settings.model_copy(update={"queue_url": f"sqlite:///{path}"}))
    assert not path.exists()
    jobs.proof(1)
    assert path.exists()
    jobs._queue.storage.close()


def test_only_who_serves_runs_tasks(jobs, calls):
    with pytest.raises(RuntimeError, match="only the worker"):
        jobs._bound("apply_delivery")(7)
    assert calls == []


def test_a_task_that_fails_does_not_end_the_worker(jobs, services, monkeypatch, caplog):
    done = []

    def fail_once(_, row_id):
        done.append(row_id)
        if row_id == 1:
            raise ZeroDivisionError

    monkeypatch.setattr(tasks, "TASKS", dict.fromkeys(TASKS, fail_once))
    jobs.proof(1)
    jobs.purge(2)
    run_all(jobs.serve(services))
    assert done == [1, 2]
    assert REGISTRY.get_sample_value("bittern_jobs_total", {"task": "prove_installation", "outcome": "failed"}) >= 1
    assert "Unhandled exception in task" in caplog.text


def test_many_deliveries_of_a_moment_are_rung_for_once_more_and_not_each(jobs):
    jobs.delivery(1)
    for row_id in range(2, 1001):
        jobs.delivery(row_id)
    wait_until(
        lambda: not jobs._is_about_to_ring and jobs._queue.pending_count() > 1, what="a ring", timeout_seconds=20
    )
    assert jobs._queue.pending_count() < 10


def test_a_ring_comes_after_the_last_of_many(jobs, monkeypatch):
    """A worker that heard the first one may have gone on before the last delivery was committed."""
    rung = []
    monkeypatch.setattr(jobs, "_ring", lambda name, row_id: rung.append((name, time.monotonic())))
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        last = time.monotonic()
        jobs.delivery(1)
    wait_until(lambda: rung[-1][1] >= last, what="the last ring", timeout_seconds=20)


def test_a_ring_is_good_for_all_that_is_due(jobs, services):
    with services.sessions.begin() as session:
        alice = install(session, alice_offer(), box=services.secret_box)
        several = [receive(session, alice, delivery_of(number=number)) for number in range(1, 8)]
    jobs.delivery(several[0])
    run_all(jobs.serve(services))
    with services.readers() as session:
        assert {session.get(Delivery, row_id).state for row_id in several} == {DeliveryState.DONE}


def test_after_some_deliveries_other_work_has_its_turn(jobs, services, monkeypatch):
    done = []
    monkeypatch.setattr(tasks, "MOST_OF_A_RING", 3)
    names = dict.fromkeys(TASKS, lambda _, row_id: done.append(row_id) or (row_id == 1 and done.count(1) < 8))
    monkeypatch.setattr(tasks, "TASKS", names)
    jobs.delivery(1)
    jobs.purge(2)
    run_all(jobs.serve(services))
    assert done.index(2) == 3
    assert done.count(1) >= 8
