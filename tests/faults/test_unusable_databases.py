"""Databases that cannot be served from, found at the start: every program says so in a sentence, ends, and leaves no trace.

A file or a folder that is read-only, closed or missing, and schemas of other versions. Each program is started as an operator
starts it, without the right to overlook permissions that root has.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from models import schema
from models.database import create_engine
from models.schema import head_version, upgrade
from tests.faults.conftest import missing
from tests.faults.one_process import FILE, address_in
from tests.house_figures import ROOT
from tests.web.conftest import KEY

FLASK = Path(sys.executable).with_name("flask")
PROGRAMS = {
    "web": (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"),
    "worker": (sys.executable, "worker.py"),
    "migrate": (str(FLASK), "bittern", "migrate"),
}
ONLY_IN_FAULTS = pytest.mark.only_in_faults
START_SECONDS = 600.0
IN_ROOTS_PLACE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root may write whatever the permissions say; without these two of its rights it is as everybody else."""

NEWER = "9999_from_the_future"


def closed(folder):
    folder.chmod(0o000)


def read_only_folder(folder):
    folder.chmod(0o555)


def read_only_file(folder):
    (folder / FILE).chmod(0o444)


def unreadable_file(folder):
    (folder / FILE).chmod(0o000)


def no_folder(folder):
    folder.rename(folder.with_name("elsewhere"))


UNUSABLE = {
    closed: r"The folder of the database cannot be used: Permission denied: .*bittern\.db",
    read_only_folder: r"The database cannot be written: this account may not write /",
    read_only_file: r"The database cannot be written: this account may not write /.*bittern\.db",
    unreadable_file: r"The database cannot be written: this account may not write /.*bittern\.db",
    no_folder: r"The database is empty, and schema \w+ is needed\. Run `flask bittern migrate` first\.",
}


@pytest.fixture
def start(tmp_path):
    """`start(program, folder)`: starts it on the database there. All are ended afterwards."""
    prefix = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            missing("there is no setpriv to take the rights of root away with")
        prefix = IN_ROOTS_PLACE
    started = []

    def start(program, folder):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        settings = {"BITTERN_BASE_URL": "https://bittern.example.com", "BITTERN_SECRET_KEYS": KEY}
        environment = kept | settings | {"BITTERN_DATABASE_URL": address_in(folder), "FLASK_APP": "app"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        process = subprocess.Popen([*prefix, *PROGRAMS[program]], cwd=ROOT, env=environment, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ended(process):
    """Wait for the end of a program. Returns its exit code and what it said."""
    said, _ = process.communicate(timeout=START_SECONDS)
    return process.returncode, said


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A database of this version."""
    folder = tmp_path_factory.mktemp("template")
    upgrade(address_in(folder))
    return folder / FILE


@pytest.fixture
def folder_with(tmp_path, template):
    """`folder_with(name)`: a folder with a database of this version."""

    def made(name):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copyfile(template, folder / FILE)
        return folder

    yield made
    for folder in tmp_path.iterdir():
        with contextlib.suppress(OSError):
            folder.chmod(0o755)


@pytest.mark.fault("P4")
@ONLY_IN_FAULTS
@pytest.mark.parametrize("program", ["web", "worker"])
def test_a_database_that_cannot_be_written_stops_the_start_with_a_sentence(program, start, folder_with, figures):
    folders = {case: folder_with(case.__name__) for case in UNUSABLE}
    for case, folder in folders.items():
        case(folder)
    running = {case: start(program, folder) for case, folder in folders.items()}
    for case, process in running.items():
        code, said = ended(process)
        assert code not in {0, None}, (case.__name__, said)
        assert re.search(UNUSABLE[case], said), (case.__name__, said)
        assert "Traceback" not in said
    for case, folder in folders.items():
        if case is no_folder:
            assert not folder.exists()
            continue
        folder.chmod(0o755)
        assert [path.name for path in folder.iterdir()] == [FILE]
    figures.row(program=program, cases=len(running), refused=len(running))


@pytest.mark.fault("P4")
@ONLY_IN_FAULTS
def test_an_upgrade_that_may_not_write_says_so_and_leaves_nothing(start, tmp_path, folder_with, figures):
    cannot_begin = tmp_path / "bare"
    cannot_begin.mkdir()
    cannot_begin.chmod(0o555)
    read_only = folder_with("read_only")
    read_only_file(read_only)
    before = digest(read_only)
    running = [start("migrate", cannot_begin / "folder"), start("migrate", read_only)]
    for process in running:
        code, said = ended(process)
        assert code == 1, said
        assert re.search(r"cannot be (used|written)", said), said
        assert "Traceback" not in said
    assert list(cannot_begin.iterdir()) == []
    assert digest(read_only) == before
    figures.row(program="migrate", cases=len(running), refused=len(running))


def digest(folder):
    return hashlib.sha256((folder / FILE).read_bytes()).hexdigest()


def revisions():
    """Every version of the schema that was ever released, oldest first."""
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations")).walk_revisions()
    return [script.revision for script in scripts][::-1]


def make_older(folder, revision):
    """A database of an older version, with an installation in it."""
    folder.mkdir()
    engine = create_engine(address_in(folder))
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema._config(connection), revision)
        connection.execute(
            text(
                "INSERT INTO installations (client_key, state, principal_uuid, principal_kind, sealed_secret,"
                " installed_at, proof_attempts, served_at) VALUES ('connection:1', 'active', '{1}', 'workspace', 'sealed',"
                " :now, 0, :now)"
            ),
            {"now": datetime.now(UTC).replace(tzinfo=None).isoformat(" ")},
        )
    engine.dispose()


def clients_in(folder):
    engine = create_engine(address_in(folder))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT client_key, sealed_secret FROM installations")).all()
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    engine.dispose()
    assert broken == []
    return [tuple(row) for row in found]


@pytest.mark.fault("P5")
@ONLY_IN_FAULTS
def test_an_older_schema_is_refused_until_it_is_upgraded_with_all_that_is_in_it(start, tmp_path, figures, is_long):
    older = revisions()[:-1] if is_long else [revisions()[0], revisions()[-2]]
    for revision in older:
        folder = tmp_path / revision
        make_older(folder, revision)
        for process in (start("web", folder), start("worker", folder)):
            code, said = ended(process)
            assert code not in {0, None}, said
            sentence = f"The database has schema {revision}, and schema {head_version()} is needed. Run"
            assert sentence in said, said
        code, said = ended(start("migrate", folder))
        assert code == 0, said
        assert clients_in(folder) == [("connection:1", "sealed")]
    figures.row(program="web, worker, migrate", older_schemas=len(older), refused=2 * len(older), upgraded=len(older))


@pytest.mark.fault("P5")
@ONLY_IN_FAULTS
@pytest.mark.parametrize("program", ["web", "worker", "migrate"])
def test_a_newer_schema_is_refused_and_left_as_it_is(program, start, folder_with, figures):
    folder = folder_with("newer")
    engine = create_engine(address_in(folder))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})
    engine.dispose()
    before = digest(folder)
    code, said = ended(start(program, folder))
    assert code not in {0, None}, said
    assert f"The database has schema {NEWER}, which a newer version of Bittern has made. Run that version." in said
    assert digest(folder) == before
    figures.row(program=program, newer_schemas=1, refused=1)
