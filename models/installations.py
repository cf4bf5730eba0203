"""Installations: the tenants. One row for each client key that was ever seen, and how it changes with the lifecycle calls.

A row is `pending` until its secret is proved, `active`, or `uninstalled`: then it is kept as a tombstone, because a
re-install is signed with the old secret. Secrets are stored sealed; `models.encryption` opens them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Index, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from connect.lifecycle import InstallationState, Installed, KnownInstallation, PrincipalKind
from models.base import (
    CLIENT_KEY_LENGTH,
    UUID_LENGTH,
    Base,
    Leased,
    OutsideText,
    UtcDateTime,
    choice,
    is_storable,
    row_id_column,
)
from models.dialects import changed_rows
from models.encryption import SecretBox

UNPROVEN_KEPT: Final = timedelta(days=7)
"""How long an installation that nobody proved is kept, so that a person can still see why."""


class Installation(Leased, Base):
    """One tenant. The lease columns belong to whoever proves or purges it; both never happen at once."""

    __tablename__ = "installations"

    id: Mapped[int] = row_id_column()
    client_key: Mapped[str] = mapped_column(String(CLIENT_KEY_LENGTH), unique=True)
    state: Mapped[InstallationState] = mapped_column(choice(InstallationState))

    principal_uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    principal_kind: Mapped[PrincipalKind] = mapped_column(choice(PrincipalKind))
    principal_name: Mapped[str | None] = mapped_column(OutsideText(255))
    principal_slug: Mapped[str | None] = mapped_column(OutsideText(255))
    actor_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))

    sealed_secret: Mapped[str] = mapped_column(String(1024))
    sealed_previous_secret: Mapped[str | None] = mapped_column(String(1024))
    lifecycle_at: Mapped[int | None] = mapped_column(BigInteger)
    """`iat` of the last accepted lifecycle call, epoch seconds: an older call changes nothing."""

    descriptor_version: Mapped[str | None] = mapped_column(String(64))
    installed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof_attempts: Mapped[int] = mapped_column(default=0)
    proof_error: Mapped[str | None] = mapped_column(OutsideText(500))
    credentials_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uninstalled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purge_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    served_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When a worker last began one of its deliveries: whoever waited longest is next."""

    __table_args__ = (
        Index(None, "next_attempt_at"),
        Index(None, "purge_after"),
    )

    @property
    def is_active(self) -> bool:
        """Whether this tenant may be served."""
        return self.state is InstallationState.ACTIVE


@dataclass(frozen=True, slots=True)
class Offer:
    """An `installed` call that was decided on: the event, the secret to use from now on, and when the call was signed."""

    event: Installed
    secret: str = field(repr=False)
    issued_at: int | None = None
    descriptor_version: str | None = None


def by_client_key(session: Session, client_key: str) -> Installation | None:
    """The installation of a client key, in whatever state."""
    if not is_storable(client_key, length=CLIENT_KEY_LENGTH):
        return None
    return session.scalar(select(Installation).where(Installation.client_key == client_key))


def by_id(session: Session, installation_id: int) -> Installation | None:
    """The installation with this row id, in whatever state."""
    return session.get(Installation, installation_id)


def every(session: Session) -> Sequence[Installation]:
    """All installations, oldest first. For the operator's commands only: nothing that serves a tenant may call it."""
    return session.scalars(select(Installation).order_by(Installation.id)).all()


def count_by_state(session: Session) -> dict[InstallationState, int]:
    """How many installations are in each state."""
    rows = session.execute(select(Installation.state, func.count()).group_by(Installation.state)).all()
    return dict.fromkeys(InstallationState, 0) | dict(rows)


def lock(session: Session, client_key: str) -> Installation | None:
    """The installation of a client key, or None, with every other lifecycle call for that key held off until the commit.

    The decision about a call is taken between this and `accept` or its siblings, all in one writing transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        # A first install has no row to lock, so the key itself is locked. On SQLite the writing transaction is alone anyway.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(client_key, 0))))
    return session.scalar(
        select(Installation)
        .where(Installation.client_key == client_key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def shared(session: Session, installation_id: int) -> Installation | None:
    """The installation with this row id, with lifecycle calls for it held off until the commit: what is written now is still its."""
    row = select(Installation).where(Installation.id == installation_id).with_for_update(read=True)
    return session.scalar(row.execution_options(populate_existing=True))


def secret_of(installation: Installation, box: SecretBox) -> str:
    """The installation's current secret. Raises SealBroken."""
    return box.open(installation.sealed_secret, context=installation.client_key)


