"""Who is asking: the token of a request, the installation that it speaks for, and whether that may be served.

Bitbucket signs the raw request target; what a framework has decoded is of no use here. Pages carry their token in the
query (`?jwt=`), lifecycle calls and webhooks in the header; a request that offers both, or one twice, is refused.
"""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import logs
from connect.errors import Reason, TokenRefused
from connect.lifecycle import InstallationState, SignedCall
from connect.query_string_hash import decoded_parameters
from connect.tokens import UnverifiedToken, read_authorization, read_token, verify_inbound
from models.encryption import SecretBox
from models.errors import SealBroken
from models.installations import Installation
from web import at_hand, services
from web.errors import RequestRefused, Unavailable

AUTHORIZATION: Final = "HTTP_AUTHORIZATION"
"""As WSGI calls the header."""

TOKEN_PARAMETER: Final = "jwt"  # noqa: S105 - the name of a parameter
# Whoever repeats one of these hopes that we check one value and use another.
SECURITY_PARAMETERS: Final = frozenset({TOKEN_PARAMETER, "repository", "user", "principal"})
# Refused before anything is parsed. Longer than the longest token, so that one is refused for what it is.
MAX_TARGET_LENGTH: Final = 328 * 1024
MAX_PARAMETERS: Final = 100

MOST_SECRETS: Final = 1024
"""Kept open in memory, as the installations that they are of are asked for. A secret is sealed anew whenever it changes."""

UNINSTALLED: Final = "auth.uninstalled"
INPUT_URL: Final = "input.url"


class Caller(NamedTuple):
    """An installation for which Bitbucket signed this request. Its row is detached: read it, do not change it."""

    installation: Installation
    secret: str

    @property
    def client_key(self) -> str:
        """The tenant."""
        return self.installation.client_key

    @property
    def is_active(self) -> bool:
        """Whether the installation is proved; a pending one is shown that it is being finished, and nothing else."""
        return self.installation.is_active


def raw_target() -> str:
    """Return the request target as it was sent: path and query, not decoded, in origin form.

    gunicorn and Werkzeug say it in RAW_URI, waitress and uWSGI in REQUEST_URI.
    """
    one = at_hand.current()
    if one.target is None:
        one.target = _looked_at(one.environ.get("RAW_URI") or one.environ.get("REQUEST_URI"))
    return one.target


def _looked_at(target: object) -> str:
    if not isinstance(target, str) or not target.startswith("/") or len(target) > MAX_TARGET_LENGTH:
        raise RequestRefused(400, INPUT_URL)
    # A request target has no fragment (RFC 9112 3.2), and the signature covers none: what stands in one, anybody has written.
    if "#" in target:
        raise RequestRefused(400, INPUT_URL)
    return target


def signed_call() -> SignedCall:
    """Return what a signature of this request would cover."""
    if _tokens_in_query():
        raise TokenRefused(Reason.AUTH_AMBIGUOUS if AUTHORIZATION in at_hand.current().environ else Reason.AUTH_MISSING)
    return SignedCall(
        authorization=_authorization(),
        method=at_hand.current().environ["REQUEST_METHOD"],
        target=raw_target(),
        base_path=services.current().settings.base_path,
    )


def parameters() -> Mapping[str, str]:
    """Return the query's parameters, to be read only. Raises for a security parameter that is given twice, in any spelling of its name."""
    one = at_hand.current()
    if one.parameters is None:
        one.parameters = _unambiguous(_query())
    return one.parameters


