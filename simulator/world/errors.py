"""Why the simulated Bitbucket refuses to do something.

WorldError
├── Missing      the thing asked for does not exist (REST: 404)
├── Invalid      the request makes no sense (REST: 400, with messages by field)
├── Forbidden    the actor may not do this (REST: 403)
├── Conflict     the state of things forbids it (REST: 409)
└── GitFailed    git itself said no; always a fault of the simulator or of the given repository
"""

# ruff: noqa: N818 - a refusal is named after what is wrong; the root of the tree carries the suffix

from collections.abc import Mapping


class WorldError(Exception):
    """The root of everything that the world raises on purpose; `message` is what Bitbucket would say."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Missing(WorldError):
    """What was asked for does not exist, or the caller may not know that it does."""


class Invalid(WorldError):
    """A value is not acceptable; `fields` names the culprits as Bitbucket's error body does."""

    def __init__(self, message: str, *, fields: Mapping[str, list[str] | str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class Forbidden(WorldError):
    """The actor is known and may not do this."""


class Conflict(WorldError):
    """The present state of the object forbids the change."""


class GitFailed(WorldError):
    """git ended with an error; the message is its standard error."""
