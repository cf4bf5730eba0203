"""What each webhook event does to our rows. A body is fresh data and no authority: it cannot say whose repository is whose.

Events come late, twice and out of order. Facts are only ever replaced by those of a later event; an event that changes
anything moves its repository's version on by one. Nothing here calls anybody: what a body does not tell is marked to be
asked for.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from connect.webhooks import EventRouter
from models import collecting, repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.repositories import Repository, RepositoryState
from sync import pull_request_events, push_events
from sync.ending import end_work_on
from sync.event import FOREIGN, NO_REPOSITORY, OUTDATED, STOPPED, Event
from sync.history.follow_up_marks import DELAYS
from sync.history.projection import Projection
from sync.history.writing import writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.inbox import Delivery
    from models.installations import Installation

Handler = Callable[["Session", "Installation", Event], str | None]
"""Applies an event. Returns None, or why there was nothing to apply."""

Recorder = Callable[[Projection, Event], str | None]
"""Records what an event tells of a repository's history. Returns None, or why there was nothing to record."""


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
    if collecting.is_stopped(session, installation.id, None):
        return STOPPED
    row, _ = _hear(session, installation, event)
    return OUTDATED if event.as_of < row.facts_at else None


def _hear(session: "Session", installation: "Installation", event: Event) -> tuple[Repository, bool]:
    """Take over what a body may tell of its repository, and ask Bitbucket where it tells more. Returns as `repositories.record`.

    One that is met for the first time is called what the body calls it, until Bitbucket has said so.
    """
    is_known = repositories.find_any(session, installation, event.facts.uuid) is not None
    facts = event.facts.heard() if is_known else event.facts
    row, has_moved = repositories.record(session, installation, facts, as_of=event.as_of, now=event.now)
    if (
        row.state is RepositoryState.HELD and event.as_of >= row.facts_at and event.facts.differ_from(row)
    ) or not is_known:
        delay = DELAYS[FollowUpKind.REPOSITORY]
        follow_ups.mark(session, row, FollowUpKind.REPOSITORY, [""], now=event.now, delay=delay)
    return row, has_moved


def _let_go(session: "Session", installation: "Installation", event: Event) -> str | None:
    if collecting.is_stopped(session, installation.id, None):
        return STOPPED
    if not repositories.let_go(session, installation, event.facts, as_of=event.as_of, now=event.now):
        return OUTDATED
    gone = repositories.find_any(session, installation, event.facts.uuid)
    if gone is not None:
        end_work_on(session, gone, now=event.now)
    return None


def _record(recorder: Recorder) -> Handler:
    """Take over the facts of the repository, and then what the event tells of its history."""

    def handle(session: "Session", installation: "Installation", event: Event) -> str | None:
        if collecting.is_stopped(session, installation.id, event.facts.uuid):
            return STOPPED
        row, has_moved = _hear(session, installation, event)
        if row.state is RepositoryState.GONE:
            return OUTDATED
        with writing(session, row, now=event.now, has_moved=has_moved) as projection:
            return recorder(projection, event)

    return handle


ROUTER: Final[EventRouter[Handler]] = EventRouter(
    {
        "repo:created": _take_facts,
        "repo:imported": _take_facts,
        "repo:updated": _take_facts,
        "repo:transfer": _take_facts,
        "repo:deleted": _let_go,
        # Of forks and of comments on commits nothing is shown: they only tell how the repository is called now.
        "repo:fork": _take_facts,
        "repo:commit_comment_created": _take_facts,
        "repo:push": _record(push_events.pushed),
        "repo:branch_created": _record(push_events.branch_created),
        "repo:branch_deleted": _record(push_events.branch_deleted),
        "repo:commit_status_created": _record(push_events.build_reported),
        "repo:commit_status_updated": _record(push_events.build_reported),
        "pullrequest:approved": _record(pull_request_events.approved),
        "pullrequest:changes_request_created": _record(pull_request_events.changes_requested),
        "pullrequest:changes_request_removed": _record(pull_request_events.changes_request_removed),
        "pullrequest:comment_created": _record(pull_request_events.commented),
        "pullrequest:comment_deleted": _record(pull_request_events.comment_deleted),
        "pullrequest:comment_reopened": _record(pull_request_events.comment_reopened),
        "pullrequest:comment_resolved": _record(pull_request_events.comment_resolved),
        "pullrequest:comment_updated": _record(pull_request_events.commented),
        "pullrequest:created": _record(pull_request_events.created),
        "pullrequest:fulfilled": _record(pull_request_events.fulfilled),
        "pullrequest:push": _record(pull_request_events.pushed),
        "pullrequest:rejected": _record(pull_request_events.rejected),
        "pullrequest:superseded": _record(pull_request_events.superseded),
        "pullrequest:unapproved": _record(pull_request_events.unapproved),
        "pullrequest:updated": _record(pull_request_events.updated),
        # The issue tracker ended in August 2026; projects and pipelines are not shown anywhere.
        "issue:comment_created": None,
        "issue:created": None,
        "issue:updated": None,
        "pipeline:span_created": None,
        "project:updated": None,
    }
)
