"""Tests of starting both sides, with stand-ins in their places."""

from __future__ import annotations

import contextlib

import pytest

from demo.children import Children
from demo.environment import Addresses
from demo.errors import ChildDied, StepFailed
from demo.ports import any_free_port
from demo.system import LocalSystem, Plan
from tests.demo.stand_ins import make_root


@pytest.fixture
def start_system(tmp_path, warden):
    """Makes a system whose parts misbehave as told."""
    with contextlib.ExitStack() as stack:

        def start_system(*modes, **plan):
            root = make_root(tmp_path / "root", *modes)
            logs = tmp_path / "logs"
            children = Children(root=root, log_directory=logs, warden=warden, shield=contextlib.nullcontext)
            stack.callback(children.stop)
            addresses = Addresses(any_free_port(), any_free_port())
            return LocalSystem(Plan(root, tmp_path / "state", logs, addresses, **plan), children, inherited={})

        yield start_system


def test_bitbucket_is_started_with_its_arguments_and_waited_for(start_system, tmp_path):
    system = start_system(simulator_arguments=["--repo", "x", "--small"])
    system.start_bitbucket()
    assert system.control.is_ready()
    assert (tmp_path / "root" / "simulator-arguments").read_text() == "--repo x --small"


def test_a_bitbucket_that_dies_is_not_waited_for(start_system):
    with pytest.raises(ChildDied, match="simulator ended with exit code 5"):
        start_system("--broken").start_bitbucket()


def test_the_database_is_migrated_with_bitterns_own_settings(start_system, tmp_path):
    system = start_system()
    system.migrate()
    arguments, database_url = (tmp_path / "root" / "migrated").read_text().splitlines()
    assert arguments == "--app app bittern migrate"
    assert database_url == f"sqlite:///{tmp_path}/state/bittern.db"


def test_a_migration_that_fails_is_a_failed_step(start_system):
    with pytest.raises(StepFailed, match="migrate ended with exit code 7"):
        start_system("--unmigratable").migrate()


def test_every_process_of_the_procfile_is_started(start_system, tmp_path):
    start_system().start_bittern()
    assert (tmp_path / "logs" / "web.log").read_text() == "up\n"
    assert (tmp_path / "logs" / "worker.log").exists()


def test_a_process_that_dies_on_the_way_is_named(start_system, tmp_path):
    system = start_system()
    (tmp_path / "root" / "Procfile").write_text("web: python -c 'raise SystemExit(9)'\n")
    with pytest.raises(ChildDied, match="web ended with exit code 9"):
        system.start_bittern()


def test_settings_can_be_added_and_taken_away(start_system):
    settings = {"BITTERN_APP_SECRET": "x" * 32, "BITTERN_SECRET_KEYS": None}
    environment = start_system(bittern_settings=settings, environment={"TZ": "UTC"}).bittern_environment
    assert environment["BITTERN_APP_SECRET"] == "x" * 32
    assert "BITTERN_SECRET_KEYS" not in environment
    assert environment["TZ"] == "UTC"


def test_the_descriptor_is_where_bittern_listens(start_system):
    system = start_system()
    assert system.descriptor_url == f"{system.plan.addresses.bittern_url}/atlassian-connect.json"
