"""Tokens as Bitbucket makes and reads them; the hash is the third-party `atlassian_jwt` package's, never ours.

What Bitbucket sends holds exactly iss, iat, qsh, aud and exp, no `sub` and no `context` (connect-protocol.md 4.2).
What apps send has iss = app key and sub = clientKey (5.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import atlassian_jwt
import jwt
from atlassian_jwt.url_utils import hash_url

from simulator.connect.errors import TokenRefused, UnsignableAddress

if TYPE_CHECKING:
    from jwt.types import Options

LIFETIME_SECONDS = 3600
_SIGNATURE_ALONE: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
}


def sign(  # noqa: PLR0913 - the claims, one argument each
    *, method: str, url: str, base_url: str, client_key: str, secret: str, now: int
) -> str:
    """A token for one request to an app at `url`; the path of the app's `base_url` is not part of the hash."""
    token: str = atlassian_jwt.encode_token(
        method,
        relative_target(url, base_url=base_url),
        clientKey=client_key,
        sharedSecret=secret,
        payload_kwargs={"iat": now, "exp": now + LIFETIME_SECONDS},
    )
    return token


def relative_target(url: str, *, base_url: str) -> str:
    """Path and query of `url` without the path of `base_url`; raises UnsignableAddress where the hash would be wrong."""
    parts = urlsplit(url)
    base_path = urlsplit(base_url).path
    path = parts.path
    if base_path and (path == base_path or path.startswith(base_path + "/")):
        path = path[len(base_path) :]
    # The package strips the leading slash and parses again, so that "a:b/c" becomes scheme "a".
    if ":" in path.lstrip("/").split("/", 1)[0]:
        raise UnsignableAddress(f'The first path segment of {url} holds a ":", which the signer would misread.')
    return f"{path or '/'}?{parts.query}" if parts.query else path or "/"


def query_string_hash(method: str, target: str) -> str:
    """The hash of a request to this Bitbucket; `target` is its raw path and query."""
    value: str = hash_url(method, target)
    return value


@dataclass(frozen=True)
class AppClaims:
    """What an app's own token says of itself, nothing of it proven yet."""

    app_key: str
    client_key: str


def read_claims(token: str) -> AppClaims:
    """Who the token says it is from (`iss`, `sub`); raises TokenRefused."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise TokenRefused("The JWT is malformed.") from error
    if header.get("alg") != "HS256":
        raise TokenRefused("The JWT must be signed with HS256.")
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str):
        raise TokenRefused("The JWT must name the app key as iss and the clientKey as sub.")
    return AppClaims(issuer, subject)


def verify(token: str, *, secret: str, now: int) -> dict[str, Any]:
    """The claims of a token that `secret` signed and that has not ended; raises TokenRefused.

    `iat` is not looked at: Atlassian's own landkid puts milliseconds there, and works (5.1).
    """
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options=_SIGNATURE_ALONE)
    except jwt.InvalidTokenError as error:
        raise TokenRefused("The JWT's signature does not match.") from error
    expires = claims.get("exp")
    if not isinstance(expires, (int, float)) or isinstance(expires, bool) or expires < now:
        raise TokenRefused("The JWT has expired or has no exp.")
    return claims


def check_query_string_hash(claims: dict[str, Any], *, method: str, target: str) -> None:
    """Refuse claims whose qsh is not that of this request; raises TokenRefused."""
    if claims.get("qsh") != query_string_hash(method, target):
        raise TokenRefused("The JWT's qsh does not match the request.")
