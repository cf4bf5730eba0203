"""The post between Bitbucket and us, at its worst: it loses, repeats and delays, and while we are out nothing arrives."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from tests.sync.history.stories import delivery_of

LOST = 0.30
REPEATED = 0.15
DELAYED = 0.25
LONGEST_DELAY = timedelta(hours=1)


@dataclass
class Tally:
    """What became of the events that were told."""

    told: int = 0
    lost: int = 0
    repeated: int = 0
    delayed: int = 0
    brought: int = 0


class Post:
    """Takes the events of a life as they happen, and gives what has arrived."""

    def __init__(self, chance):
        self.tally = Tally()
        self.are_we_out = False
        self._chance = chance
        self._on_their_way = []
        self._order = itertools.count()
        self._seen = 0

    def skip(self, events):
        """What happened before there was anybody to tell."""
        self._seen = len(events)

    def take(self, events):
        """All that has happened since the last time."""
        for number in range(self._seen, len(events)):
            self._send(delivery_of(events[number], number), at=events[number].occurred_at)
        self._seen = len(events)

    def _send(self, delivery, *, at):
        self.tally.told += 1
        if self.are_we_out or self._chance.random() < LOST:
            self.tally.lost += 1
            return
        self._put(delivery, at)
        while self._chance.random() < REPEATED:
            self.tally.repeated += 1
            # Sent again under the same id, or told as if it were another one.
            same = self._chance.random() < 0.5
            again = delivery if same else replace(delivery, delivery_uuid=str(UUID(int=self._chance.getrandbits(127))))
            self._put(again, at + self._delay())

    def _put(self, delivery, at):
        if self._chance.random() < DELAYED:
            self.tally.delayed += 1
            at += self._delay()
        heapq.heappush(self._on_their_way, (at, next(self._order), delivery))

    def _delay(self):
        return LONGEST_DELAY * self._chance.random()

    def arrived(self, now):
        """What has arrived by now, in the order of its arrival."""
        while self._on_their_way and self._on_their_way[0][0] <= now:
            self.tally.brought += 1
            yield heapq.heappop(self._on_their_way)[2]
