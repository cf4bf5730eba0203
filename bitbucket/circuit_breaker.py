"""A Transport that leaves a failing host alone for a moment, so that panels answer at once while Bitbucket is down."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bitbucket.errors import CircuitOpen, TimedOut, Unreachable
from bitbucket.messages import DEFAULT_MAX_BYTES, Request, Response, Transport
from bitbucket.origins import origin_of

FAILURES_TO_OPEN: Final = 8
REST_SECONDS: Final = 15.0
SHORTEST_TELLING_DEADLINE_SECONDS: Final = 1.0
"""A call that had less time than this and ran out of it says nothing about the host."""

_TELLING_STATUSES: Final = frozenset({500, 502, 503, 504})


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    opened_at: float | None = None
    is_being_tried: bool = False


class CircuitBreaker:
    """Passes calls on to another Transport until eight in a row have failed, whoever made them.

    From then on calls to that origin raise CircuitOpen at once. After 15 s one call is let through as a trial, and its
    outcome decides for everybody. Failures are: no answer, 500, 502, 503, 504; not a 429 and not a 555, which are about one
    caller or one diff. `clock` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        clock: Callable[[], float],
        failures_to_open: int = FAILURES_TO_OPEN,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._failures_to_open = failures_to_open
        self._rest_seconds = rest_seconds
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """See `Transport.send`; raises CircuitOpen as well."""
        origin = origin_of(request.url)
        self._enter(origin)
        failed: bool | None = None
        try:
            response = self._transport.send(request, deadline_seconds=deadline_seconds, max_bytes=max_bytes, sink=sink)
            failed = response.status in _TELLING_STATUSES
        except Unreachable as error:
            says_nothing = isinstance(error, TimedOut) and deadline_seconds < SHORTEST_TELLING_DEADLINE_SECONDS
            failed = None if says_nothing else True
            raise
        finally:
            self._leave(origin, failed=failed)
        return response

    def is_open(self, url: str) -> bool:
        """True while calls to the origin of `url` are not made. For health pages and metrics."""
        with self._lock:
            circuit = self._circuits.get(origin_of(url))
            return circuit is not None and circuit.opened_at is not None

    def _enter(self, origin: str) -> None:
        with self._lock:
            circuit = self._circuits.setdefault(origin, _Circuit())
            if circuit.opened_at is None:
                return
            is_resting = self._clock() - circuit.opened_at < self._rest_seconds
            if is_resting or circuit.is_being_tried:
                raise CircuitOpen("Bitbucket has failed several times in a row; it is left alone for a moment.")
            circuit.is_being_tried = True

    def _leave(self, origin: str, *, failed: bool | None) -> None:
        with self._lock:
            circuit = self._circuits[origin]
            circuit.is_being_tried = False
            if failed is None:
                return
            circuit.failures = circuit.failures + 1 if failed else 0
            circuit.opened_at = self._clock() if circuit.failures >= self._failures_to_open else None
