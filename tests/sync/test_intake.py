"""Taking deliveries in: together on one commit, each acknowledged only after it, and none the worse for its neighbours."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import replace

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong

from models import database, inbox
from models.courtesy import Courtesy
from models.database import BUSY_TIMEOUT_MILLISECONDS
from models.inbox import Delivery
from models.write_lock import begin_first
from sync.intake import MOST_AT_ONCE, Intake, _Entry
from tests.databases import BOTH
from tests.jobs.conftest import wait_for
from tests.tenants import NOON, delivery_of


@pytest.fixture(params=[True, False], ids=["together", "each by itself"])
def intake(request, services):
    return Intake(services.engine, now=services.now, is_shared=request.param)


@pytest.fixture
def shared(services):
    return Intake(services.engine, now=services.now, is_shared=True)


@pytest.fixture
def commits(services):
    """How many transactions were committed."""
    seen = []

    def note(connection):
        seen.append(connection)

    event.listen(services.engine, "commit", note)
    yield seen
    event.remove(services.engine, "commit", note)


@pytest.fixture
def patiences(services, monkeypatch):
    """For how many milliseconds each transaction would wait for a lock, where that is not as usual."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.extend(map(int, re.findall(r"SET LOCAL lock_timeout = (\d+)", statement)))

    def begin(*about, patience_milliseconds, usual_milliseconds):
        seen.extend({patience_milliseconds} - {usual_milliseconds})
        begin_first(*about, patience_milliseconds=patience_milliseconds, usual_milliseconds=usual_milliseconds)

    monkeypatch.setattr(database, "begin_first", begin)
    event.listen(services.engine, "before_cursor_execute", note)
    yield seen
    event.remove(services.engine, "before_cursor_execute", note)


def stored(services):
    with services.readers() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


@contextlib.contextmanager
def turn_of(intake):
    """Somebody has the turn meanwhile."""
    with intake._changed:
        intake._is_anybody_writing = True
    yield
    intake._end_turn()


def add_at_once(intake, work):
    """Have each of these added by a thread of its own while somebody has the turn. Returns row ids or errors, in order."""
    outcomes = [None] * len(work)

    def add(number, installation, delivery, *left):
        try:
            outcomes[number] = intake.add(installation, delivery, **({"left_seconds": lambda: left[0]} if left else {}))
        except Exception as error:  # noqa: BLE001 - looked at by the test
            outcomes[number] = error

    threads = [threading.Thread(target=add, args=(number, *one)) for number, one in enumerate(work)]
    with turn_of(intake):
        for thread in threads:
            thread.start()
        pause = threading.Event()
        while len(intake._waiting) < len(work):
            pause.wait(0.01)
        # Threads come in any order; here in that of the work.
        intake._waiting.sort(key=lambda entry: [delivery for _, delivery, *_ in work].index(entry.delivery))
    for thread in threads:
        thread.join()
    return outcomes


def several(installation, count):
    return [(installation, delivery_of(number=number)) for number in range(1, count + 1)]


def test_a_delivery_is_committed_when_it_returns(intake, services, alice):
    row_id = intake.add(alice, delivery_of(number=7))
    [row] = stored(services)
    assert (row.id, row.installation_id, row.received_at) == (row_id, alice.id, NOON)


def test_the_second_of_two_equal_ones_is_none(intake, services, alice):
    assert intake.add(alice, delivery_of(number=7)) is not None
    assert intake.add(alice, delivery_of(number=7)) is None
    assert len(stored(services)) == 1


@pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)
def test_by_itself_it_is_one_statement_and_no_transaction_around_it(services, alice, commits):
    Intake(services.engine, now=services.now, is_shared=False).add(alice, delivery_of(number=7))
    assert commits == []
    assert len(stored(services)) == 1


@pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)
def test_by_itself_an_equal_one_waits_for_what_becomes_of_the_first(services, alice):
    intake = Intake(services.engine, now=services.now, is_shared=False)
    came = []
    with services.sessions() as session:
        first = inbox.add(session, alice, delivery_of(number=7), now=NOON)
        second = threading.Thread(target=lambda: came.append(intake.add(alice, delivery_of(number=7))))
        second.start()
        wait_for(lambda: is_anybody_waiting(services))
        session.commit()
    second.join()
    assert came == [None]
    assert [row.id for row in stored(services)] == [first]


def is_anybody_waiting(services):
    """Whether some session of this database waits for another's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with services.readers() as session:
        return session.scalar(text(waiting)) > 0


def test_what_comes_at_once_is_one_commit(shared, services, alice, charlie, commits):
    work = [*several(alice, 5), (charlie, delivery_of(number=9))]
    row_ids = add_at_once(shared, work)
    assert len(commits) == 1
    assert [row.id for row in stored(services)] == row_ids
    assert [row.installation_id for row in stored(services)] == [alice.id] * 5 + [charlie.id]


def test_equal_ones_at_once_are_one(shared, services, alice):
    one = delivery_of(number=1)
    row_ids = add_at_once(shared, [(alice, one), (alice, replace(one, attempt_number=2))])
    assert [row.id for row in stored(services)] == [row_id for row_id in row_ids if row_id is not None]


def test_more_than_fit_are_written_all_the_same(shared, services, alice, commits, monkeypatch):
    monkeypatch.setattr("sync.intake.MOST_AT_ONCE", 2)
    assert MOST_AT_ONCE > 2
    assert None not in add_at_once(shared, several(alice, 5))
    assert len(stored(services)) == 5
    assert len(commits) == 3


def test_one_that_cannot_be_stored_fails_alone(shared, services, alice, monkeypatch):
    original, bad = inbox.add_all, delivery_of(number=2)

    def add_all(connection, some, *, now):
        if bad.delivery_uuid in {delivery.delivery_uuid for _, delivery in some}:
            raise ValueError("no database takes this")
        return original(connection, some, now=now)

    monkeypatch.setattr(inbox, "add_all", add_all)
    first, second, third = add_at_once(shared, several(alice, 3))
    assert isinstance(second, ValueError)
    assert [row.id for row in stored(services)] == [first, third]


def test_where_the_database_is_away_all_who_wait_are_told_at_once(shared, services, alice, monkeypatch):
    """Nobody waits for the lock a second time."""
    tries = []

    def add_all(*_, **__):
        tries.append(1)
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("sync.intake.MOST_AT_ONCE", 2)
    monkeypatch.setattr(inbox, "add_all", add_all)
    outcomes = add_at_once(shared, several(alice, 5))
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 5
    assert len(tries) == 1
    assert stored(services) == []


def test_it_waits_for_a_lock_as_long_as_the_most_hurried_of_those_at_once_may(shared, services, alice, patiences):
    several_at_once = [(*one, left) for one, left in zip(several(alice, 3), (4.0, 1.5, 9.0), strict=True)]
    assert None not in add_at_once(shared, several_at_once)
    assert 1500 in patiences
    assert not {4000, 9000} & set(patiences)


def test_what_waits_for_its_turn_uses_up_its_patience(shared, alice, patiences):
    left = [4.0]
    adding = threading.Thread(target=shared.add, args=(alice, delivery_of()), kwargs={"left_seconds": lambda: left[0]})
    with turn_of(shared):
        adding.start()
        pause = threading.Event()
        while not shared._waiting:
            pause.wait(0.01)
        left[0] = 1.25
    adding.join()
    assert patiences == [1250]


def test_as_long_as_somebody_waits_what_can_wait_does(services, alice, tmp_path):
    """From before the turn until after the commit, and not a moment longer."""
    courtesy = Courtesy(str(tmp_path / "bittern.db"))
    entered = threading.Event()

    @contextlib.contextmanager
    def first():
        with courtesy.first():
            entered.set()
            yield

    intake = Intake(services.engine, now=services.now, is_shared=True, first=first)
    adding = threading.Thread(target=intake.add, args=(alice, delivery_of()))
    with turn_of(intake):
        adding.start()
        assert entered.wait(60)
        assert courtesy._is_anybody_first()
    adding.join()
    assert not courtesy._is_anybody_first()


def test_what_has_no_turn_in_time_is_refused_and_never_written(shared, services, alice):
    with turn_of(shared), pytest.raises(TookTooLong):
        shared.add(alice, delivery_of(number=1), left_seconds=lambda: 0.05)
    assert shared.add(alice, delivery_of(number=2)) is not None
    assert [row.delivery_uuid[-1] for row in stored(services)] == ["2"]


def test_what_is_being_written_when_its_time_is_over_is_told_what_came_of_it(shared, services, alice, monkeypatch):
    """Whoever has the turn has begun with it: only the transaction that holds it says what is answered."""
    original, wait_for, is_over = inbox.add_all, shared._changed.wait_for, threading.Event()

    def add_all(connection, entries, *, now):
        assert is_over.wait(20)
        return original(connection, entries, now=now)

    def over_once_begun(condition, timeout=None):
        if timeout != 0.5:
            return wait_for(condition, timeout)
        while shared._waiting:
            wait_for(lambda: False, 0.01)
        is_over.set()
        return condition()

    monkeypatch.setattr(inbox, "add_all", add_all)
    monkeypatch.setattr(shared._changed, "wait_for", over_once_begun)
    first, second = add_at_once(
        shared, [(*one, left) for one, left in zip(several(alice, 2), (30.0, 0.5), strict=True)]
    )
    assert [row.id for row in stored(services)] == [first, second]


def test_whoever_is_answered_does_not_wait_for_the_turn_of_others(shared, services, alice, monkeypatch):
    """What is done is told at once, also where somebody who has come later has the turn by then and waits for the database."""
    original, goes_on, is_second_writing = inbox.add_all, threading.Event(), threading.Event()
    batches = []

    def add_all(connection, entries, *, now):
        batches.append(len(entries))
        if len(batches) == 1:
            raise OperationalError("INSERT", {}, Exception("away"))
        is_second_writing.set()
        assert goes_on.wait(60)
        return original(connection, entries, now=now)

    monkeypatch.setattr(inbox, "add_all", add_all)
    refused = add_at_once(shared, several(alice, 2))
    later = threading.Thread(target=shared.add, args=(alice, delivery_of(number=3)))
    later.start()
    assert is_second_writing.wait(60)
    entry = _Entry(alice, delivery_of(number=4), lambda: 60.0)
    entry.is_done = True
    shared._wait_for(entry)  # would not return before the other does
    goes_on.set()
    later.join()
    assert all(isinstance(one, OperationalError) for one in refused)
    assert batches == [2, 1]


def test_the_patience_of_one_is_not_that_of_the_next(intake, services, alice, patiences):
    intake.add(alice, delivery_of(number=1), left_seconds=lambda: 1.5)
    with services.sessions.begin() as session:
        (kept,) = (
            session.connection()
            .exec_driver_sql(
                "PRAGMA busy_timeout"
                if services.engine.dialect.name == "sqlite"
                else "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'"
            )
            .one()
        )
    assert int(kept) == BUSY_TIMEOUT_MILLISECONDS
    before = len(patiences)
    intake.add(alice, delivery_of(number=2))
    assert patiences[before:] == []


def test_a_lock_that_is_not_to_be_had_in_time_is_an_error_of_the_database(intake, services, alice):
    """On either, whoever has the turn is told; in vain are all who came meanwhile."""
    keep = "SELECT 1" if services.engine.dialect.name == "sqlite" else "LOCK TABLE webhook_deliveries"
    with services.sessions.begin() as other:
        other.connection().exec_driver_sql(keep)
        with pytest.raises(OperationalError):
            intake.add(alice, delivery_of(), left_seconds=lambda: 0.05)
    assert intake.add(alice, delivery_of()) is not None


def test_after_a_failure_it_goes_on(shared, services, alice, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "add_all", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shared.add(alice, delivery_of(number=1))
    assert shared.add(alice, delivery_of(number=1)) is not None
    assert len(stored(services)) == 1
