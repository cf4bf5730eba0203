"""A transport that remembers the last answer, so that its status and headers can be shown beside what a client made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bitbucket.messages import DEFAULT_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from bitbucket.messages import Request, Response, Transport


class ObservedTransport:
    """Sends through another transport. `last` is the last answer that came, if any did."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.last: Response | None = None

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """See `Transport.send`."""
        self.last = None
        self.last = self._transport.send(request, deadline_seconds=deadline_seconds, max_bytes=max_bytes, sink=sink)
        return self.last
