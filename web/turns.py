"""Whose request is next: whoever asks takes turns, so that a flood waits behind itself. No socket, no clock.

Nobody is refused for asking often: Bitbucket sends bursts, and does not send again what was refused with a 4xx. What Bitbucket
itself sends has every second turn while anything of it waits, however many others ask; within either half, each address has its
turn, however much it has sent. It never has all threads: while the database keeps a webhook waiting, pages go on.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")
Key = TypeVar("Key")

_FROM_BITBUCKET = re.compile(rb"POST [^ ?]*/connect/")
_FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:[ \t]*([^\r\n]*)", re.IGNORECASE)
# Whoever has an address of IPv6 has all that share its beginning.
_IPV6_PREFIX: Final = 64


class Turns(Generic[Item]):
    """Whole requests that wait for a thread."""

    def __init__(self) -> None:
        # Both levels in the order of their turns; nothing in them is empty.
        self._lanes: dict[bool, dict[str, deque[Item]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, item: Item, *, sender: str, is_from_bitbucket: bool) -> None:
        """Let a request wait behind those of its sender."""
        lane = self._lanes.setdefault(is_from_bitbucket, {})
        lane.setdefault(sender, deque()).append(item)
        self._count += 1

    def take(self, *, is_bitbucket_served: bool = True) -> Item:
        """The request whose turn it is; not one of Bitbucket's where these are not served now. Raises KeyError where none waits."""
        kind = _first(kind for kind in self._lanes if is_bitbucket_served or not kind)
        lane = self._lanes.pop(kind)
        sender = _first(lane)
        waiting = lane.pop(sender)
        item = waiting.popleft()
        if waiting:
            lane[sender] = waiting
        if lane:
            self._lanes[kind] = lane
        self._count -= 1
        return item

    def items(self) -> Iterator[Item]:
        """All that wait, in no order."""
        for lane in self._lanes.values():
            for waiting in lane.values():
                yield from waiting

    def most_of_one(self) -> int:
        """How many requests wait of the sender who has most waiting."""
        return max((len(waiting) for lane in self._lanes.values() for waiting in lane.values()), default=0)

    def take_late(self, is_late: Callable[[Item], bool]) -> list[Item]:
        """Those of Bitbucket's requests that have waited too long, which are not to be answered. Of one sender, the first is the oldest."""
        lane = self._lanes.get(True, {})
        late: list[Item] = []
        for sender, waiting in list(lane.items()):
            while waiting and is_late(waiting[0]):
                late.append(waiting.popleft())
            if not waiting:
                del lane[sender]
        if not lane:
            self._lanes.pop(True, None)
        self._count -= len(late)
        return late

    def give_way(self) -> Item:
        """The newest request of the sender who has most waiting, which is not to be answered. Raises ValueError where none waits."""
        _, kind, sender = max(
            (len(waiting), kind, sender) for kind, lane in self._lanes.items() for sender, waiting in lane.items()
        )
        lane = self._lanes[kind]
        item = lane[sender].pop()
        if not lane[sender]:
            del lane[sender]
        if not lane:
            del self._lanes[kind]
        self._count -= 1
        return item


def is_from_bitbucket(head: bytes) -> bool:
    """Whether a request asks for what only Bitbucket sends: lifecycle calls and webhooks. It may be forged all the same."""
    return _FROM_BITBUCKET.match(head) is not None


def sender_of(head: bytes, *, peer: str, proxy_hops: int) -> str:
    """Who sent a request, as far as turns go: the address that the outermost of our own proxies saw, or the peer's."""
    told = [part.strip() for line in _FORWARDED_FOR.findall(head) for part in line.decode("latin-1").split(",")]
    address = told[-proxy_hops] if 0 < proxy_hops <= len(told) else peer
    try:
        return str(ip_network((address, _IPV6_PREFIX), strict=False)) if ip_address(address).version == 6 else address
    except ValueError:
        return peer


def _first(ordered: Iterable[Key]) -> Key:
    for key in ordered:
        return key
    raise KeyError("nobody waits")
