"""Install and uninstall calls: read, decide (connect.lifecycle), store in one transaction with its audit row, answer.

A refusal is decided before anything is locked, so that a stranger's calls hold up nobody; what is to be written is decided
again under the lock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from flask import Blueprint, Response
from sqlalchemy.orm import Session

from connect.lifecycle import (
    Accept,
    Decision,
    Installed,
    Quarantine,
    Refuse,
    SignedCall,
    Uninstalled,
    decide_installed,
    decide_uninstalled,
)
from connect.strict_json import read_object
from models import audit, backfills, installations
from models.collisions import tried_again
from models.errors import SealBroken
from models.installations import Installation, Offer
from sync.ending import end_work_of
from sync.proof import prove_installation
from web import metrics, services
from web.authentication import signed_call
from web.descriptor import current_version
from web.errors import RequestRefused, Unavailable
from web.json_bodies import check_body, read_body
from web.request_context import request_id

log = structlog.get_logger()
blueprint = Blueprint("lifecycle", __name__)

INSTALLED: Final = "installed"
UNINSTALLED: Final = "uninstalled"

Event = Installed | Uninstalled
Decide = Callable[[Installation | None], Decision]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided, and the row that it was about."""

    decision: Decision
    installation: Installation | None


@blueprint.post("/connect/installed", strict_slashes=False)
def installed() -> tuple[Response, int]:
    """Take in a first install, a re-install or an update."""
    check_body()
    settings = services.current().settings
    call = signed_call()
    event = Installed.from_payload(
        read_object(read_body()), app_key=settings.app_key, api_url=settings.api_url, site_url=settings.site_url
    )
    outcome = _settle(event, _decider(event, call), _store_installed)
    _answer(INSTALLED, event, outcome)
    if isinstance(outcome.decision, Quarantine) and outcome.installation is not None:
        _prove(outcome.installation)
    elif isinstance(outcome.decision, Accept) and outcome.installation is not None:
        services.current().wake.backfill(outcome.installation.id)
    return Response(), 204


@blueprint.post("/connect/uninstalled", strict_slashes=False)
def uninstalled() -> tuple[Response, int]:
    """Take in the end of an installation: reads stop at once, its data goes after the retention."""
    check_body()
    settings = services.current().settings
    call = signed_call()
    event = Uninstalled.from_payload(
        read_object(read_body()), app_key=settings.app_key, api_url=settings.api_url, site_url=settings.site_url
    )
    outcome = _settle(event, _decider(event, call), _store_uninstalled)
    _answer(UNINSTALLED, event, outcome)
    if isinstance(outcome.decision, Accept) and outcome.installation is not None:
        _end_work(outcome.installation)
    return Response(), 204


def _decider(event: Event, call: SignedCall) -> Decide:
    current = services.current()
    app_secret = current.settings.app_secret.get_secret_value() if current.settings.app_secret else None
    now = services.epoch_seconds()

    def decide(row: Installation | None) -> Decision:
        try:
            known = installations.known(row, current.secret_box) if row is not None else None
        except SealBroken as error:
            raise Unavailable("secret.sealed_with_unknown_key") from error
        if isinstance(event, Installed):
            return decide_installed(event, call=call, known=known, app_secret=app_secret, now=now)
        return decide_uninstalled(event, call=call, known=known, app_secret=app_secret, now=now)

    return decide


def _settle(event: Event, decide: Decide, store: Callable[[Session, Event, Outcome], Installation | None]) -> Outcome:
    current = services.current()
    with current.readers() as session:
        row = installations.by_client_key(session, event.client_key)
    decision = decide(row)
    if not isinstance(decision, Accept | Quarantine):
        return Outcome(decision, row)

    def settle() -> Outcome:
        with current.sessions.begin() as session:
            row = installations.lock(session, event.client_key)
            outcome = Outcome(decide(row), row)
            if isinstance(outcome.decision, Accept | Quarantine):
                outcome = Outcome(outcome.decision, store(session, event, outcome))
                _audit(session, event, outcome)
            return outcome

    return tried_again(settle)


def _store_installed(session: Session, event: Event, outcome: Outcome) -> Installation | None:
    assert isinstance(event, Installed)  # noqa: S101 - tells the type checker which of the two routes this is
    current = services.current()
    decision = outcome.decision
    if isinstance(decision, Accept):
        offer, store = Offer(event, decision.secret, decision.issued_at, current_version()), installations.accept
    else:
        # A quarantine is only ever decided for a secret that is offered.
        offer = Offer(event, event.shared_secret or "", descriptor_version=current_version())
        store = installations.quarantine
    row = store(session, offer, installation=outcome.installation, box=current.secret_box, now=current.now())
    if row.is_active:
        backfills.begin(session, row, now=current.now())
    return row


def _store_uninstalled(session: Session, _event: Event, outcome: Outcome) -> Installation | None:
    current = services.current()
    if outcome.installation is not None and isinstance(outcome.decision, Accept):
        installations.mark_uninstalled(
            outcome.installation,
            issued_at=outcome.decision.issued_at,
            now=current.now(),
            retention=timedelta(days=current.settings.retention_days),
        )
        end_work_of(session, outcome.installation, now=current.now())
    return outcome.installation


def _audit(session: Session, event: Event, outcome: Outcome) -> None:
    row = outcome.installation
    entry = audit.Entry(
        client_key=event.client_key,
        action=INSTALLED if isinstance(event, Installed) else UNINSTALLED,
        reason=str(outcome.decision.reason),
        installation_id=row.id if row else None,
        actor_uuid=event.actor_uuid if isinstance(event, Installed) else None,
        request_id=request_id(),
    )
    audit.add(session, entry, now=services.current().now())


def _answer(action: str, event: Event, outcome: Outcome) -> None:
    """Say in the log what was decided. Raises RequestRefused for a refusal."""
    decision = outcome.decision
    kind = type(decision).__name__.lower()
    metrics.LIFECYCLE.labels(action=action, decision=kind).inc()
    if isinstance(decision, Refuse):
        raise RequestRefused(decision.status, str(decision.reason))
    installation_id = outcome.installation.id if outcome.installation else None
    log.info(
        "lifecycle.decided",
        action=action,
        decision=kind,
        reason=str(decision.reason),
        client_key=event.client_key,
        installation=installation_id,
    )


def _prove(installation: Installation) -> None:
    """Prove the installation now where that takes a moment; where not, a worker goes on with it, and its row is due."""
    current = services.current()
    seconds = current.settings.install_proof_seconds
    if seconds <= 0 or not prove_installation(current, installation.id, deadline_seconds=seconds):
        current.wake.proof(installation.id)


def _end_work(installation: Installation) -> None:
    current = services.current()
    current.bearer_tokens.forget(installation.client_key)
    if current.settings.retention_days == 0:
        current.wake.purge(installation.id)
