"""LEK-03: the data key is changed while panels are opened and webhooks come, as docs/operations.md says, and nobody is refused."""

from __future__ import annotations

import base64
import contextlib
import secrets
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from demo.ports import HOST, any_free_port
from demo.waiting import wait_until
from models.encryption import SecretBox
from tests.security.laboratory import panel_entry
from tests.security.recipes.exchanges import Exchange
from tests.security.stage import push_entry
from tests.security.wire import send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.security.laboratory import Laboratory

KEYS = "BITTERN_SECRET_KEYS"
LEAST_REQUESTS = 40


def rotate_the_data_key(laboratory: Laboratory) -> set[str]:
    """Old alone; old and new on every instance; sealed anew; new alone: under load all the time, and back again at the end."""
    old = laboratory.system.bittern_environment[KEYS]
    new = secrets.token_urlsafe(48)
    # The laboratory's own server knows the old key alone, so a second one with both stands beside it before anything is sealed.
    with _server(laboratory, f"{old},{new}") as both, _server(laboratory, f"{new},{old}") as newer:
        with _load(laboratory, both, newer) as answers:
            _rotate(laboratory, f"{new},{old}")
            wait_until(lambda: len(answers) >= LEAST_REQUESTS, what="requests while keys change", timeout_seconds=60)
        assert [status for status in answers if status >= 300] == [], "requests failed while the key was changed"
    for tenant in laboratory.cast.tenants.values():
        for sealed in laboratory.ledger.seals(tenant.client_key):
            SecretBox([_key(new)]).open(sealed, context=tenant.client_key)
    with _server(laboratory, new) as newest:
        assert _panel(laboratory, newest) == 200, "the new key alone does not do"
    _rotate(laboratory, f"{old},{new}")
    assert laboratory.ask(panel_entry("A", "A.user_member")).status == 200
    return {"0 failed requests", "old key removable"}


@contextlib.contextmanager
def _server(laboratory: Laboratory, keys: str) -> Iterator[int]:
    port = any_free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"{HOST}:{port}", "app:create_app()"]
    with laboratory.beside(f"server-{port}", command, {KEYS: keys}):
        wait_until(lambda: _is_ready(port), what="a server beside", timeout_seconds=40)
        yield port


def _is_ready(port: int) -> bool:
    try:
        return send(port, Exchange("GET", "/readyz").encode(f"{HOST}:{port}"), timeout_seconds=5).status == 200
    except OSError:
        return False


@contextlib.contextmanager
def _load(laboratory: Laboratory, *ports: int) -> Iterator[list[int]]:
    """Panels and webhooks against all instances in turn, until the end. Yields the statuses so far."""
    statuses: list[int] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            for port in ports:
                statuses.append(_panel(laboratory, port))
                exchange = laboratory.composer().compose(push_entry("A.repo_open"))
                statuses.append(send(port, exchange.encode(f"{HOST}:{port}"), method="POST").status)

    threads = [threading.Thread(target=keep_asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _panel(laboratory: Laboratory, port: int) -> int:
    exchange = laboratory.composer().compose(panel_entry("A", "A.user_member"))
    return send(port, exchange.encode(f"{HOST}:{port}")).status


def _rotate(laboratory: Laboratory, keys: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", "rotate-keys"]
    system = laboratory.system
    environment = {**system.bittern_environment, KEYS: keys}
    subprocess.run(command, cwd=system.plan.root, env=environment, check=True, capture_output=True)


def _key(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
