"""Who may install, re-install and uninstall: a pure state machine from an event, its signature and what is known.

    known          call                                        decision
    ─────────────  ──────────────────────────────────────────  ────────────────────────────────────────────
    nothing        unsigned, or signed with what it offers     Quarantine: proved by a call to the API host
    nothing        signed with the app-wide secret             Accept
    pending        unsigned, or signed with an unproved one    Quarantine: an unproved record never blocks
    active, gone   signed with the stored or app-wide secret   Accept
    active, gone   unsigned                                    Refuse: a takeover
    active         the last accepted call once more            Unchanged
    any            an Authorization that does not verify       Refuse: never taken for unsigned

An app with an app-wide secret (a registered one) accepts no unsigned call at all. Nothing here stores anything: the
caller compares and sets.
"""

# https://developer.atlassian.com/cloud/bitbucket/authentication-for-apps/ (table of signed lifecycle calls)

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from connect.errors import Reason, TokenRefused
from connect.identifiers import uuid_within_client_key
from connect.lifecycle_payloads import Installed, Principal, PrincipalKind, Uninstalled
from connect.tokens import InboundToken, UnverifiedToken, read_authorization, read_token, verify_inbound

__all__ = [
    "Accept",
    "Decision",
    "InstallationState",
    "Installed",
    "KnownInstallation",
    "Principal",
    "PrincipalKind",
    "Quarantine",
    "Refuse",
    "SignedCall",
    "Unchanged",
    "Uninstalled",
    "decide_installed",
    "decide_uninstalled",
    "secret_of",
]


class InstallationState(StrEnum):
    """How far an installation is trusted."""

    PENDING = "pending"
    """Quarantined: its secret is not proved, nothing is done for it, and it may be replaced."""
    ACTIVE = "active"
    UNINSTALLED = "uninstalled"
    """A tombstone: the secret is kept, because a re-install is signed with it."""


@dataclass(frozen=True, slots=True)
class KnownInstallation:
    """What is stored about a client key. `lifecycle_at` is the `iat` of the last accepted signed call."""

    client_key: str
    state: InstallationState
    secret: str | None = field(repr=False)
    previous_secret: str | None = field(repr=False)
    principal_uuid: str
    lifecycle_at: int | None


@dataclass(frozen=True, slots=True)
class SignedCall:
    """What of the HTTP request the signature covers. `authorization` is the whole header, None where there is none."""

    authorization: str | None = field(repr=False)
    method: str
    target: str
    base_path: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Do it, and keep `secret` and `issued_at` (the new `lifecycle_at`, epoch seconds)."""

    reason: str
    secret: str = field(repr=False)
    issued_at: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Keep it as pending with the secret it offers, and prove that by a call to the configured API host."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Answer with success and write nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this status (401, 403 or 409) and write nothing but the security log."""

    status: int
    reason: str


Decision = Accept | Quarantine | Unchanged | Refuse


def secret_of(event: Installed, app_secret: str | None) -> str | None:
    """The secret that an install brings: its own, else the app-wide one (recorded personal installs bring none)."""
    return event.shared_secret or app_secret or None


def decide_installed(
    event: Installed, *, call: SignedCall, known: KnownInstallation | None, app_secret: str | None, now: int
) -> Decision:
    """What to do with an `installed` call.

    `known` is what is stored under the event's client key, in whatever state; `app_secret` is set for a registered
    app; `now` in epoch seconds. Never raises for anything that a sender controls.
    """
    try:
        attempt = _read_attempt(event, call, now)
    except TokenRefused as refusal:
        return Refuse(401, refusal.reason)
    if attempt is None:
        return _decide_unsigned_install(event, known, app_secret)
    try:
        proof = attempt.verify(_trusted_secrets(known, app_secret))
    except TokenRefused as refusal:
        return _decide_unproved_install(event, attempt, known, registered=bool(app_secret), refusal=refusal)
    return _decide_proved_install(event, proof, known, app_secret)


