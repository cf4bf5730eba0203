"""Assembly: what stops a start, what the command line needs, gunicorn as the Procfile runs it, and granian in its place."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from app import create_app
from demo.ports import any_free_port
from demo.waiting import wait_until
from models.schema import upgrade
from settings import SettingsInvalid

ROOT = Path(__file__).resolve().parent.parent
SERVERS = {
    "gunicorn": (str(Path(sys.executable).with_name("gunicorn")), "-c", "gunicorn.conf.py", "app:create_app()"),
    "granian": (sys.executable, "granian_server.py"),
}


@pytest.fixture
def environment(tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "BITTERN_DEMO": "true",
        "BITTERN_BASE_URL": "http://127.0.0.1:8080",
        "BITTERN_SITE_URL": "http://127.0.0.1:9",
        "BITTERN_API_URL": "http://127.0.0.1:9",
        "BITTERN_DATABASE_URL": f"sqlite:///{tmp_path / 'bittern.db'}",
        "BITTERN_METRICS_TOKEN": "metrics-token-0123456789",
        "TMPDIR": str(tmp_path),
        "WEB_CONCURRENCY": "1",
    }


@pytest.fixture(params=SERVERS)
def serve(environment, tmp_path, request):
    """Starts a server as it is deployed, and stops it. Returns the process and its address."""
    started = []

    def serve(**changes):
        port = any_free_port()
        settings = environment | {"PORT": str(port)} | changes
        log = (tmp_path / "server.log").open("w")
        started.append(subprocess.Popen(SERVERS[request.param], cwd=ROOT, env=settings, stderr=log, stdout=log))
        log.close()
        return started[-1], f"http://127.0.0.1:{port}"

    yield serve
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def is_up(address):
    try:
        return requests.get(f"{address}/healthz", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def test_without_settings_there_is_no_application(monkeypatch):
    for name in [name for name in os.environ if name.startswith("BITTERN_")]:
        monkeypatch.delenv(name)

    with pytest.raises(SettingsInvalid) as caught:
        create_app()
    assert any("BITTERN_BASE_URL is not set" in problem for problem in caught.value.problems)


def test_assembly_stays_assembly():
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 100


def test_a_server_serves_in_its_own_name(environment, serve, tmp_path):
    upgrade(environment["BITTERN_DATABASE_URL"])
    _, address = serve()
    wait_until(lambda: is_up(address), what="the server", timeout_seconds=30)

    answer = requests.get(f"{address}/nothing", timeout=5)
    counts = requests.get(f"{address}/metrics", headers={"Authorization": "Bearer metrics-token-0123456789"}, timeout=5)
    requests.get(f"{address}/panels/repository?jwt=eyJhbGciOiJIUzI1NiJ9.e30.c2ln", timeout=5)

    assert answer.headers["Server"] == "bittern"
    assert 'status="404"' in counts.text
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert '"event": "request.finished"' in log
    assert "eyJ" not in log
    assert "?jwt" not in log


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"BITTERN_BASE_URL": "http://bittern.example.com"}, r"BITTERN_BASE_URL must begin with https://"),
        ({"BITTERN_BASE_URL": "http://127.0.0.1:8080/"}, r"BITTERN_BASE_URL must not end with a slash"),
        ({"BITTERN_SECRET_KEYS": "short"}, r"BITTERN_SECRET_KEYS holds a key"),
        ({}, r"The database is empty"),
    ],
)
def test_what_would_not_work_stops_the_start_with_a_sentence(serve, tmp_path, changes, sentence):
    process, _ = serve(**changes)

    assert process.wait(timeout=30) == 2
    assert re.search(sentence, (tmp_path / "server.log").read_text(encoding="utf-8"))


@pytest.mark.parametrize("serve", ["granian"], indirect=True)
def test_granian_serves_nobody_directly(serve, tmp_path):
    settings = {f"BITTERN_{name}_URL": "https://bittern.example.com" for name in ("BASE", "API", "SITE")}
    settings |= {"BITTERN_DEMO": "", "BITTERN_SECRET_KEYS": "k" * 43}
    process, _ = serve(**settings)

    assert process.wait(timeout=30) == 2
    assert "only behind a proxy" in (tmp_path / "server.log").read_text(encoding="utf-8")
