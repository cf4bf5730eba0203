"""Proving an installation in quarantine: that Bitbucket takes its secret, and that it is whom it claims to be.

The secret that was offered is swapped for a bearer token, and the principal is read with it. Only the configured hosts are
called; a workspace or user whose UUID is the principal's makes the installation active.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket.errors import BitbucketError, ForeignObject, Unauthorized
from bitbucket.users import user
from bitbucket.workspaces import workspace
from connect.lifecycle import InstallationState, PrincipalKind
from models import audit, backfills, installations, proofs
from models.errors import LeaseLost, SealBroken
from sync.retry import retry_at

if TYPE_CHECKING:
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

PROVED: Final = "lifecycle.proved"
PRINCIPAL_MISMATCH: Final = "lifecycle.principal_mismatch"
SECRET_UNREADABLE: Final = "lifecycle.secret_unreadable"  # noqa: S105 -- a reason code

REFUSALS_BEFORE_GIVING_UP: Final = 3
"""A secret may be refused while the install is still on its way over there, so the first 401 is not the last word."""

_LEASE_MARGIN: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _NotProved:
    """Why an installation stays in quarantine, and when to try again; None: not until it is installed anew."""

    reason: str
    message: str
    retry_at: datetime | None


def prove_installation(services: "Services", installation_id: int, *, deadline_seconds: float | None = None) -> bool:
    """Try to prove an installation in quarantine. Returns whether it is active afterwards. Raises nothing for what Bitbucket says.

    All calls together take at most `deadline_seconds`, by default what the settings allow a worker's call.
    """
    seconds = services.settings.api_timeout_seconds if deadline_seconds is None else deadline_seconds
    with services.sessions.begin() as session:
        lease = timedelta(seconds=seconds) + _LEASE_MARGIN
        claimed = proofs.claim(session, installation_id, now=services.now(), lease=lease)
    if claimed is not None:
        try:
            _settle(services, claimed, _outcome(services, claimed, seconds))
        except LeaseLost:
            log.info("installation.proof_overtaken", installation=installation_id)
    return _is_active(services, installation_id)


def _outcome(services: "Services", claimed: "Installation", seconds: float) -> _NotProved | None:
    """None for a proof; otherwise what stands in its way."""
    try:
        secret = installations.secret_of(claimed, services.secret_box)
        _check_principal(services, claimed, secret, seconds)
    except SealBroken as error:
        return _NotProved(SECRET_UNREADABLE, str(error), retry_at=None)
    except ForeignObject as error:
        return _NotProved(PRINCIPAL_MISMATCH, str(error), retry_at=None)
    except BitbucketError as error:
        return _NotProved(error.reason, str(error), retry_at=_next_try(services, claimed, error))
    return None


def _check_principal(services: "Services", claimed: "Installation", secret: str, seconds: float) -> None:
    client = services.client(claimed.client_key, secret, deadline=services.deadline(seconds))
    read = workspace if claimed.principal_kind is PrincipalKind.WORKSPACE else user
    # An answer about another one is refused below; here it is one that names nobody, and so proves nothing.
    if read(client, claimed.principal_uuid).uuid is None:
        raise ForeignObject("The answer does not say whom it is about.")


def _next_try(services: "Services", claimed: "Installation", error: BitbucketError) -> datetime | None:
    patience = REFUSALS_BEFORE_GIVING_UP if isinstance(error, Unauthorized) else 0
    if error.permanent and claimed.proof_attempts >= patience:
        return None
    backed_off = retry_at(services.now(), attempts=claimed.proof_attempts)
    return backed_off if error.retry_at is None else max(error.retry_at, backed_off)


def _settle(services: "Services", claimed: "Installation", failure: _NotProved | None) -> None:
    now = services.now()
    reason = PROVED if failure is None else failure.reason
    with services.sessions.begin() as session:
        if failure is None:
            proofs.succeed(session, claimed, now=now)
            backfills.begin(session, claimed, now=now)
        else:
            proofs.fail(session, claimed, error=failure.message, retry_at=failure.retry_at)
        if failure is None or failure.retry_at is None:
            action = "proved" if failure is None else "proof_refused"
            entry = audit.Entry(claimed.client_key, action, reason, claimed.id, claimed.actor_uuid)
            audit.add(session, entry, now=now)
    if failure is None:
        log.info("installation.proved", installation=claimed.id)
        services.wake.backfill(claimed.id)
    else:
        log.warning("installation.proof_failed", installation=claimed.id, reason=reason, final=failure.retry_at is None)


def _is_active(services: "Services", installation_id: int) -> bool:
    with services.readers() as session:
        row = installations.by_id(session, installation_id)
    return row is not None and row.state is InstallationState.ACTIVE
