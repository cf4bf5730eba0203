"""Sends webhooks: one lane a receiver, in order within a lane, lanes side by side; retries, log, mischief on demand.

Connect-protocol.md 7.5: 10 s to answer; 5xx and timeouts are tried again at once, up to two more times. Bitbucket
promises neither order nor exactly-once, so that duplicates, loss, delay and reordering can be asked for.
"""

from __future__ import annotations

import itertools
import queue
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from simulator.connect.errors import ConnectError, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.connect.outgoing import Outgoing
    from simulator.connect.settings import ConnectSettings

State = Literal["queued", "delivered", "failed", "lost", "too_large", "dropped"]
LOG_LENGTH = 10_000
_REORDER_WAIT_SECONDS = 0.3


@dataclass(frozen=True, kw_only=True)
class Mischief:
    """What goes wrong on purpose. Shares are between 0 and 1; `reorder` is how many deliveries are shuffled at a time."""

    duplicate: float = 0.0
    lose: float = 0.0
    delay_seconds: float = 0.0
    reorder: int = 1
    is_paused: bool = False


@dataclass(frozen=True)
class Attempt:
    """One try. `status` is None where no answer came; `error` says why."""

    number: int
    at: float
    status: int | None
    elapsed_seconds: float
    error: str = ""


@dataclass(kw_only=True)
class Delivery:
    """One webhook to one receiver. `headers` makes the headers of an attempt, given its number."""

    id: int
    lane: str
    event_key: str
    request_uuid: str
    url: str
    body: bytes
    headers: Callable[[Delivery, int], Mapping[str, str]]
    is_wanted: Callable[[], bool]
    """asked just before sending: an app that was uninstalled meanwhile gets nothing"""
    is_duplicate: bool = False
    state: State = "queued"
    attempts: list[Attempt] = field(default_factory=list)


class Deliveries:
    """The queue of everything that is on its way to apps and hooks. `close` ends its threads."""

    def __init__(self, outgoing: Outgoing, *, settings: ConnectSettings, seed: int = 1) -> None:
        self.mischief = Mischief()
        self._outgoing = outgoing
        self._settings = settings
        self._ids = itertools.count(1)
        self._random = random.Random(seed)
        self._log: deque[Delivery] = deque(maxlen=LOG_LENGTH)
        self._lanes: dict[str, _Lane] = {}
        self._changed = threading.Condition()
        self._pending = 0
        self._is_closed = False

    def log(self) -> list[Delivery]:
        """Everything since the last `clear_log`, oldest first, at most `LOG_LENGTH`."""
        with self._changed:
            return list(self._log)

    def clear_log(self) -> None:
        """Forget what is done; what is on its way stays."""
        with self._changed:
            self._log = deque((one for one in self._log if one.state == "queued"), maxlen=LOG_LENGTH)

    def next_id(self) -> int:
        """A number for a new delivery."""
        return next(self._ids)

    def note(self, delivery: Delivery) -> None:
        """Log a delivery that will never be sent."""
        with self._changed:
            self._log.append(delivery)

    def submit(self, delivery: Delivery) -> None:
        """Send a delivery soon, after all that its lane still holds; returns at once."""
        with self._changed:
            if self._is_closed:
                return
            self._log.append(delivery)
            self._enqueue(delivery)
            if self._random.random() < self.mischief.duplicate:
                twin = replace(delivery, id=self.next_id(), is_duplicate=True, attempts=[])
                self._log.append(twin)
                self._enqueue(twin)

    def again(self, delivery_id: int) -> Delivery | None:
        """Send one from the log again, with the same X-Request-UUID; None where the log has no such."""
        found = next((one for one in self.log() if one.id == delivery_id), None)
        if found is None:
            return None
        twin = replace(found, id=self.next_id(), is_duplicate=True, attempts=[], state="queued")
        with self._changed:
            self._log.append(twin)
            self._enqueue(twin)
        return twin

    def behave(self, mischief: Mischief) -> None:
        """Change what goes wrong from now on; ends or begins a pause."""
        with self._changed:
            self.mischief = mischief
            self._changed.notify_all()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nothing was on its way any more within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0, timeout_seconds)

    def close(self, *, wait_seconds: float = 1.0) -> None:
        """Send nothing more and end every thread; one that waits for a slow app is left to end with its timeout."""
        with self._changed:
            self._is_closed = True
            lanes = list(self._lanes.values())
            self._changed.notify_all()
        deadline = time.monotonic() + wait_seconds
        for lane in lanes:
            lane.stop(timeout_seconds=max(0.0, deadline - time.monotonic()))

    def _enqueue(self, delivery: Delivery) -> None:
        self._pending += 1
        lane = self._lanes.get(delivery.lane)
        if lane is None:
            lane = self._lanes[delivery.lane] = _Lane(delivery.lane, self)
        lane.put(delivery)

    def send_batch(self, batch: list[Delivery]) -> None:
        """Send what one lane gathered; called by the lane's thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or not self.mischief.is_paused)
            if len(batch) > 1:
                self._random.shuffle(batch)
        for delivery in batch:
            self._send(delivery)
            with self._changed:
                self._pending -= 1
                self._changed.notify_all()

    def _send(self, delivery: Delivery) -> None:
        with self._changed:
            is_lost = self._random.random() < self.mischief.lose
            self._changed.wait_for(lambda: self._is_closed, self.mischief.delay_seconds or 0)
        if self._is_closed or not delivery.is_wanted():
            delivery.state = "dropped"
        elif is_lost:
            delivery.state = "lost"
        else:
            delivery.state = self._attempt_all(delivery)

    def _attempt_all(self, delivery: Delivery) -> State:
        for number in range(1, self._settings.webhook_attempts + 1):
            if self._is_closed:
                return "dropped"
            attempt = self._attempt(delivery, number)
            delivery.attempts.append(attempt)
            if attempt.status is not None and attempt.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return "delivered" if attempt.status < HTTPStatus.MULTIPLE_CHOICES else "failed"
        return "failed"

    def _attempt(self, delivery: Delivery, number: int) -> Attempt:
        started, at = time.monotonic(), time.time()
        try:
            answer = self._outgoing.send(
                "POST",
                delivery.url,
                headers=delivery.headers(delivery, number),
                body=delivery.body,
                timeout_seconds=self._settings.webhook_timeout_seconds,
            )
        except Unanswered as error:
            return Attempt(number, at, None, time.monotonic() - started, error.message)
        except ConnectError as error:
            return Attempt(number, at, HTTPStatus.BAD_REQUEST, time.monotonic() - started, error.message)
        return Attempt(number, at, answer.status, answer.elapsed_seconds)


class _Lane:
    """One receiver's deliveries, one after another, in a thread of their own."""

    def __init__(self, name: str, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"webhooks to {name}", daemon=True)
        self._thread.start()

    def put(self, delivery: Delivery) -> None:
        self._queue.put(delivery)

    def stop(self, *, timeout_seconds: float) -> None:
        self._queue.put(None)
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._gather(first)
            self._deliveries.send_batch(batch)
            if is_last:
                return

    def _gather(self, first: Delivery) -> tuple[list[Delivery], bool]:
        """The first delivery and those that come soon after, as many as are to be shuffled; and whether to stop then."""
        batch = [first]
        while len(batch) < self._deliveries.mischief.reorder:
            try:
                following = self._queue.get(timeout=_REORDER_WAIT_SECONDS)
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False
