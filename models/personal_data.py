"""What is held about one person, in all installations, and erasing it.

Names, pictures and account ids stand in one table, `people`; everything else refers to its rows. Erasing gives the row an id
that nobody has and takes its names away, so that counts and durations stay true and belong to nobody. What repeats an
account's UUID beside that table is named here, and a test holds the list to what is written.

Whoever goes on working in Bitbucket is told of again with their next action: that is a new record of a new action.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Column, func, or_, select, union, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import repositories, workspace_settings
from models.audit import LifecycleAudit
from models.base import Base, UtcDateTime
from models.collecting import CollectingStop
from models.deletions import Deletion
from models.dialects import changed_rows
from models.history.columns import PERSON
from models.history.events import PullRequestEvent
from models.history.measurements import MeasuredPullRequest
from models.history.people import Person
from models.history.sightings import Sighting
from models.inbox import Delivery
from models.installations import Installation
from models.repositories import Repository
from models.setup_audit import SetupAudit
from models.workspace_settings import SettingsOfWorkspace

# Columns that say which account did something to the installation, each with the column of the installation that it is about.
ACTOR_COLUMNS: Final[tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...]] = (
    (Installation.actor_uuid, Installation.id),
    (LifecycleAudit.actor_uuid, LifecycleAudit.installation_id),
    (SettingsOfWorkspace.changed_by_uuid, SettingsOfWorkspace.installation_id),
    (SetupAudit.actor_uuid, SetupAudit.installation_id),
    (CollectingStop.stopped_by_uuid, CollectingStop.installation_id),
    (Deletion.asked_by_uuid, Deletion.installation_id),
)

# Columns of texts that may name accounts, with the same.
TEXT_COLUMNS: Final[tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...]] = (
    (SettingsOfWorkspace.body, SettingsOfWorkspace.installation_id),
    (Delivery.payload, Delivery.installation_id),
    (SetupAudit.changes, SetupAudit.installation_id),
)

# Columns of the history that repeat UUIDs inside what they say: there the new id takes the place of the old one.
REPEATING_COLUMNS: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    PullRequestEvent.subject,
    Sighting.verdicts,
    MeasuredPullRequest.body,
)


class Holding(Struct, frozen=True, kw_only=True):
    """What one installation holds about a person. `mentions` counts the rows that refer to them, by `table.column`."""

    installation_id: int
    client_key: str
    workspace: str
    uuid: str
    account_id: str | None = None
    display_name: str | None = None
    nickname: str | None = None
    avatar_url: str | None = None
    seen_at: datetime | None = None
    mentions: Mapping[str, int]


def account_ids(session: Session) -> Sequence[tuple[str, datetime]]:
    """Every account id that is held in any installation, with the moment of the newest telling, in the order of the ids."""
    newest = func.max(Person.seen_at, type_=UtcDateTime())
    rows = select(Person.account_id, newest).where(Person.account_id.is_not(None)).group_by(Person.account_id)
    found = session.execute(rows.order_by(Person.account_id))
    return [(account_id, seen_at) for account_id, seen_at in found if account_id is not None]


def holdings(session: Session, account: str) -> tuple[Holding, ...]:
    """What is held about an account, given by canonical UUID, account id or e-mail address; one for each installation."""
    found = [_holding(session, installation, uuid) for installation, uuid in _places(session, account)]
    return tuple(one for one in found if one is not None)


def erase(session: Session, holding: Holding, *, now: datetime) -> None:
    """Erase what one installation holds about a person. Every repository that knew them moves on by one version."""
    installation = session.get_one(Installation, holding.installation_id)
    nobody = f"{{{uuid4()}}}"
    for repository_id in _repositories_mentioning(session, holding):
        repository = session.get_one(Repository, repository_id, with_for_update=True)
        repositories.touch(repository, now=now)
    session.flush()
    _forget_name(session, holding, nobody)
    _forget_acts(session, holding)
    for column in REPEATING_COLUMNS:
        _put_nobody(session, holding, column, nobody)
    _leave_settings(session, installation, holding.uuid, now=now)
    _leave_changes(session, holding, nobody)
    _clean_deliveries(session, holding)


def without(told: Any, ids: Collection[str]) -> Any:  # noqa: ANN401 -- any JSON
    """JSON without a person, known by these ids: each object that is theirs, or whose `user` they are, becomes null. Pure."""
    if isinstance(told, list):
        return [without(item, ids) for item in told]
    if not isinstance(told, dict):
        return told
    if _is_theirs(told, ids) or _is_theirs(told.get("user"), ids):
        return None
    return {name: without(value, ids) for name, value in told.items()}


def _is_theirs(told: object, ids: Collection[str]) -> bool:
    return isinstance(told, dict) and any(told.get(name) in ids for name in ("uuid", "account_id"))


def _places(session: Session, account: str) -> Sequence[tuple[Installation, str]]:
    """The installations that may hold something, each with the UUID that it knows the account by."""
    is_meant = or_(Person.uuid == account, Person.account_id == account, Person.uuid == f"email:{account.lower()}")
    people = session.execute(select(Person.installation_id, Person.uuid).where(is_meant))
    found: dict[int, str] = dict(people.all())
    mentioned = (
        *(select(owner).where(actor == account) for actor, owner in ACTOR_COLUMNS),
        *(select(owner).where(text.contains(account, autoescape=True)) for text, owner in TEXT_COLUMNS),
    )
    for rows in mentioned:
        for place in session.scalars(rows.where(rows.selected_columns[0].is_not(None)).distinct()):
            found.setdefault(place, account)
    return [(session.get_one(Installation, place), uuid) for place, uuid in sorted(found.items())]


def _holding(session: Session, installation: Installation, uuid: str) -> Holding | None:
    person = session.scalar(select(Person).where(Person.installation_id == installation.id, Person.uuid == uuid))
    mentions = {name: count for name, count in _mentions(session, installation, person, uuid) if count}
    if person is None and not mentions:
        return None
    blank = Holding(
        installation_id=installation.id,
        client_key=installation.client_key,
        workspace=installation.principal_name or installation.principal_uuid,
        uuid=uuid,
        mentions=mentions,
    )
    if person is None:
        return blank
    return replace(
        blank,
        account_id=person.account_id,
        display_name=person.display_name,
        nickname=person.nickname,
        avatar_url=person.avatar_url,
        seen_at=person.seen_at,
    )


def _mentions(
    session: Session, installation: Installation, person: Person | None, uuid: str
) -> Iterator[tuple[str, int]]:
    if person is not None:
        for column in _person_columns():
            yield str(column), session.scalar(select(func.count()).where(column == person.id)) or 0
    for actor, owner in ACTOR_COLUMNS:
        yield _name(actor), _count(session, owner == installation.id, actor == uuid)
    for text, owner in TEXT_COLUMNS:
        yield _name(text), _count(session, owner == installation.id, text.contains(uuid, autoescape=True))


def _name(column: InstrumentedAttribute[Any]) -> str:
    return f"{column.class_.__tablename__}.{column.key}"


def _count(session: Session, *conditions: Any) -> int:  # noqa: ANN401 -- conditions of any table
    return session.scalar(select(func.count()).where(*conditions)) or 0


def _person_columns() -> Iterator[Column[Any]]:
    """Every column that refers to a person, in the order of tables and columns."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.c if column.info == PERSON)


