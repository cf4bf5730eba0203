"""A Transport that answers from a script and remembers what it was asked.

It keeps the same promises as the real one (`test_transport_contract.py` holds both to them), without a socket.
"""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from bitbucket.errors import ForeignHost, TimedOut, TooLarge
from bitbucket.messages import DEFAULT_MAX_BYTES, Headers, Request, Response
from bitbucket.origins import origin_of

Answer = Response | Exception | Callable[[Request], Response]


def json_answer(value, *, status=200, headers=None):
    return Response(
        status, Headers({"Content-Type": "application/json", **(headers or {})}), json.dumps(value).encode()
    )


def text_answer(text, *, status, headers=None):
    return Response(status, Headers({"Content-Type": "text/plain", **(headers or {})}), text.encode())


class FakeTransport:
    """Answers requests in the order of the script; the last answer is repeated where `repeat` says so."""

    def __init__(self, *answers: Answer, allowed_origins=None, repeat=False):
        self.script = list(answers)
        self.requests: list[Request] = []
        self.deadlines: list[float] = []
        self._allowed_origins = None if allowed_origins is None else {origin_of(origin) for origin in allowed_origins}
        self._repeat = repeat

    def send(self, request, *, deadline_seconds, max_bytes=DEFAULT_MAX_BYTES, sink=None):
        if self._allowed_origins is not None and origin_of(request.url) not in self._allowed_origins:
            raise ForeignHost("not pinned", url=request.url)
        if deadline_seconds <= 0:
            raise TimedOut("no time")
        self.requests.append(request)
        self.deadlines.append(deadline_seconds)
        response = self._next(request)
        if len(response.body) > max_bytes:
            raise TooLarge("too large")
        if sink is None or not 200 <= response.status < 300:
            return response
        sink(response.body)
        return Response(response.status, response.headers, b"", response.elapsed_seconds)

    def _next(self, request):
        assert self.script, f"No answer is left for {request.method} {request.url}"
        answer = self.script[0] if self._repeat and len(self.script) == 1 else self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    @property
    def last(self) -> Request:
        return self.requests[-1]

    @property
    def paths(self) -> list[str]:
        return [urlsplit(request.url).path for request in self.requests]

    def query(self, index=-1) -> dict[str, str]:
        """The query of one request, decoded; the last value of a repeated name."""
        return dict(parse_qsl(urlsplit(self.requests[index].url).query, keep_blank_values=True))
