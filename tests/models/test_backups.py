"""Copies of an SQLite database: of one moment while others write, whole or not at all, and put back where nobody is using it."""

from __future__ import annotations

import threading

import pytest

from models import backups, inbox
from models.database import create_engine, create_readers, create_sessions
from models.errors import BackupRefused, SchemaUnfit
from models.inbox import Delivery
from models.schema import upgrade
from tests.tenants import NOON, alice_offer, install, new_box, receive


@pytest.fixture
def database(tmp_path):
    """A database in use: one connection is open, and what was written last is in the log."""
    engine = create_engine(f"sqlite:///{tmp_path / 'bittern.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def alice(database):
    with create_sessions(database).begin() as session:
        return install(session, alice_offer(), box=new_box())


def take_in(engine, installation, *numbers):
    for number in numbers:
        with create_sessions(engine).begin() as session:
            receive(session, installation, number=number)


def count_in(path):
    engine = create_engine(f"sqlite:///{path}")
    with create_readers(engine)() as session:
        count = session.query(Delivery).count()
    engine.dispose()
    return count


def test_what_was_committed_last_is_in_the_copy(database, alice, tmp_path):
    take_in(database, alice, 1, 2, 3)

    size = backups.back_up(database, tmp_path / "copy.db")

    assert size == (tmp_path / "copy.db").stat().st_size
    assert count_in(tmp_path / "copy.db") == 3


def test_it_holds_up_nobody_and_is_of_one_moment(database, alice, tmp_path):
    done, stop = [], threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            take_in(database, alice, number)
            done.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = []
        for place in range(3):
            before = len(done)
            backups.back_up(database, tmp_path / f"{place}.db")
            counts.append((before, count_in(tmp_path / f"{place}.db"), len(done) + 1))
    finally:
        stop.set()
        writer.join()
    assert all(before <= found <= after for before, found, after in counts)


def test_a_copy_is_for_its_owner_alone_and_leaves_nothing_beside_it(database, alice, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    backups.back_up(database, folder / "copy.db")

    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_an_older_copy_is_replaced_by_a_whole_one_only(database, alice, tmp_path, monkeypatch):
    copy = tmp_path / "copy.db"
    backups.back_up(database, copy)
    take_in(database, alice, 1)

    def refuse(_path):
        raise BackupRefused("damaged")

    with monkeypatch.context() as patched:
        patched.setattr(backups, "_check", refuse)
        with pytest.raises(BackupRefused):
            backups.back_up(database, copy)
    assert count_in(copy) == 0
    backups.back_up(database, copy)
    assert count_in(copy) == 1


def test_the_database_itself_is_no_place_for_its_copy(database, alice, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "bittern.db")
    for place in (tmp_path / "bittern.db", link, tmp_path):
        with pytest.raises(BackupRefused, match="no place for a copy"):
            backups.back_up(database, place)


def test_a_folder_that_is_not_there_is_said_to_be_so(database, alice, tmp_path):
    with pytest.raises(BackupRefused, match="cannot be written: No such file"):
        backups.back_up(database, tmp_path / "nowhere" / "copy.db")


def test_a_copy_put_back_is_the_database_as_it_was(database, alice, tmp_path):
    take_in(database, alice, 1)
    backups.back_up(database, tmp_path / "copy.db")
    take_in(database, alice, 2)
    database.dispose()

    kept = backups.restore(database, tmp_path / "copy.db", now=NOON)

    upgrade(database)
    with create_sessions(database).begin() as session:
        assert receive(session, alice, number=1) is None, "a key of deduplication was lost"
        assert receive(session, alice, number=2) is not None
        assert inbox.backlog(session).pending == 2
    assert kept.name == "bittern.db.before-20261123T120000"
    assert count_in(kept) == 2


def test_a_log_that_was_left_behind_is_not_read_into_it(database, alice, tmp_path):
    """As after a kill: the log is beside the file."""
    backups.back_up(database, tmp_path / "copy.db")
    take_in(database, alice, 1)
    log = (tmp_path / "bittern.db-wal").read_bytes()
    database.dispose()
    (tmp_path / "bittern.db").unlink()
    (tmp_path / "bittern.db-wal").write_bytes(log)

    assert backups.restore(database, tmp_path / "copy.db", now=NOON) is None
    assert count_in(tmp_path / "bittern.db") == 0


def test_a_damaged_database_is_set_aside_as_it_is(database, alice, tmp_path):
    backups.back_up(database, tmp_path / "copy.db")
    database.dispose()
    (tmp_path / "bittern.db").write_bytes(b"rubbish" * 1000)

    kept = backups.restore(database, tmp_path / "copy.db", now=NOON)

    assert kept.read_bytes() == b"rubbish" * 1000
    assert count_in(tmp_path / "bittern.db") == 0


def test_nothing_is_put_back_while_somebody_uses_the_database(database, alice, tmp_path):
    backups.back_up(database, tmp_path / "copy.db")
    take_in(database, alice, 1)

    with create_readers(database)() as reading:
        assert reading.query(Delivery).count() == 1
        with pytest.raises(BackupRefused, match="in use: stop the web server and the worker first"):
            backups.restore(database, tmp_path / "copy.db", now=NOON)
    assert count_in(tmp_path / "bittern.db") == 1


def test_what_is_no_whole_copy_changes_nothing(database, alice, tmp_path):
    take_in(database, alice, 1)
    backups.back_up(database, tmp_path / "copy.db")
    (tmp_path / "cut.db").write_bytes((tmp_path / "copy.db").read_bytes()[:9_000])
    (tmp_path / "text.db").write_text("no database" * 100)
    (tmp_path / "empty.db").touch()
    database.dispose()

    for name in ("cut.db", "text.db", "empty.db", "nowhere.db"):
        with pytest.raises(BackupRefused):
            backups.restore(database, tmp_path / name, now=NOON)
    assert count_in(tmp_path / "bittern.db") == 1


def test_a_copy_of_a_newer_version_is_refused(database, alice, tmp_path):
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    backups.back_up(database, tmp_path / "copy.db")
    database.dispose()

    with pytest.raises(SchemaUnfit, match="newer version of Bittern"):
        backups.restore(database, tmp_path / "copy.db", now=NOON)


def test_postgresql_has_programs_of_its_own_for_that(tmp_path):
    engine = create_engine("postgresql://127.0.0.1:1/none")
    with pytest.raises(BackupRefused, match="pg_dump"):
        backups.back_up(engine, tmp_path / "copy.db")