def decide_uninstalled(
    event: Uninstalled, *, call: SignedCall, known: KnownInstallation | None, app_secret: str | None, now: int
) -> Decision:
    """What to do with an `uninstalled` call; arguments as for `decide_installed`. It is always signed.

    An installation that was never stored, or never proved, has nothing to end: success, and no tombstone, since a
    tombstone with an unproved secret would keep the real workspace out.
    """
    try:
        attempt = _read_attempt(event, call, now)
        if attempt is None:
            return Refuse(401, Reason.AUTH_MISSING)
        pending = known is not None and known.state is InstallationState.PENDING
        proof = attempt.verify(
            _trusted_secrets(known, app_secret) + (_unproved_secrets(None, known) if pending else [])
        )
    except TokenRefused as refusal:
        return Refuse(401, refusal.reason)
    return _decide_proved_uninstall(event, proof, known)


@dataclass(frozen=True, slots=True)
class _Proof:
    """That the call was signed with this secret, and when."""

    secret: str = field(repr=False)
    issued_at: int


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A signed call, not verified yet."""

    token: UnverifiedToken
    call: SignedCall
    now: int

    def verify(self, secrets: Iterable[str]) -> _Proof:
        """Verifies under the first secret that fits. Raises `TokenRefused`: auth.unknown_tenant without any secret."""
        refusal = TokenRefused(Reason.AUTH_UNKNOWN_TENANT)
        for secret in secrets:
            try:
                return _Proof(secret, self._verify(secret).issued_at)
            except TokenRefused as error:
                refusal = error
                if error.reason != Reason.AUTH_SIGNATURE:
                    break
        raise refusal

    def _verify(self, secret: str) -> InboundToken:
        return verify_inbound(
            self.token,
            client_key=self.token.issuer,
            secret=secret,
            method=self.call.method,
            target=self.call.target,
            base_path=self.call.base_path,
            now=self.now,
        )


def _read_attempt(event: Installed | Uninstalled, call: SignedCall, now: int) -> _Attempt | None:
    """The signed attempt; None for a call without any Authorization header.

    The body is not signed, so its client key must be the issuer's: otherwise one tenant could speak for another, and
    with an app-wide secret nothing else stands between tenants.
    """
    text = read_authorization(call.authorization)
    if text is None:
        return None
    token = read_token(text, app_key=event.app_key)
    if token.issuer != event.client_key:
        raise TokenRefused(Reason.LIFECYCLE_CLIENT_MISMATCH)
    return _Attempt(token, call, now)


def _trusted_secrets(known: KnownInstallation | None, app_secret: str | None) -> list[str]:
    """What proves a sender: the app-wide secret, and the stored one unless that is itself unproved."""
    stored = None if known is None or known.state is InstallationState.PENDING else known.secret
    return [secret for secret in (stored, app_secret) if secret]


def _unproved_secrets(event: Installed | None, known: KnownInstallation | None) -> list[str]:
    """What a first install may be signed with, and what proves nothing: the secret it offers, and pending ones."""
    offered = [event.shared_secret if event else None]
    pending = [known.secret, known.previous_secret] if known else []
    return [secret for secret in offered + pending if secret]


def _decide_unsigned_install(event: Installed, known: KnownInstallation | None, app_secret: str | None) -> Decision:
    if known is not None and known.state is not InstallationState.PENDING:
        return Refuse(401, Reason.LIFECYCLE_TAKEOVER)
    if app_secret:
        return Refuse(401, Reason.AUTH_MISSING)
    return _quarantine(event, known)


def _quarantine(event: Installed, known: KnownInstallation | None) -> Decision:
    if not event.shared_secret:
        return Refuse(401, Reason.LIFECYCLE_CREDENTIALS_MISSING)
    if _is_foreign_principal(event):
        return Refuse(403, Reason.LIFECYCLE_PRINCIPAL_MISMATCH)
    return Quarantine(Reason.LIFECYCLE_UNPROVEN if known is None else Reason.LIFECYCLE_UNPROVEN_REPLACED)


def _decide_unproved_install(
    event: Installed, attempt: _Attempt, known: KnownInstallation | None, *, registered: bool, refusal: TokenRefused
) -> Decision:
    """No trusted secret signed this: a repeat that was answered before, a first install, or a refusal."""
    if known is not None and known.state is not InstallationState.PENDING:
        repeated = _is_repeat_after_rotation(event, attempt, known)
        return Unchanged(Reason.LIFECYCLE_REPEATED) if repeated else Refuse(401, refusal.reason)
    if registered:
        return Refuse(401, refusal.reason)
    try:
        attempt.verify(_unproved_secrets(event, known))
    except TokenRefused:
        return Refuse(401, Reason.AUTH_UNKNOWN_TENANT)
    return _quarantine(event, known)


def _is_repeat_after_rotation(event: Installed, attempt: _Attempt, known: KnownInstallation) -> bool:
    """Whether this is the call that brought the stored secret, sent once more: signed with the one before it."""
    if known.state is not InstallationState.ACTIVE or not known.previous_secret or event.shared_secret != known.secret:
        return False
    try:
        proof = attempt.verify([known.previous_secret])
    except TokenRefused:
        return False
    return proof.issued_at == known.lifecycle_at and event.principal.uuid == known.principal_uuid


def _decide_proved_install(
    event: Installed, proof: _Proof, known: KnownInstallation | None, app_secret: str | None
) -> Decision:
    if known is not None and known.state is not InstallationState.PENDING:
        if (refused := _refuse_out_of_line(event, proof, known)) is not None:
            return refused
        if _is_repeat(event, proof, known):
            return Unchanged(Reason.LIFECYCLE_REPEATED)
    if _is_foreign_principal(event):
        return Refuse(403, Reason.LIFECYCLE_PRINCIPAL_MISMATCH)
    # A re-install without a secret keeps the one that signed it.
    secret = secret_of(event, app_secret) or proof.secret
    return Accept(_accepted_as(known), secret=secret, issued_at=proof.issued_at)


def _decide_proved_uninstall(event: Uninstalled, proof: _Proof, known: KnownInstallation | None) -> Decision:
    if known is None:
        return Unchanged(Reason.LIFECYCLE_NEVER_INSTALLED)
    if known.state is InstallationState.PENDING:
        return Unchanged(Reason.LIFECYCLE_UNPROVEN)
    if (refused := _refuse_out_of_line(event, proof, known)) is not None:
        return refused
    if known.state is InstallationState.UNINSTALLED:
        return Unchanged(Reason.LIFECYCLE_REPEATED)
    return Accept(Reason.LIFECYCLE_UNINSTALLED, secret=known.secret or proof.secret, issued_at=proof.issued_at)


def _refuse_out_of_line(event: Installed | Uninstalled, proof: _Proof, known: KnownInstallation) -> Refuse | None:
    """The refusal of a call that would re-point an installation, or that a newer one has overtaken."""
    if event.principal.uuid != known.principal_uuid:
        return Refuse(409, Reason.LIFECYCLE_PRINCIPAL_CHANGED)
    if known.lifecycle_at is not None and proof.issued_at < known.lifecycle_at:
        return Refuse(409, Reason.LIFECYCLE_ORDER)
    return None


def _is_repeat(event: Installed, proof: _Proof, known: KnownInstallation) -> bool:
    """Whether the last accepted install has come once more, without any change of secret."""
    return (
        known.state is InstallationState.ACTIVE
        and proof.issued_at == known.lifecycle_at
        and event.shared_secret in {None, known.secret}
    )


def _accepted_as(known: KnownInstallation | None) -> Reason:
    if known is None:
        return Reason.LIFECYCLE_INSTALLED
    if known.state is InstallationState.PENDING:
        return Reason.LIFECYCLE_UNPROVEN_REPLACED
    return Reason.LIFECYCLE_REINSTALLED


def _is_foreign_principal(event: Installed) -> bool:
    """Whether the client key names another workspace or user than the principal."""
    embedded = uuid_within_client_key(event.client_key)
    return embedded is not None and embedded != event.principal.uuid
