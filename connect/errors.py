"""Everything that this package raises, and the reason codes that go to the security log.

    ConnectError
    ├── TokenRefused(reason)             a token that proves nothing: always a 401
    ├── PayloadInvalid(reason, message)  a body that cannot be what it claims to be: a 400
    │   └── IdentifierInvalid            a piece of text that is no UUID; also a ValueError
    ├── HandlersIncomplete(undeclared, unheard_of)  a router that forgot events: a programming error, found at start-up
    └── DescriptorInvalid(problems)      a descriptor that Bitbucket would refuse: stops start-up

No message holds a token, a secret or a piece of a body: they may be logged as they are.
"""

# ruff: noqa: N818 - a refusal is named after what happened; the root of the tree carries the suffix

from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused, or what was decided: the constant that the security log carries."""

    AUTH_MISSING = "auth.missing"
    AUTH_AMBIGUOUS = "auth.ambiguous"
    AUTH_TOO_LARGE = "auth.too_large"
    AUTH_MALFORMED = "auth.malformed"
    AUTH_ALGORITHM = "auth.algorithm"
    AUTH_TOKEN_HEADER = "auth.token_header"  # noqa: S105 - a reason code
    AUTH_TOKEN_KIND = "auth.token_kind"  # noqa: S105 - a reason code
    AUTH_UNKNOWN_TENANT = "auth.unknown_tenant"
    AUTH_SIGNATURE = "auth.signature"
    AUTH_CLAIMS = "auth.claims"
    AUTH_AUDIENCE = "auth.audience"
    AUTH_EXPIRED = "auth.expired"
    AUTH_NOT_YET_VALID = "auth.not_yet_valid"
    AUTH_LIFETIME = "auth.lifetime"
    AUTH_QSH_MISSING = "auth.qsh_missing"
    AUTH_QSH_MISMATCH = "auth.qsh_mismatch"

    INPUT_JSON = "input.json"
    INPUT_NUMBER = "input.number"
    INPUT_NUL = "input.nul"
    INPUT_IDENTIFIER = "input.identifier"

    LIFECYCLE_MALFORMED = "lifecycle.malformed"
    LIFECYCLE_BAD_CLIENT_KEY = "lifecycle.bad_client_key"
    LIFECYCLE_WRONG_APP = "lifecycle.wrong_app"
    LIFECYCLE_WRONG_PRODUCT = "lifecycle.wrong_product"
    LIFECYCLE_BAD_HOST = "lifecycle.bad_host"
    LIFECYCLE_WEAK_SECRET = "lifecycle.weak_secret"  # noqa: S105 - a reason code
    LIFECYCLE_CREDENTIALS_MISSING = "lifecycle.credentials_missing"
    LIFECYCLE_CLIENT_MISMATCH = "lifecycle.client_mismatch"
    LIFECYCLE_PRINCIPAL_MISMATCH = "lifecycle.principal_mismatch"
    LIFECYCLE_PRINCIPAL_CHANGED = "lifecycle.principal_changed"
    LIFECYCLE_TAKEOVER = "lifecycle.takeover"
    LIFECYCLE_ORDER = "lifecycle.order"
    LIFECYCLE_INSTALLED = "lifecycle.installed"
    LIFECYCLE_REINSTALLED = "lifecycle.reinstalled"
    LIFECYCLE_REPEATED = "lifecycle.repeated"
    LIFECYCLE_UNPROVEN = "lifecycle.unproven"
    LIFECYCLE_UNPROVEN_REPLACED = "lifecycle.unproven_replaced"
    LIFECYCLE_UNINSTALLED = "lifecycle.uninstalled"
    LIFECYCLE_NEVER_INSTALLED = "lifecycle.never_installed"

    WEBHOOK_MALFORMED = "webhook.malformed"
    WEBHOOK_EVENT_MISMATCH = "webhook.event_mismatch"
    WEBHOOK_NO_UUID = "webhook.no_uuid"
    WEBHOOK_IGNORED_EVENT = "webhook.ignored_event"
    WEBHOOK_UNKNOWN_EVENT = "webhook.unknown_event"


class ConnectError(Exception):
    """The root of everything that this package raises."""


class TokenRefused(ConnectError):
    """A token proves nothing. `reason` is for the security log only: every 401 looks the same outside."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PayloadInvalid(ConnectError):
    """A body that cannot be what it claims to be. `message` may be shown to the sender."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class IdentifierInvalid(PayloadInvalid, ValueError):
    """A piece of text that should be a UUID is none."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.INPUT_IDENTIFIER, message)


class HandlersIncomplete(ConnectError):
    """An `EventRouter` was given neither a handler nor an explicit None for some event, or a key that no event has."""

    def __init__(self, *, undeclared: tuple[str, ...], unheard_of: tuple[str, ...]) -> None:
        super().__init__(f"declare a handler or None for {undeclared}; correct the spelling of {unheard_of}")
        self.undeclared = undeclared
        self.unheard_of = unheard_of


class DescriptorInvalid(ConnectError):
    """A descriptor that Bitbucket would refuse, or not honour. Each problem is a sentence that says what to change."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems
