"""Real child processes in a folder of their own, and a loopback server that answers as told."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo.children import Children
from demo.warden import Warden
from tests.house_figures import ROOT

ENVIRONMENT = {"PATH": os.environ.get("PATH", "")}


@pytest.fixture
def warden():
    with Warden(root=ROOT) as warden:
        yield warden


@pytest.fixture
def children(tmp_path, warden):
    children = Children(root=tmp_path, log_directory=tmp_path / "logs", warden=warden, shield=contextlib.nullcontext)
    yield children
    children.stop()


def python(code):
    """A command that runs some Python."""
    return [sys.executable, "-c", code]


def is_running(process_id):
    """Whether a process is there; one that ended and that nobody waited for counts as gone."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Site:
    """A server whose answers a test sets, by method and path: status, body, content type."""

    def __init__(self):
        self.answers = {}
        self.requests = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                site.requests.append((self.command, self.path, json.loads(body) if body else None))
                status, text, content_type = site.answers.get((self.command, self.path), (404, "nothing", "text/plain"))
                content = text if isinstance(text, bytes) else text.encode()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_DELETE = do_GET  # noqa: N815 -- as above

            def log_message(self, *_):
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method, path, status, body, content_type="application/json"):
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        self.answers[method, path] = (status, text, content_type)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()
