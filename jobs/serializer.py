"""Queue messages as JSON: the name of a task and row ids. Nothing that is read from a queue can become code."""

import json
from typing import Any, Final

from huey.registry import Message

from jobs.errors import MessageUnreadable

_MEMBERS: Final = frozenset({"id", "name", "args"})


class JsonSerializer:
    """huey's serializer, without pickle and without options: a message has an id, the name of a task, and row ids."""

    def serialize(self, message: Message) -> bytes:
        """The message as JSON."""
        return json.dumps({"id": message.id, "name": message.name, "args": list(message.args or ())}).encode()

    def deserialize(self, text: bytes) -> Message:
        """The message in this JSON. Raises MessageUnreadable for everything that `serialize` did not write."""
        try:
            members: Any = json.loads(bytes(text))
        except ValueError as error:
            raise MessageUnreadable("a queue message is not JSON") from error
        if not isinstance(members, dict) or members.keys() != _MEMBERS or not _are_row_ids(members["args"]):
            raise MessageUnreadable("a queue message has members that it should not have")
        # huey counts these two down and up, so they must be numbers.
        return Message(**(members | {"args": tuple(members["args"]), "kwargs": {}, "retries": 0, "retry_delay": 0}))


def _are_row_ids(args: object) -> bool:
    return isinstance(args, list) and all(type(row_id) is int for row_id in args)
