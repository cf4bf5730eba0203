"""The control: Bittern as it would be if it answered a webhook before its row is committed. It loses deliveries when killed.

The very same application takes each delivery in, a moment later, on a thread of its own. Nothing else is different.
"""

from __future__ import annotations

import io
import queue
import threading

from app import create_app as create_honest_app
from tests.faults.workspaces import WEBHOOK


class AcknowledgesFirst:
    """Answers every webhook at once, and hands it on afterwards."""

    def __init__(self, honest):
        self._honest = honest
        self.extensions = honest.extensions  # where the web server finds the services
        self._waiting = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] != WEBHOOK:
            return self._honest(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self._waiting.put(dict(environ) | {"wsgi.input": io.BytesIO(body)})
        start_response("202 Accepted", [("Content-Length", "0")])
        return [b""]

    def _work(self):
        while True:
            for _ in self._honest(self._waiting.get(), lambda *_: None):
                pass


def create_app():
    return AcknowledgesFirst(create_honest_app())
