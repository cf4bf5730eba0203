"""Tests of what the children see of the caller's environment."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from demo.environment import Addresses, base_environment, bittern_environment

ADDRESSES = Addresses(simulator_port=7990, bittern_port=7991)


def test_the_callers_settings_stay_outside(tmp_path):
    inherited = {
        "BITTERN_DATABASE_URL": "postgresql://production/",
        "FLASK_DEBUG": "1",
        "HTTPS_PROXY": "http://proxy.test:3128",
        "GUNICORN_CMD_ARGS": "--reload",
        "PYTHONPATH": "/elsewhere",
        "HOME": "/home-of-somebody",
        "PATH": "/bin",
    }
    environment = base_environment(inherited, state_directory=tmp_path)
    assert set(environment) & set(inherited) == {"HOME", "PATH"}


def test_programs_of_this_environment_come_first(tmp_path):
    environment = base_environment({"PATH": "/bin"}, state_directory=tmp_path)
    assert environment["PATH"] == f"{Path(sys.executable).parent}:/bin"
    assert base_environment({}, state_directory=tmp_path)["PATH"].endswith("/bin")


def test_temporary_files_go_where_they_are_removed(tmp_path):
    temporary = Path(base_environment({}, state_directory=tmp_path)["TMPDIR"])
    assert temporary.is_dir()
    assert temporary.is_relative_to(tmp_path)


def test_bittern_meets_the_simulator_as_its_bitbucket(tmp_path):
    environment = bittern_environment({}, addresses=ADDRESSES, state_directory=tmp_path)
    assert environment["BITTERN_API_URL"] == environment["BITTERN_SITE_URL"] == "http://127.0.0.1:7990"
    assert environment["BITTERN_BASE_URL"] == "http://127.0.0.1:7991"
    assert environment["PORT"] == "7991"
    assert environment["BITTERN_DATABASE_URL"] == f"sqlite:///{tmp_path}/bittern.db"


def test_keys_are_made_anew_each_time(tmp_path):
    one, other = (bittern_environment({}, addresses=ADDRESSES, state_directory=tmp_path) for _ in range(2))
    assert one["BITTERN_SECRET_KEYS"] != other["BITTERN_SECRET_KEYS"]
    assert len(base64.urlsafe_b64decode(one["BITTERN_SECRET_KEYS"])) >= 32


def test_the_settings_are_ones_that_the_service_accepts(tmp_path, monkeypatch):
    from settings import load_settings

    for name, value in bittern_environment({}, addresses=ADDRESSES, state_directory=tmp_path).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.demo
    assert settings.base_url == "http://127.0.0.1:7991"


def test_the_history_of_a_demo_is_whole_within_minutes(tmp_path):
    environment = bittern_environment({}, addresses=ADDRESSES, state_directory=tmp_path)
    assert int(environment["BITTERN_CALLS_PER_HOUR"]) == 10_000
