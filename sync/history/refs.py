"""Recording branches and tags: pushes, one ref at a time, and complete listings.

Pushes are told to the second and in any order. The later second counts; within one, the push that ends where no other begins.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bitbucket.resources import Branch
from models import reconciles
from models.history import commits, pull_requests, ref_moves, refs
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, kept
from models.history.follow_ups import FollowUpKind
from models.history.people import Account
from models.history.ref_moves import RefMoveRow
from models.history.refs import RefKind, RefRow
from sync.history.accounts import account_of_author
from sync.history.commits import record_commits
from sync.history.moments import in_utc
from sync.history.projection import Projection


class Tip(Struct, frozen=True, kw_only=True):
    """Where a ref points: the commit, who made it (of an annotated tag, who tagged), and when."""

    hash: str
    author: Account | None = None
    at: datetime | None = None


class Move(Struct, frozen=True, kw_only=True):
    """One ref that was pushed. `old` is None for a new one, `new` for one that was deleted."""

    kind: RefKind
    name: str
    old: str | None
    new: Tip | None
    is_forced: bool = False


def subject_of(row: RefRow) -> str:
    """A ref as the subject of a follow-up."""
    return f"{row.kind}:{row.name}"


def tip_of(told: Branch) -> Tip | None:
    """Where a branch or tag points; None where it does not say."""
    if told.target is None:
        return None
    is_annotated = told.tagger is not None and told.date is not None
    author, at = (told.tagger, told.date) if is_annotated else (told.target.author, told.target.date)
    return Tip(
        hash=kept(told.target.hash, length=HASH_LENGTH),
        author=account_of_author(author),
        at=None if at is None else in_utc(at),
    )


def record_moves(projection: Projection, told: Sequence[Move], *, actor: Account | None, as_of: datetime) -> None:
    """Record a push, told at `as_of`. The commits that it tells of have been recorded before."""
    ids = projection.people([actor, *(move.new.author for move in told if move.new is not None)], as_of=as_of)
    actor_id = ids[actor.uuid] if actor else None
    rows = [_move_row(projection, move, actor_id=actor_id, as_of=as_of) for move in told]
    ref_moves.store(projection.session, rows)
    for kind in RefKind:
        moves = [move for move in told if move.kind is kind]
        held = refs.held(projection.session, projection.repository, kind, [move.name for move in moves])
        moved = _moved(projection, held, moves, ids=ids, as_of=as_of)
        _store(projection, held, moved)
        new = [row for name, row in moved.items() if name not in held and row.tip is not None]
        _doubt(projection, new, as_of=as_of)
    for move in told:
        if move.is_forced and move.kind is RefKind.BRANCH:
            # Their pushes may have been told already, as ordinary ones.
            rewritten = pull_requests.from_branch(projection.session, projection.repository, move.name)
            projection.told_pull_requests |= {row.number for row in rewritten}


def _doubt(projection: Projection, rows: Sequence[RefRow], *, as_of: datetime) -> None:
    """Ask for refs of which we first hear after a comparison could have shown them: they may be gone, and no word of that come."""
    looked_at = reconciles.looked_at(projection.session, projection.repository) if rows else None
    if looked_at is not None and as_of <= looked_at:
        for row in rows:
            projection.ask(FollowUpKind.REF, subject_of(row))


def _moved(
    projection: Projection,
    held: Mapping[str, RefRow],
    moves: Iterable[Move],
    *,
    ids: Mapping[str, int],
    as_of: datetime,
) -> Mapping[str, RefRow]:
    rows = dict(held)
    for move in moves:
        told = _row(projection, move.kind, move.name, as_of=as_of, tip=move.new, ids=ids)
        row = _newer(projection, rows.get(told.name), told)
        if move.old is None:
            row = replace(row, first_seen_at=max(as_of, row.first_seen_at or as_of))
        rows[told.name] = row
    return rows


def _newer(projection: Projection, held: RefRow | None, told: RefRow) -> RefRow:
    if held is None:
        return told
    if told.as_of != held.as_of:
        return replace(told, first_seen_at=held.first_seen_at) if told.as_of > held.as_of else held
    moves = ref_moves.at(projection.session, projection.repository, told.kind, told.name, told.as_of)
    tip = last_of(moves)
    if tip in {held.tip or "", told.tip or ""}:
        return held if tip == (held.tip or "") else replace(told, first_seen_at=held.first_seen_at)
    commit = commits.held(projection.session, projection.repository, {tip}).get(tip)
    return replace(
        held,
        tip=tip or None,
        tip_author_id=commit.author_id if commit else None,
        tip_at=commit.committed_at if commit else None,
    )


def last_of(moves: Sequence[RefMoveRow]) -> str:
    """Where a ref ended up that moved several times at once. Pure. In a circle nobody knows; then the same in every order."""
    begins = {move.old for move in moves if move.old != move.new}
    ends = {move.new for move in moves}
    return max(ends - begins or ends)


def record_listing(
    projection: Projection, kind: RefKind, told: Iterable[Branch], *, observed_at: datetime, is_complete: bool
) -> None:
    """Record branches or tags as the API lists them, and their commits; of a complete list, what is missing was deleted."""
    listed = [(kept(one.name, length=BRANCH_LENGTH), one, tip) for one in told if (tip := tip_of(one)) is not None]
    record_commits(projection, [one.target for _, one, _ in listed if one.target is not None], as_of=observed_at)
    ids = projection.people((tip.author for _, _, tip in listed), as_of=observed_at)
    held = {row.name: row for row in refs.existing(projection.session, projection.repository, kind)}
    held |= refs.held(projection.session, projection.repository, kind, [name for name, _, _ in listed])
    tips: dict[str, Tip | None] = dict.fromkeys(held if is_complete else ())
    tips |= {name: tip for name, _, tip in listed}
    rows = dict(held)
    for name, tip in tips.items():
        known = rows.get(name)
        if known is None or known.as_of < observed_at:
            row = _row(projection, kind, name, as_of=observed_at, tip=tip, ids=ids)
            rows[name] = replace(row, first_seen_at=known.first_seen_at if known else None)
    _store(projection, held, rows)


def unlisted(projection: Projection, *, since: datetime) -> list[RefRow]:
    """Branches and tags that no listing has shown since a moment, nor a push told of: after a whole listing, they are gone."""
    existing = [one for kind in RefKind for one in refs.existing(projection.session, projection.repository, kind)]
    return [one for one in existing if one.as_of < since]


def record_gone(projection: Projection, kind: RefKind, names: Collection[str], *, observed_at: datetime) -> int:
    """Record that branches or tags are not there. Returns how many were, as far as we knew."""
    held = refs.held(projection.session, projection.repository, kind, names)
    gone = {
        name: replace(row, tip=None, tip_author_id=None, tip_at=None, as_of=observed_at)
        for name, row in held.items()
        if row.tip is not None and row.as_of < observed_at
    }
    _store(projection, held, gone)
    return len(gone)


def _row(  # noqa: PLR0913 - a ref, and where it points
    projection: Projection,
    kind: RefKind,
    name: str,
    *,
    as_of: datetime,
    tip: Tip | None,
    ids: Mapping[str, int],
) -> RefRow:
    return RefRow(
        repository_id=projection.repository.id,
        kind=kind,
        name=kept(name, length=BRANCH_LENGTH),
        tip=tip.hash if tip else None,
        tip_author_id=ids[tip.author.uuid] if tip and tip.author else None,
        tip_at=tip.at if tip else None,
        as_of=as_of,
    )


def _move_row(projection: Projection, move: Move, *, actor_id: int | None, as_of: datetime) -> RefMoveRow:
    return RefMoveRow(
        repository_id=projection.repository.id,
        kind=move.kind,
        name=kept(move.name, length=BRANCH_LENGTH),
        at=as_of,
        old=kept(move.old or "", length=HASH_LENGTH),
        new=move.new.hash if move.new else "",
        is_forced=move.is_forced,
        actor_id=actor_id,
    )


def _store(projection: Projection, held: Mapping[str, RefRow], rows: Mapping[str, RefRow]) -> None:
    new = [row for name, row in rows.items() if row != held.get(name)]
    refs.store(projection.session, new)
    if any(name not in held or replace(row, as_of=held[name].as_of) != held[name] for name, row in rows.items()):
        projection.note_change()
