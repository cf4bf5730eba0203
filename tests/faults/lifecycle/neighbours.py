"""The cast: Alice's workspace, the one of Bob her colleague, and Charlie's, of which neither may see anything.

Each has a word of its own in all that it writes, and secrets of its own: no answer to another may hold either.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Neighbour:
    """One tenant. What it owns is known by its number, in every UUID."""

    name: str
    number: int

    @property
    def client_key(self):
        return f"connection:{self.number}00{self.number}"

    @property
    def canary(self):
        return f"canary{self.name}"

    @property
    def workspace(self):
        return self.uuid(1)

    @property
    def repositories(self):
        """The first stays; the second may be transferred."""
        return self.uuid(0xA1), self.uuid(0xA2)

    @property
    def administrator(self):
        return {"type": "user", "uuid": self.uuid(0xE1), "display_name": f"{self.canary} administrator"}

    @property
    def member(self):
        return {"type": "user", "uuid": self.uuid(0xE2), "display_name": f"{self.canary} member"}

    def uuid(self, what):
        return f"{{0000000{self.number}-0000-4000-8000-{what:012x}}}"

    def secret(self, generation):
        return f"{self.canary}-secret-{generation:06d}-0123456789-0123456789"

    @property
    def principal(self):
        return {
            "type": "workspace",
            "uuid": self.workspace,
            "display_name": f"{self.canary} & Co",
            "username": self.canary,
        }


ALICE, BOB, CHARLIE = NEIGHBOURS = (Neighbour("alice", 1), Neighbour("bob", 2), Neighbour("charlie", 3))


def others_than(neighbour):
    return [one for one in NEIGHBOURS if one is not neighbour]