def known(installation: Installation, box: SecretBox) -> KnownInstallation:
    """What the protocol's decisions need to know of an installation. Raises SealBroken."""
    previous = installation.sealed_previous_secret
    return KnownInstallation(
        client_key=installation.client_key,
        state=installation.state,
        secret=secret_of(installation, box),
        previous_secret=None if previous is None else box.open(previous, context=installation.client_key),
        principal_uuid=installation.principal_uuid,
        lifecycle_at=installation.lifecycle_at,
    )


def accept(
    session: Session, offer: Offer, *, installation: Installation | None, box: SecretBox, now: datetime
) -> Installation:
    """Make the installation active with the offered secret. `installation` is what `lock` returned in this transaction."""
    kept = (
        None if installation is None or installation.state is InstallationState.PENDING else installation.sealed_secret
    )
    row = _write(session, offer, installation=installation, box=box, now=now)
    row.state = InstallationState.ACTIVE
    # What an unproved row offered was perhaps an attacker's: it must not live on as the previous secret.
    row.sealed_previous_secret = kept
    row.proven_at = now
    session.flush()
    return row


def quarantine(
    session: Session, offer: Offer, *, installation: Installation | None, box: SecretBox, now: datetime
) -> Installation:
    """Keep the offered secret unproved, and make its proof due. Replaces an older offer that was not proved either."""
    row = _write(session, offer, installation=installation, box=box, now=now)
    row.state = InstallationState.PENDING
    row.sealed_previous_secret = None
    row.proven_at = None
    row.next_attempt_at = now
    row.purge_after = now + UNPROVEN_KEPT
    session.flush()
    return row


def _write(
    session: Session, offer: Offer, *, installation: Installation | None, box: SecretBox, now: datetime
) -> Installation:
    principal, client_key = offer.event.principal, offer.event.client_key
    row = installation or Installation(client_key=client_key, served_at=now)
    row.principal_uuid, row.principal_kind = principal.uuid, principal.kind
    row.principal_name, row.principal_slug = principal.display_name, principal.slug
    row.actor_uuid = offer.event.actor_uuid
    row.sealed_secret = box.seal(offer.secret, context=client_key)
    row.lifecycle_at = offer.issued_at
    row.descriptor_version = offer.descriptor_version
    row.installed_at = now
    row.proof_attempts = 0
    row.proof_error = row.credentials_refused_at = None
    row.uninstalled_at = row.purge_after = row.purged_at = None
    end_lease(row)
    session.add(row)
    return row


def end_lease(row: Leased) -> None:
    """Take a row's work away from whoever does it: what they still write is refused."""
    row.next_attempt_at = row.lease_owner = row.lease_until = None


def mark_uninstalled(installation: Installation, *, issued_at: int | None, now: datetime, retention: timedelta) -> None:
    """Turn the installation into a tombstone: no more reads or work; its data is due to be purged after the retention."""
    installation.state = InstallationState.UNINSTALLED
    installation.lifecycle_at = issued_at
    installation.uninstalled_at = now
    installation.purge_after = now + retention
    installation.purged_at = None
    end_lease(installation)


def mark_credentials_refused(session: Session, installation: Installation, *, now: datetime) -> None:
    """Remember that Bitbucket no longer takes this installation's secret, unless a newer secret has come since."""
    same = (Installation.id == installation.id) & (Installation.sealed_secret == installation.sealed_secret)
    changed_rows(session, update(Installation).where(same).values(credentials_refused_at=now))


def mark_descriptor(session: Session, installation: Installation, *, version: str) -> None:
    """Remember which version of the descriptor Bitbucket has for this installation."""
    row = update(Installation).where(Installation.id == installation.id)
    changed_rows(session, row.values(descriptor_version=version))
