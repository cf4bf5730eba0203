"""An event as its handler sees it: a delivery from the inbox, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

from bitbucket.resources import Repository as RepositoryResource
from models.repositories import RepositoryFacts
from sync.errors import DeliveryUnusable

if TYPE_CHECKING:
    from models.inbox import Delivery

FOREIGN: Final = "The repository is not this installation's."
OUTDATED: Final = "A later event has said otherwise."
STOPPED: Final = "An administrator has deleted the history, and nothing is collected."
NO_REPOSITORY: Final = "The event is about no repository."

# X-Event-Time is cut to whole seconds; taken as the end of its second, no event is older than a read that it came after.
_REST_OF_SECOND: Final = timedelta(microseconds=999_999)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery as its handler sees it. `as_of` is when what it says was true; `now` is for what we note about our rows."""

    facts: RepositoryFacts
    as_of: datetime
    now: datetime
    payload: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_delivery(cls, delivery: "Delivery", *, now: datetime) -> Self | None:
        """The event in a delivery; None where it is about no repository. Raises DeliveryUnusable."""
        if delivery.repository_uuid is None:
            return None
        payload = delivery.decoded_payload()
        facts = _facts(payload, uuid=delivery.repository_uuid, workspace_uuid=delivery.workspace_uuid)
        # Their clock may be ahead of ours; a time to come would shut out every event until then.
        sent_at = delivery.received_at if delivery.event_time is None else delivery.event_time + _REST_OF_SECOND
        return cls(facts, as_of=min(sent_at, delivery.received_at), now=now, payload=payload)

    def read(self, shape: type[_T]) -> _T:
        """The payload as a struct. Raises DeliveryUnusable where it is not what such an event has."""
        try:
            return msgspec.convert(self.payload, shape)
        except msgspec.ValidationError as error:
            raise DeliveryUnusable(f"The payload cannot be read: {error}") from error


def _facts(payload: Mapping[str, Any], *, uuid: str, workspace_uuid: str | None) -> RepositoryFacts:
    try:
        told = msgspec.convert(payload.get("repository"), RepositoryResource)
    except msgspec.ValidationError as error:
        raise DeliveryUnusable(f"The repository of the payload cannot be read: {error}") from error
    return RepositoryFacts(
        uuid=uuid,
        workspace_uuid=workspace_uuid,
        slug=told.slug or _slug_in(told.full_name),
        name=told.name,
        full_name=told.full_name,
        is_private=told.is_private,
        main_branch=told.mainbranch.name if told.mainbranch is not None else _changed_main_branch(payload),
    )


def _slug_in(full_name: str | None) -> str | None:
    """The repository's part of `workspace/repository`: webhooks do not tell the slug by itself."""
    return full_name.partition("/")[2] or None if full_name else None


def _changed_main_branch(payload: Mapping[str, Any]) -> str | None:
    """The new main branch in the `changes` of a repo:updated. How it is told there is not documented: as a name, or as a branch."""
    new: object = payload
    for member in ("changes", "mainbranch", "new"):
        new = new.get(member) if isinstance(new, Mapping) else None
    if isinstance(new, Mapping):
        new = new.get("name")
    return new if isinstance(new, str) else None
