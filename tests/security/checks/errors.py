"""LEK-04: an error of our own says nothing of how the service is made."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from demo.ports import HOST, any_free_port
from demo.waiting import wait_until
from tests.security.failing_app import FAILURE
from tests.security.wire import send

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.wire import Answer

PARAMETER = re.compile(r"<[^>]+>")
TELLING = re.compile(r"Traceback|File \"|\.py\b|werkzeug|flask|jinja|sqlalchemy|gunicorn/|Python/", re.IGNORECASE)


def fail_on_each_route(laboratory: Laboratory) -> set[str]:
    """A second server beside the first, with the same settings, in which every view fails."""
    port = any_free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"{HOST}:{port}"]
    with laboratory.beside("failing", [*command, "tests.security.failing_app:create_failing_app()"]):
        wait_until(lambda: _answers(port), what="the failing server", timeout_seconds=30)
        routes = [line.split(" ", 1) for line in send(port, _request(port, "GET", "/_routes")).text.splitlines()]
        assert len(routes) > 12, "the routes are not known"
        for method, rule in routes:
            path = PARAMETER.sub("x", rule)
            check_generic(send(port, _request(port, method, path), method=method), f"{method} {path}")
    return {"generic body with request id only", "no Server/X-Powered-By version"}


def check_generic(answer: Answer, what: str) -> None:
    assert answer.status == 500, f"{what}: {answer.status}, so this says nothing"
    text = answer.whole_text
    assert FAILURE not in text, f"{what} tells what failed"
    assert TELLING.search(text) is None, f"{what} tells how the service is made"
    assert (answer.header("X-Request-Id") or "?") in answer.text, f"{what}: the request id is not in the body"
    assert not re.search(r"[0-9]", answer.header("Server") or ""), f"{what} tells a version"
    assert answer.header("X-Powered-By") is None


def _answers(port: int) -> bool:
    try:
        return send(port, _request(port, "GET", "/_routes"), timeout_seconds=5).status == 200
    except OSError:
        return False


def _request(port: int, method: str, path: str) -> bytes:
    body = "Content-Length: 2\r\nContent-Type: application/json\r\n" if method == "POST" else ""
    tail = "{}" if method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n{body}\r\n{tail}".encode()