def _unambiguous(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    names = [name.lower() for name, _ in pairs]
    if len(set(names)) < len(names) and any(names.count(name) > 1 for name in SECURITY_PARAMETERS):
        raise TokenRefused(Reason.AUTH_AMBIGUOUS)
    return dict(reversed(pairs))


def caller_of_page() -> Caller:
    """Return for whom Bitbucket signed this page's address. Raises TokenRefused.

    An installation in quarantine is returned too, so that its page can say so; a tombstone is not.
    """
    tokens = _tokens_in_query()
    if not any(tokens):
        _look_at_header()
        raise TokenRefused(Reason.AUTH_MISSING)
    if len(tokens) > 1 or AUTHORIZATION in at_hand.current().environ:
        raise TokenRefused(Reason.AUTH_AMBIGUOUS)
    caller = _verified(tokens[0])
    parameters()  # looked at after the signature, so that the log tells tampering from a strange address that is signed
    return caller


def caller_of_webhook() -> Caller:
    """Return who sent this webhook. Raises TokenRefused, or Unavailable for an installation that is not proved yet.

    Bitbucket sends again what was answered with a 5xx, and by then the proof may be done.
    """
    token = read_authorization(signed_call().authorization)
    if token is None:
        raise TokenRefused(Reason.AUTH_MISSING)
    caller = _verified(token)
    if not caller.is_active:
        raise Unavailable(Reason.LIFECYCLE_UNPROVEN)
    return caller


def active_installation(client_key: str) -> Caller:
    """Return the installation that one of our own pages speaks for. Raises RequestRefused where it is active no more."""
    current = services.current()
    row = current.quick.installation(client_key)
    if row is None or row.state is InstallationState.UNINSTALLED:
        raise RequestRefused(401, UNINSTALLED)
    return _remembered(Caller(row, _open(row, current.secret_box)))


def _look_at_header() -> None:
    """Raise TokenRefused for what is wrong with a token in the header. A good one opens no page either: the log tells them apart."""
    token = read_authorization(_authorization())
    if token is not None:
        _verified(token)


def _query() -> tuple[tuple[str, str], ...]:
    """Return the query's parameters. Every way in asks several times; they are read once, and kept with the request."""
    one = at_hand.current()
    if one.query is None:
        query = raw_target().partition("?")[2]
        if query.count("&") >= MAX_PARAMETERS:  # more than anybody needs
            raise RequestRefused(400, INPUT_URL)
        one.query = decoded_parameters(query)
    return one.query


def _tokens_in_query() -> list[str]:
    return [value for name, value in _query() if name == TOKEN_PARAMETER]


def _verified(text: str) -> Caller:
    current = services.current()
    token = read_token(text, app_key=current.settings.app_key)
    row = current.quick.installation(token.issuer)
    if row is None:
        _verify_in_vain(token, current.secret_box)
        raise TokenRefused(Reason.AUTH_UNKNOWN_TENANT)
    secret = _open(row, current.secret_box)
    _verify(token, client_key=row.client_key, secret=secret)
    if row.state is InstallationState.UNINSTALLED:
        raise TokenRefused(UNINSTALLED)
    return _remembered(Caller(row, secret))


def _verify(token: UnverifiedToken, *, client_key: str, secret: str) -> None:
    verify_inbound(
        token,
        client_key=client_key,
        secret=secret,
        method=at_hand.current().environ["REQUEST_METHOD"],
        target=raw_target(),
        base_path=services.current().settings.base_path,
        now=services.epoch_seconds(),
    )


def _verify_in_vain(token: UnverifiedToken, box: SecretBox) -> None:
    """Spend the time that a known installation's token costs: how long a refusal takes says nothing about who is known."""
    try:
        _verify(token, client_key=token.issuer, secret=_opened(box, _nobodys_secret(box), _NOBODY))
    except TokenRefused:
        return


_NOBODY: Final = "nobody"


@lru_cache(maxsize=8)
def _nobodys_secret(box: SecretBox) -> str:
    return box.seal(secrets.token_urlsafe(64), context=_NOBODY)


def _open(row: Installation, box: SecretBox) -> str:
    try:
        return _opened(box, row.sealed_secret, row.client_key)
    except SealBroken as error:
        raise Unavailable("secret.sealed_with_unknown_key") from error


@lru_cache(maxsize=MOST_SECRETS)
def _opened(box: SecretBox, sealed: str, context: str) -> str:
    """Return the secret in a ciphertext. The same ciphertext under the same keys holds the same secret for ever."""
    return box.open(sealed, context=context)


def _authorization() -> str | None:
    value: str | None = at_hand.current().environ.get(AUTHORIZATION)
    # Servers join repeated headers with a comma.
    if value is not None and "," in value:
        raise TokenRefused(Reason.AUTH_AMBIGUOUS)
    return value


def _remembered(caller: Caller) -> Caller:
    logs.add_context(installation=caller.installation.id)
    return caller
