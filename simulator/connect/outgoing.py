"""How this Bitbucket speaks to apps: one request, one answer, a total time, a cap on the answer's size."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import urllib3

from simulator.connect.errors import Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3.response import BaseHTTPResponse

MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What an app said. `reason` is the status line's phrase; the body is cut at `MAX_ANSWER_BYTES`."""

    status: int
    reason: str
    body: bytes
    elapsed_seconds: float

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300


class Outgoing:
    """Sends requests to apps. Never follows a redirect: Bitbucket's calls are signed for one address."""

    def __init__(self) -> None:
        self._pools = urllib3.PoolManager(num_pools=20, maxsize=8, block=False)

    def send(  # noqa: PLR0913 - the parts of an HTTP request, by name
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout_seconds: float,
        body: bytes | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Send one request; raises Unanswered where no whole answer comes within `timeout_seconds`."""
        started = time.monotonic()
        try:
            response = self._pools.request(
                method,
                url,
                body=body,
                headers=dict(headers),
                timeout=urllib3.Timeout(total=timeout_seconds),
                retries=urllib3.Retry(total=redirects, redirect=redirects, connect=0, read=0, status=0, other=0),
                redirect=redirects > 0,
                preload_content=False,
            )
            content = _read(response, deadline=started + timeout_seconds)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _unanswered(error, url, timeout_seconds) from error
        return Answer(response.status, response.reason or "", content, time.monotonic() - started)

    def close(self) -> None:
        """Close every idle connection."""
        self._pools.clear()


def _read(response: BaseHTTPResponse, *, deadline: float) -> bytes:
    """The answer's body, at most `MAX_ANSWER_BYTES` of it; a slow trickle does not outlive the deadline."""
    content = bytearray()
    for chunk in response.stream(16 * 1024, decode_content=True):
        content += chunk
        if len(content) >= MAX_ANSWER_BYTES:
            response.close()
            break
        if time.monotonic() > deadline:
            response.close()
            raise urllib3.exceptions.TimeoutError("the answer did not end in time")
    response.release_conn()
    return bytes(content[:MAX_ANSWER_BYTES])


def _unanswered(error: Exception, url: str, timeout_seconds: float) -> Unanswered:
    cause = error.reason if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason else error
    # urllib3 counts a refused connection among the timeouts.
    is_refused = isinstance(cause, urllib3.exceptions.NewConnectionError)
    if isinstance(cause, (urllib3.exceptions.TimeoutError, TimeoutError)) and not is_refused:
        return Unanswered(f"{url} did not answer within {timeout_seconds:g} s.", timed_out=True)
    return Unanswered(f"{url} could not be reached ({type(cause).__name__}).", timed_out=False)
