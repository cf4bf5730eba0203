"""A disk that fails for a moment, or is full: nothing is acknowledged that is not stored, reads go on, and so does the service.

The product runs over a disk of the tests' own, in this process. After a sync that failed, the disk has forgotten what it had not
written, as Linux does, and says that all is well from then on: so each such run is followed by power failures too.
"""

from __future__ import annotations

import random

import apsw
import pytest
from sqlalchemy.exc import OperationalError

from models.database import empty_log
from tests.faults.one_process import files_in, one_process
from tests.faults.power_failures import let_power_fail

SHORT_ERRORS, LONG_ERRORS = 6, 100
SHORT_POINTS, LONG_POINTS = 10, 200
BETWEEN = 3


def once(kind, code):
    """Fails the next time, for one kind of file."""
    left = [code]

    def asked(file_kind):
        if left and file_kind == kind:
            raise apsw.exception_for(left.pop())

    asked.is_done = lambda: not left
    return asked


def always(kind, code):
    def asked(file_kind):
        if file_kind == kind:
            raise apsw.exception_for(code)

    return asked


def is_postponed(answer):
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0


@pytest.mark.fault("P2")
def test_a_sync_that_fails_is_never_acknowledged_and_the_next_delivery_is(tmp_path, told, figures, is_long, seed):
    errors, chance = LONG_ERRORS if is_long else SHORT_ERRORS, random.Random(seed)
    folder, image = tmp_path / "house", tmp_path / "image"
    folder.mkdir()
    image.mkdir()
    with one_process(folder, told) as house:
        before = files_in(folder)
        house.disk.notebook.entries.clear()
        for number in range(errors):
            house.disk.on_sync = failing = once("wal", apsw.SQLITE_IOERR_FSYNC)
            assert is_postponed(chance.choice((house.deliver, house.install_anew))(number))
            assert failing.is_done()
            for more in range(1, BETWEEN):
                assert house.deliver(number * BETWEEN + more).status_code == 202
            fail_while_written_back(house)
        entries = list(house.disk.notebook.entries)
    found = let_power_fail((before, entries), image, points=LONG_POINTS if is_long else SHORT_POINTS, seed=seed)
    figures.row(
        errors_of_sync=errors * 2,
        power_failures=found.points,
        acknowledged=found.acknowledged,
        lost=len(found.lost),
        corrupt=len(found.corrupt),
        seed=seed,
    )
    assert found.lost == []
    assert found.corrupt == []


def fail_while_written_back(house):
    """The database file itself cannot be synced; then it can."""
    house.disk.on_sync = once("db", apsw.SQLITE_IOERR_FSYNC)
    with pytest.raises(OperationalError):
        written_back(house)
    written_back(house)


def written_back(house):
    try:
        empty_log(house.services.engine)
    except house.services.engine.dialect.dbapi.OperationalError as error:
        raise OperationalError("PRAGMA wal_checkpoint", None, error) from error


@pytest.mark.fault("P3")
@pytest.mark.parametrize("kind", ["wal", "db"])
def test_a_full_disk_refuses_what_cannot_be_stored_and_reads_go_on(tmp_path, told, figures, kind):
    folder, image = tmp_path / "house", tmp_path / "image"
    folder.mkdir()
    image.mkdir()
    with one_process(folder, told) as house:
        before = files_in(folder)
        house.disk.notebook.entries.clear()
        assert house.deliver(0).status_code == 202
        house.disk.on_write = always(kind, apsw.SQLITE_FULL)
        # The database file itself is written only when the log is written back, which may wait.
        while_full = [house.deliver(number) for number in range(1, 4)]
        assert all(map(is_postponed, while_full)) if kind == "wal" else {202} == {one.status_code for one in while_full}
        assert house.app.test_client().get("/readyz").status_code == 200
        assert is_postponed(house.install_anew(1)) or kind == "db"
        if kind == "db":
            with pytest.raises(OperationalError):
                written_back(house)
        house.disk.on_write = lambda _kind: None
        assert house.deliver(5).status_code == 202
        written_back(house)
        entries = list(house.disk.notebook.entries)
    found = let_power_fail((before, entries), image, points=SHORT_POINTS, seed=1)
    figures.row(full=kind, refused=sum(map(is_postponed, while_full)), lost=len(found.lost), corrupt=len(found.corrupt))
    assert found.lost == []
    assert found.corrupt == []
