"""People: every account of an installation that something was told of, once. Everything else refers to a row of this table.

Shared by all repositories of the installation, whose writers do not wait for each other: the database itself decides which
of two tellings is the newer one. Authors whom git alone knows are people too, as `email:someone@example.com`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, and_, case, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.accounts import AccountFacts, AccountKind
from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import insert_into
from models.history.columns import EMAIL_IDENTITY_LENGTH
from models.history.rows import read
from models.installations import Installation
from models.repositories import Repository


class Person(Base):
    """One account, or one author whom git alone knows."""

    __tablename__ = "people"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    uuid: Mapped[str] = mapped_column(OutsideText(EMAIL_IDENTITY_LENGTH))
    """Canonical, or `email:…`."""
    account_id: Mapped[str | None] = mapped_column(OutsideText(128))
    display_name: Mapped[str | None] = mapped_column(OutsideText(255))
    nickname: Mapped[str | None] = mapped_column(OutsideText(255))
    avatar_url: Mapped[str | None] = mapped_column(OutsideText(1024))
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When this was true: an older telling changes nothing."""

    __table_args__ = (UniqueConstraint("installation_id", "uuid"),)


class Account(Struct, frozen=True, kw_only=True):
    """What is told of a person. None is not told, and overwrites nothing."""

    uuid: str
    account_id: str | None = None
    display_name: str | None = None
    nickname: str | None = None
    avatar_url: str | None = None
    kind: AccountKind = AccountKind.USER

    def rank(self) -> tuple[str, str]:
        """Which of two tellings of one moment counts: any rule does that is the same in every order."""
        return (self.display_name or "", self.nickname or "")


_TOLD = ("account_id", "display_name", "nickname", "avatar_url")


def record(
    session: Session, repository: Repository, accounts: Iterable[Account], *, as_of: datetime
) -> Mapping[str, int]:
    """Keep what was true of some accounts at a moment. Returns their row ids by uuid."""
    told: dict[str, Account] = {}
    for account in accounts:
        known = told.get(account.uuid)
        if known is None or account.rank() > known.rank():
            told[account.uuid] = account
    if not told:
        return {}
    # In one order, so that two workers who tell of the same people wait for each other, and not in a circle.
    rows = [
        {**asdict(told[uuid]), "installation_id": repository.installation_id, "seen_at": as_of} for uuid in sorted(told)
    ]
    insert = insert_into(session, Person)
    values = _newer(insert.excluded)
    session.execute(insert.on_conflict_do_update(index_elements=["installation_id", "uuid"], set_=values), rows)
    return ids(session, repository, told)


def ids(session: Session, repository: Repository, uuids: Collection[str]) -> Mapping[str, int]:
    """The row ids of those of some accounts that are known, by uuid."""
    people = select(Person.uuid, Person.id).where(
        Person.installation_id == repository.installation_id, Person.uuid.in_(sorted(uuids))
    )
    return dict(session.execute(people).all())


def uuids(session: Session, repository: Repository, person_ids: Collection[int]) -> Mapping[int, str]:
    """The uuids of some people, by row id."""
    people = select(Person.id, Person.uuid).where(
        Person.installation_id == repository.installation_id, Person.id.in_(sorted(person_ids))
    )
    return dict(session.execute(people).all())


def facts(session: Session, repository: Repository) -> tuple[AccountFacts, ...]:
    """Every person of the installation, for a directory: some of them are bots."""
    return _facts(session, _of(repository))


def some_facts(session: Session, repository: Repository, uuids: Collection[str]) -> tuple[AccountFacts, ...]:
    """Some people of the installation, for a directory of those that are mentioned somewhere."""
    return _facts(session, _of(repository).where(Person.uuid.in_(sorted(uuids))))


def newer_facts(session: Session, repository: Repository, *, after: int) -> tuple[int, tuple[AccountFacts, ...]]:
    """The people who were met after a row: the last row now, and who was met since, for a directory that is kept."""
    last = session.scalar(select(func.max(Person.id)).where(Person.installation_id == repository.installation_id)) or 0
    return last, _facts(session, _of(repository).where(Person.id > after)) if last > after else ()


def named(session: Session, repository: Repository, uuids: Collection[str]) -> Mapping[str, Account]:
    """What is known of some people, for showing them."""
    columns = [Person.__table__.c[name] for name in ("uuid", *_TOLD, "kind")]
    people = select(*columns).where(
        Person.installation_id == repository.installation_id, Person.uuid.in_(sorted(uuids))
    )
    return {row.uuid: row for row in read(session, Account, people)}


def of_installation(session: Session, installation: Installation, *, at_most: int) -> tuple[Account, ...]:
    """Accounts of a workspace, those that were seen last first; authors whom git alone knows are left out."""
    columns = [Person.__table__.c[name] for name in ("uuid", *_TOLD, "kind")]
    accounts = select(*columns).where(Person.installation_id == installation.id, Person.uuid.startswith("{"))
    return tuple(read(session, Account, accounts.order_by(Person.seen_at.desc(), Person.id).limit(at_most)))


def _of(repository: Repository) -> Select[*tuple[Any, ...]]:
    return select(Person.uuid, Person.nickname, Person.display_name, Person.kind).where(
        Person.installation_id == repository.installation_id
    )


def _facts(session: Session, people: Select[*tuple[Any, ...]]) -> tuple[AccountFacts, ...]:
    return tuple(
        AccountFacts(uuid=uuid, nickname=nickname or "", display_name=display_name or "", kind=kind)
        for uuid, nickname, display_name, kind in session.execute(people)
    )


def _newer(told: Any) -> Mapping[str, ColumnElement[Any]]:  # noqa: ANN401 -- SQLAlchemy's own type of `excluded` is private
    """Each column's value after a conflict: of the newer telling, and of the other where that one does not say."""
    held = Person.__table__.c
    is_newer = or_(
        told.seen_at > held.seen_at,
        and_(told.seen_at == held.seen_at, _rank(told.display_name) > _rank(held.display_name)),
        and_(
            told.seen_at == held.seen_at,
            _rank(told.display_name) == _rank(held.display_name),
            _rank(told.nickname) > _rank(held.nickname),
        ),
    )
    values: dict[str, ColumnElement[Any]] = {
        name: case((is_newer, func.coalesce(told[name], held[name])), else_=func.coalesce(held[name], told[name]))
        for name in _TOLD
    }
    for name in ("kind", "seen_at"):
        values[name] = case((is_newer, told[name]), else_=held[name])
    return values


def _rank(name: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(name, "")
