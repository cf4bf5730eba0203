"""The image, Compose, systemd and nginx start what the Procfile says, on the ports and with the patience that it has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from serving import GRACEFUL_SECONDS, listening
from settings import PREFIX, Settings
from tests.deploy import recipes
from tests.house_figures import ROOT, tracked_files
from worker import STOP_SECONDS

NGINX = (ROOT / "deploy/nginx/bittern.conf").read_text()
GUNICORN = (ROOT / "gunicorn.conf.py").read_text()
NEVER_IN_THE_IMAGE = {"tests", "simulator", "demo", "bench", "docs", "deploy", "requirements"}


def seconds(name):
    """A span of gunicorn's configuration."""
    return int(re.search(rf"^{name} = (\d+)$", GUNICORN, flags=re.MULTILINE)[1])


def test_everybody_starts_the_procfile_s_processes():
    web, worker = recipes.processes()["web"], recipes.processes()["worker"]
    services = recipes.compose()["services"]
    assert recipes.words_of("CMD") == web
    assert "command" not in services["web-1"]
    assert services["worker-1"]["command"] == worker
    assert recipes.command_of(ROOT / "deploy/systemd/bittern-web.service") == web
    assert recipes.command_of(ROOT / "deploy/systemd/bittern-worker.service") == worker


def test_there_are_two_of_each_and_the_schema_comes_first():
    services = recipes.compose()["services"]
    for name in ("web-1", "web-2", "worker-1", "worker-2"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["command"] == ["flask", "bittern", "migrate"]
    for name in ("web", "worker"):
        assert "Requires=bittern-migrate.service" in (ROOT / f"deploy/systemd/bittern-{name}.service").read_text()


def test_the_port_is_the_same_everywhere():
    assert listening(Settings(demo=True, base_url="http://127.0.0.1")).port == 8080
    assert recipes.only("EXPOSE") == "8080"
    assert "PORT=8080" in recipes.only("ENV").split()
    assert set(re.findall(r"server (web-\d):(\d+)", NGINX)) == {("web-1", "8080"), ("web-2", "8080")}


def test_every_setting_that_is_named_is_one():
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = {
        name
        for path in tracked_files("Dockerfile", "compose.yaml", "deploy/*")
        for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text())
    }
    assert {"BITTERN_DATABASE_URL", "BITTERN_PROXY_HOPS"} <= named
    assert named <= known


def test_what_must_be_set_must_be_set_for_compose_too():
    settings = recipes.compose()["services"]["web-1"]["environment"]
    required = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    for name in required | {"BITTERN_SECRET_KEYS"}:
        assert settings[name].startswith(f"${{{name}:?")


def test_who_is_told_to_stop_has_the_time_for_it():
    services = recipes.compose()["services"]
    for name, needed in (("web", GRACEFUL_SECONDS), ("worker", STOP_SECONDS)):
        assert int(services[f"{name}-1"]["stop_grace_period"].removesuffix("s")) > needed
        assert int(recipes.unit(ROOT / f"deploy/systemd/bittern-{name}.service")["TimeoutStopSec"]) > needed


def test_nginx_hangs_up_before_gunicorn_does():
    assert int(re.search(r"keepalive_timeout (\d+)s;", NGINX)[1]) < seconds("keepalive")


def test_what_is_not_a_read_never_goes_into_a_kept_connection():
    once = re.search(r"upstream bittern_once \{(.*?)\}", NGINX, flags=re.DOTALL)[1]
    assert "keepalive" not in once
    assert re.search(r"default bittern_once;", NGINX)
    assert "non_idempotent" not in NGINX + (ROOT / "deploy/nginx/proxy.conf").read_text()


def test_no_log_of_nginx_holds_a_query():
    formats = re.search(r"log_format bittern (.*?);", NGINX, flags=re.DOTALL)[1]
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", formats)
    assert "access_log /var/log/nginx/access.log bittern;" in NGINX
    assert re.search(r"error_log \S+ crit;", NGINX)


def test_the_image_holds_the_service_and_nothing_else():
    sources = {source for source, _ in recipes.copied()}
    assert not sources & NEVER_IN_THE_IMAGE
    assert all((ROOT / source).exists() for source in sources)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source in sources:
        assert f"!{source}" in ignored or (source.endswith(".py") and "!*.py" in ignored), source


def test_the_image_runs_as_nobody_in_particular_and_was_installed_by_hashes():
    assert recipes.only("USER") == "10001:10001"
    (install,) = [rest for word, rest in recipes.instructions() if word == "RUN" and "pip install" in rest]
    assert {"--require-hashes", "--only-binary=:all:"} <= set(install.split())
    assert not any("pip install" in rest or "apt-get" in rest for _, rest in recipes.final_stage())


def test_with_what_the_image_copies_all_of_it_starts(tmp_path):
    """In an empty folder, with nothing of this tree on the path."""
    for source, target in recipes.copied():
        into = tmp_path / (target if target != "./" else source)
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile)(ROOT / source, into)
    started = (
        "import os; os.environ |= {'BITTERN_DEMO': 'true', 'BITTERN_BASE_URL': 'http://127.0.0.1:1'}\n"
        "import app, worker\n"
        "from models.schema import upgrade\n"
        "upgrade('sqlite:///bittern.db'); os.environ['BITTERN_DATABASE_URL'] = 'sqlite:///bittern.db'\n"
        "client = app.create_app().test_client()\n"
        "print([client.get(path).status_code for path in ('/readyz', '/atlassian-connect.json', '/static/bittern.svg', '/')])\n"
    )
    command = [sys.executable, "-c", started]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120
    )
    assert ran.stdout.strip() == "[200, 200, 200, 200]", ran.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_has_nothing_to_say_against_the_units(tmp_path):
    """With the programs and the account of this machine in the place of those of another."""
    for path in recipes.UNITS:
        text = path.read_text().replace("/opt/bittern/.venv/bin", str(ROOT / ".venv/bin"))
        text = re.sub(r"^(User|Group)=.*$", r"\1=root", text, flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
