"""What each webhook event does to our rows. A body is fresh data and no authority: it cannot say whose repository is whose.

Events come late, twice and out of order. Facts are only ever replaced by those of a later event; every event that is applied
moves its repository's version on by one. Nothing here calls anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from bitbucket.resources import Repository as RepositoryResource
from connect.webhooks import EventRouter
from models import repositories
from models.repositories import RepositoryFacts, RepositoryState
from sync.errors import DeliveryUnusable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.inbox import Delivery
    from models.installations import Installation

FOREIGN: Final = "The repository is not this installation's."
OUTDATED: Final = "A later event has said otherwise."
NO_REPOSITORY: Final = "The event is about no repository."

# X-Event-Time is cut to whole seconds; taken as the end of its second, no event is older than a read that it came after.
_REST_OF_SECOND: Final = timedelta(microseconds=999_999)


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery as its handler sees it. `as_of` is when what it says was true; `now` is for what we note about our rows."""

    facts: RepositoryFacts
    as_of: datetime
    now: datetime

    @classmethod
    def from_delivery(cls, delivery: "Delivery", *, now: datetime) -> Self | None:
        """The event in a delivery; None where it is about no repository. Raises DeliveryUnusable."""
        if delivery.repository_uuid is None:
            return None
        payload = delivery.decoded_payload()
        facts = _facts(payload, uuid=delivery.repository_uuid, workspace_uuid=delivery.workspace_uuid)
        # Their clock may be ahead of ours; a time to come would shut out every event until then.
        sent_at = delivery.received_at if delivery.event_time is None else delivery.event_time + _REST_OF_SECOND
        return cls(facts, as_of=min(sent_at, delivery.received_at), now=now)


Handler = Callable[["Session", "Installation", Event], str | None]
"""Applies an event. Returns None, or why there was nothing to apply."""


def apply(session: "Session", installation: "Installation", delivery: "Delivery", *, now: datetime) -> str | None:
    """Apply one delivery to the installation's rows, within the caller's transaction.

    Returns None, or why it was ignored. Raises DeliveryUnusable where the payload is not what such an event has.
    """
    route = ROUTER.route(delivery.event_key)
    if route.handler is None:
        return route.reason
    event = Event.from_delivery(delivery, now=now)
    if event is None:
        return NO_REPOSITORY
    return _handle(session, installation, event, route.handler)


def _handle(session: "Session", installation: "Installation", event: Event, handler: Handler) -> str | None:
    """Hand the event on if its repository is the installation's; let go of one that has moved to another workspace."""
    workspace_uuid = event.facts.workspace_uuid
    if workspace_uuid == installation.principal_uuid:
        return handler(session, installation, event)
    if repositories.find_any(session, installation, event.facts.uuid) is None:
        return FOREIGN
    return (_let_go if workspace_uuid is not None else handler)(session, installation, event)


def _take_facts(session: "Session", installation: "Installation", event: Event) -> str | None:
    row, _ = repositories.record(session, installation, event.facts, as_of=event.as_of, now=event.now)
    return OUTDATED if event.as_of < row.facts_at else None


def _note_activity(session: "Session", installation: "Installation", event: Event) -> str | None:
    row, has_moved = repositories.record(session, installation, event.facts, as_of=event.as_of, now=event.now)
    if row.state is RepositoryState.GONE:
        return OUTDATED
    if not has_moved:
        repositories.touch(row, now=event.now)
    return None


def _let_go(session: "Session", installation: "Installation", event: Event) -> str | None:
    is_gone = repositories.let_go(session, installation, event.facts, as_of=event.as_of, now=event.now)
    return None if is_gone else OUTDATED


ROUTER: Final[EventRouter[Handler]] = EventRouter(
    {
        "repo:created": _take_facts,
        "repo:imported": _take_facts,
        "repo:updated": _take_facts,
        "repo:transfer": _take_facts,
        "repo:deleted": _let_go,
        "repo:push": _note_activity,
        "repo:fork": _note_activity,
        "repo:branch_created": _note_activity,
        "repo:branch_deleted": _note_activity,
        "repo:commit_comment_created": _note_activity,
        "repo:commit_status_created": _note_activity,
        "repo:commit_status_updated": _note_activity,
        "pullrequest:approved": _note_activity,
        "pullrequest:changes_request_created": _note_activity,
        "pullrequest:changes_request_removed": _note_activity,
        "pullrequest:comment_created": _note_activity,
        "pullrequest:comment_deleted": _note_activity,
        "pullrequest:comment_reopened": _note_activity,
        "pullrequest:comment_resolved": _note_activity,
        "pullrequest:comment_updated": _note_activity,
        "pullrequest:created": _note_activity,
        "pullrequest:fulfilled": _note_activity,
        "pullrequest:push": _note_activity,
        "pullrequest:rejected": _note_activity,
        "pullrequest:superseded": _note_activity,
        "pullrequest:unapproved": _note_activity,
        "pullrequest:updated": _note_activity,
        # The issue tracker ended in August 2026; projects and pipelines are not shown anywhere.
        "issue:comment_created": None,
        "issue:created": None,
        "issue:updated": None,
        "pipeline:span_created": None,
        "project:updated": None,
    }
)


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
