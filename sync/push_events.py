"""What pushes, branches that come and go, and build reports do to our rows."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bitbucket.resources import Branch, BuildStatus, Commit, Link, Links, Resource, User
from insights.facts.pull_requests import BuildState
from models.history import commits, deployments
from models.history.columns import HASH_LENGTH
from models.history.follow_ups import FollowUpKind
from models.history.refs import RefKind
from sync.event import Event
from sync.history.accounts import account_of
from sync.history.builds import record_build_statuses
from sync.history.commits import record_commits
from sync.history.projection import Projection
from sync.history.refs import Move, record_moves, tip_of


class Change(Resource, frozen=True, kw_only=True):
    """One ref of a push, before and after."""

    old: Branch | None = None
    new: Branch | None = None
    commits: tuple[Commit, ...] | None = None
    forced: bool | None = None


class Push(Resource, frozen=True, kw_only=True):
    """The refs that were pushed; there may be none."""

    changes: tuple[Change, ...] | None = None


class PushPayload(Resource, frozen=True, kw_only=True):
    """The members of repo:push that are read here."""

    push: Push | None = None
    actor: User | None = None


class BranchPayload(Resource, frozen=True, kw_only=True):
    """The members of repo:branch_created and repo:branch_deleted that are read here."""

    branch: Branch | None = None
    actor: User | None = None


class StatusLinks(Links, frozen=True, kw_only=True):
    """Links of a status. In older bodies only they say of which commit it is."""

    commit: Link | None = None


class ReportedStatus(BuildStatus, frozen=True, kw_only=True):
    """A build status as an event tells it."""

    links: StatusLinks | None = None

    @property
    def commit_hash(self) -> str | None:
        """The commit; None where not even a link names it."""
        if self.commit is not None:
            return self.commit.hash
        link = self.links.commit if self.links is not None else None
        return urlsplit(link.href).path.rpartition("/")[2] if link is not None else None


class StatusPayload(Resource, frozen=True, kw_only=True):
    """The member of repo:commit_status_… that is read here."""

    commit_status: ReportedStatus | None = None


def pushed(projection: Projection, event: Event) -> None:
    """Refs have moved, and brought commits."""
    payload = event.read(PushPayload)
    changes = payload.push.changes if payload.push is not None and payload.push.changes is not None else ()
    record_commits(projection, [one for change in changes for one in _commits(change)], as_of=event.as_of)
    moves = [move for change in changes if (move := _move(change)) is not None]
    record_moves(projection, moves, actor=account_of(payload.actor), as_of=event.as_of)
    for change in changes:
        _complete(projection, change)


def branch_created(projection: Projection, event: Event) -> None:
    """A branch was made: repo:push tells the same."""
    payload = event.read(BranchPayload)
    if payload.branch is not None:
        _record_change(projection, event, Change(new=payload.branch), payload.actor)


def branch_deleted(projection: Projection, event: Event) -> None:
    """A branch was deleted: repo:push tells the same."""
    payload = event.read(BranchPayload)
    if payload.branch is not None:
        _record_change(projection, event, Change(old=payload.branch), payload.actor)


def build_reported(projection: Projection, event: Event) -> None:
    """A build has said something of a commit."""
    status = event.read(StatusPayload).commit_status
    if status is None:
        return
    record_build_statuses(projection, [status], commit=status.commit_hash, as_of=event.as_of)
    # No event tells of deployments; where there are any, a build that passed may have made one.
    if status.state == BuildState.SUCCESSFUL and deployments.any_known(projection.session, projection.repository):
        projection.ask(FollowUpKind.DEPLOYMENTS, "")


def _record_change(projection: Projection, event: Event, change: Change, actor: User | None) -> None:
    record_commits(projection, _commits(change), as_of=event.as_of)
    move = _move(change)
    if move is not None:
        record_moves(projection, [move], actor=account_of(actor), as_of=event.as_of)


def _commits(change: Change) -> Iterator[Commit]:
    """Every commit that a change tells of."""
    yield from change.commits or ()
    for side in (change.old, change.new):
        if side is not None and side.target is not None:
            yield side.target


def _move(change: Change) -> Move | None:
    """The move; None for one from nowhere to nowhere, or to where it does not say."""
    side = change.new or change.old
    if side is None:
        return None
    new = tip_of(change.new) if change.new is not None else None
    if change.new is not None and new is None:
        return None
    return Move(
        kind=RefKind.TAG if side.type == "tag" else RefKind.BRANCH,
        name=side.name,
        old=_hash(change.old),
        new=new,
        is_forced=bool(change.forced),
    )


def _complete(projection: Projection, change: Change) -> None:
    """Ask for the commits between those that a change lists and those that we hold.

    At most five are listed, and of a merge none; `truncated` says so also where we hold all of them.
    """
    new, old = _hash(change.new), _hash(change.old)
    if new is None or (change.new is not None and change.new.type == "tag"):
        return
    parents = {parent.hash for one in _commits(change) for parent in one.parents or ()}
    held = commits.held(projection.session, projection.repository, parents)
    if parents - held.keys() - {old}:
        projection.ask(FollowUpKind.PUSHED_COMMITS, f"{old or ''}..{new}")


def _hash(side: Branch | None) -> str | None:
    return None if side is None or side.target is None else side.target.hash[:HASH_LENGTH]
