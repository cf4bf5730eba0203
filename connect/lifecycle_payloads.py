"""Install and uninstall calls: what their bodies may say, as frozen events.

What is then done with an event is decided in `lifecycle`; nothing here knows tokens or earlier state.
"""

# https://developer.atlassian.com/cloud/bitbucket/authentication-for-apps/

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from connect.errors import IdentifierInvalid, PayloadInvalid, Reason
from connect.identifiers import canonical_uuid, is_client_key

MIN_SECRET_BYTES: Final = 16
"""Shortest `sharedSecret` that is accepted, in bytes of UTF-8. Bitbucket's are longer; a shorter one can be guessed."""

MAX_SECRET_LENGTH: Final = 128
"""Longest `sharedSecret`, in characters, as documented."""

_MAX_NAME_LENGTH = 255


class PrincipalKind(StrEnum):
    """What an app is installed into."""

    WORKSPACE = "workspace"
    USER = "user"


# Workspaces still call themselves teams in lifecycle payloads.
_KINDS = {"team": PrincipalKind.WORKSPACE, "workspace": PrincipalKind.WORKSPACE, "user": PrincipalKind.USER}


@dataclass(frozen=True, slots=True)
class Principal:
    """The workspace or personal account that the app is installed into. `uuid` is canonical and never changes."""

    uuid: str
    kind: PrincipalKind
    display_name: str
    slug: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class _LifecycleEvent:
    client_key: str
    app_key: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class Installed(_LifecycleEvent):
    """A first install, a re-install or an update. The secret is absent from recorded installs of personal accounts."""

    shared_secret: str | None = field(default=None, repr=False)
    actor_uuid: str | None = None

    @classmethod
    def from_payload(cls, payload: object, *, app_key: str, api_url: str, site_url: str) -> Self:
        """The event in the decoded body of an `installed` call.

        `api_url` and `site_url` are the configured hosts: a payload that names others is refused, and those it names
        are never called. Raises `PayloadInvalid`, with one of the lifecycle reasons.
        """
        body = _checked_body(payload, "installed", app_key=app_key, api_url=api_url, site_url=site_url)
        return cls(
            client_key=body["clientKey"],
            app_key=app_key,
            principal=_principal(body),
            shared_secret=_shared_secret(body.get("sharedSecret")),
            actor_uuid=_actor_uuid(body.get("actor")),
        )


@dataclass(frozen=True, slots=True)
class Uninstalled(_LifecycleEvent):
    """The end of an installation. Such a call carries neither a secret nor who clicked."""

    @classmethod
    def from_payload(cls, payload: object, *, app_key: str, api_url: str, site_url: str) -> Self:
        """The event in the decoded body of an `uninstalled` call. Arguments and errors as for `Installed`."""
        body = _checked_body(payload, "uninstalled", app_key=app_key, api_url=api_url, site_url=site_url)
        return cls(client_key=body["clientKey"], app_key=app_key, principal=_principal(body))


def _checked_body(payload: object, event_type: str, *, app_key: str, api_url: str, site_url: str) -> Mapping[str, Any]:
    if not isinstance(payload, Mapping):
        raise PayloadInvalid(Reason.LIFECYCLE_MALFORMED, "the body must be a JSON object")
    if payload.get("eventType", event_type) != event_type:
        raise PayloadInvalid(Reason.LIFECYCLE_MALFORMED, f"eventType must be {event_type} at this address")
    if not is_client_key(payload.get("clientKey")):
        raise PayloadInvalid(Reason.LIFECYCLE_BAD_CLIENT_KEY, "clientKey must be a client key of up to 255 characters")
    if payload.get("key") != app_key:
        raise PayloadInvalid(Reason.LIFECYCLE_WRONG_APP, "key is not the key of this app")
    if payload.get("productType") != "bitbucket":
        raise PayloadInvalid(Reason.LIFECYCLE_WRONG_PRODUCT, "productType must be bitbucket")
    _check_host(payload, "baseUrl", site_url)
    _check_host(payload, "baseApiUrl", api_url)
    return payload


def _check_host(payload: Mapping[str, Any], member: str, configured: str) -> None:
    """The payload may only repeat the configured address.

    It is compared as text, not taken apart: parsers disagree about user names, backslashes and full-width letters in
    an address, but no spelling other than our own passes here. A closing slash is the one variant that all read alike.
    """
    value = payload.get(member)
    if value is not None and (not isinstance(value, str) or value.removesuffix("/") != configured.removesuffix("/")):
        raise PayloadInvalid(Reason.LIFECYCLE_BAD_HOST, f"{member} must be {configured}")


def _principal(body: Mapping[str, Any]) -> Principal:
    principal = body.get("principal", body.get("user"))  # `user` repeats `principal` in every recorded call
    if not isinstance(principal, Mapping):
        raise PayloadInvalid(Reason.LIFECYCLE_MALFORMED, "principal must be an object")
    type_ = principal.get("type")
    kind = _KINDS.get(type_) if isinstance(type_, str) else None
    if kind is None:
        raise PayloadInvalid(Reason.LIFECYCLE_MALFORMED, "principal.type must be team, workspace or user")
    try:
        uuid = canonical_uuid(principal.get("uuid"))
    except IdentifierInvalid as error:
        raise PayloadInvalid(Reason.LIFECYCLE_MALFORMED, "principal.uuid must be a UUID") from error
    return Principal(
        uuid=uuid,
        kind=kind,
        display_name=_text(principal.get("display_name")) or uuid,
        slug=_slug(principal) if kind is PrincipalKind.WORKSPACE else None,
        account_id=_text(principal.get("account_id")),
    )


def _slug(principal: Mapping[str, Any]) -> str | None:
    return _text(principal.get("slug")) or _text(principal.get("username"))


def _text(value: object) -> str | None:
    """A name that is only shown. None for what cannot be shown or stored, rather than a refused install."""
    if not isinstance(value, str) or not _is_storable(value):
        return None
    return value[:_MAX_NAME_LENGTH] or None


def _shared_secret(value: object) -> str | None:
    if value is None:
        return None
    if (
        not isinstance(value, str)
        or len(value) > MAX_SECRET_LENGTH
        or not value.strip()
        or not _is_storable(value)
        or len(value.encode()) < MIN_SECRET_BYTES
    ):
        raise PayloadInvalid(
            Reason.LIFECYCLE_WEAK_SECRET,
            f"sharedSecret must be text of at least {MIN_SECRET_BYTES} bytes and at most {MAX_SECRET_LENGTH} characters",
        )
    return value


def _is_storable(text: str) -> bool:
    """Whether both databases can hold the text: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _actor_uuid(actor: object) -> str | None:
    """Who clicked, for the audit trail; never an authority, so an odd one is no reason to refuse the install."""
    try:
        return canonical_uuid(actor.get("uuid")) if isinstance(actor, Mapping) else None
    except IdentifierInvalid:
        return None
