"""The server that tests on PostgreSQL share: one for all processes of a run, and none afterwards, however they ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests import databases, postgres_cluster
from tests.databases import as_dsn, do_without_postgres, say_once
from tests.jobs.conftest import wait_for
from tests.postgres_cluster import NoPostgres, find_programs, shared_cluster

ROOT = Path(__file__).resolve().parents[1]
# Takes part in a run until its input ends, and says where the server is.
MEMBER = """
import sys
from tests.postgres_cluster import shared_cluster
with shared_cluster(sys.argv[1]) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run_id():
    return f"test-{uuid4().hex}"


@pytest.fixture
def join(run_id):
    """Starts a process that takes part in the run. Returns it and the URL that it was given."""
    members = []

    def join():
        command = [sys.executable, "-c", MEMBER, run_id]
        member = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        members.append(member)
        return member, member.stdout.readline().strip()

    yield join
    for member in members:
        member.kill()
        member.communicate()


def folder_of(run_id):
    import tempfile

    return Path(tempfile.gettempdir()) / f"bittern-postgres-{os.geteuid()}-{run_id}"


def answers(url):
    try:
        psycopg.connect(as_dsn(url), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


needs_postgres = pytest.mark.postgres


@pytest.fixture(autouse=True)
def programs(request):
    if request.node.get_closest_marker("postgres"):
        try:
            find_programs()
        except NoPostgres as reason:
            do_without_postgres(request.config, reason)


@needs_postgres
def test_the_processes_of_a_run_share_one_server_and_the_last_one_ends_it(join, run_id):
    first, url = join()
    second, same = join()
    assert url == same
    second.communicate()
    assert answers(url)
    first.communicate()
    # Whoever started the server waits for its end: nothing is left once that process has ended.
    assert not answers(url)
    assert not folder_of(run_id).exists()


@needs_postgres
def test_a_killed_run_leaves_no_server(join, run_id):
    members = [join(), join()]
    for member, _ in members:
        member.send_signal(signal.SIGKILL)
        member.wait()
    wait_for(lambda: not folder_of(run_id).exists())
    assert not answers(members[0][1])


@needs_postgres
def test_the_starter_being_killed_does_not_take_the_server_from_the_others(join, run_id):
    (first, url), (second, _) = join(), join()
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert answers(url)
    second.communicate()
    wait_for(lambda: not folder_of(run_id).exists())


@needs_postgres
def test_a_server_that_does_not_start_leaves_nothing(monkeypatch, run_id):
    monkeypatch.setattr(postgres_cluster, "START_TRIES", 0)
    with pytest.raises(NoPostgres, match="does not start"), shared_cluster(run_id):
        pass
    assert not folder_of(run_id).exists()


@pytest.fixture
def said(monkeypatch):
    sentences = []
    monkeypatch.setattr(databases, "say_once", lambda config, sentence: sentences.append(sentence))
    return sentences


def test_without_postgres_its_tests_are_skipped_with_one_loud_line(monkeypatch, request, said):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NO POSTGRESQL"):
        do_without_postgres(request.config, NoPostgres("nowhere"))
    assert said == ["NO POSTGRESQL: nowhere. Its tests are not run."]


def test_without_postgres_its_tests_fail_where_they_must_run(monkeypatch, request, said):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NO POSTGRESQL"):
        do_without_postgres(request.config, NoPostgres("nowhere"))


class Config:
    """A pytest configuration whose capture of output can be suspended."""

    def __init__(self):
        self.suspended = 0
        self.pluginmanager = self

    def getplugin(self, name):
        return self

    @contextlib.contextmanager
    def global_and_fixture_disabled(self):
        self.suspended += 1
        yield


def test_the_line_is_said_past_the_capture_of_output_and_once(capsys):
    config = Config()
    for _ in range(2):
        say_once(config, "NO POSTGRESQL")
    assert capsys.readouterr().err == "\nNO POSTGRESQL\n"
    assert config.suspended == 1


def test_a_machine_without_postgres_is_recognised(monkeypatch):
    monkeypatch.setattr(postgres_cluster.shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(NoPostgres):
        find_programs()