def _repositories_mentioning(session: Session, holding: Holding) -> Sequence[int]:
    """The repositories whose history refers to a person, in the order in which they may be locked."""
    person_id = select(Person.id).where(Person.installation_id == holding.installation_id, Person.uuid == holding.uuid)
    found = [
        select(column.table.c.repository_id).where(column == person_id.scalar_subquery())
        for column in _person_columns()
    ]
    return sorted(session.scalars(union(*found)))


def _forget_name(session: Session, holding: Holding, nobody: str) -> None:
    person = update(Person).where(Person.installation_id == holding.installation_id, Person.uuid == holding.uuid)
    nameless = dict.fromkeys(("account_id", "display_name", "nickname", "avatar_url"))
    changed_rows(session, person.values(uuid=nobody, **nameless))


def _forget_acts(session: Session, holding: Holding) -> None:
    for actor, owner in ACTOR_COLUMNS:
        # A trail may be left of an installation that is gone.
        ours = or_(owner == holding.installation_id, owner.is_(None))
        theirs = update(actor.class_).where(actor == holding.uuid, ours)
        changed_rows(session, theirs.values({actor: None}))


def _put_nobody(session: Session, holding: Holding, column: InstrumentedAttribute[Any], nobody: str) -> None:
    ours = select(Repository.id).where(Repository.installation_id == holding.installation_id)
    rows = update(column.class_).where(
        column.class_.repository_id.in_(ours), column.contains(holding.uuid, autoescape=True)
    )
    values: dict[Any, Any] = {column: func.replace(column, holding.uuid, nobody)}
    if column is MeasuredPullRequest.body:
        # What a process has kept of an older version is read again.
        values[MeasuredPullRequest.version] = (
            select(Repository.version).where(Repository.id == MeasuredPullRequest.repository_id).scalar_subquery()
        )
    changed_rows(session, rows.values(values))


def _leave_settings(session: Session, installation: Installation, uuid: str, *, now: datetime) -> None:
    settings = workspace_settings.read(session, installation).settings
    cleaned = replace(settings, bots=settings.bots - {uuid}, humans=settings.humans - {uuid})
    workspace_settings.write(session, installation, cleaned, by_uuid=None, now=now)


def _leave_changes(session: Session, holding: Holding, nobody: str) -> None:
    """Let the trail of the settings say that somebody was named a bot or a person, and not who."""
    rows = update(SetupAudit).where(
        SetupAudit.installation_id == holding.installation_id,
        SetupAudit.changes.contains(holding.uuid, autoescape=True),
    )
    changed_rows(session, rows.values(changes=func.replace(SetupAudit.changes, holding.uuid, nobody)))


def _clean_deliveries(session: Session, holding: Holding) -> None:
    ids = {name for name in (holding.uuid, holding.account_id) if name}
    rows = select(Delivery).where(
        Delivery.installation_id == holding.installation_id,
        or_(*(Delivery.payload.contains(name, autoescape=True) for name in sorted(ids))),
    )
    for delivery in session.scalars(rows.with_for_update()):
        cleaned = without(delivery.decoded_payload(), ids)
        delivery.payload = json.dumps(cleaned or {}, ensure_ascii=True, separators=(",", ":"))
    session.flush()
