"""JSON Web Tokens of Connect: what Bitbucket sends us, what we send Bitbucket, what our own pages send us.

Three kinds, three verifiers, no shared switch between them:

    inbound     signed by Bitbucket with the installation's secret; bound to one request by its `qsh`
    outbound    signed by us with the same secret; `iss` is our app key, and such a token is worthless inbound
    page        signed by us with a key of our own; bound to a purpose, an installation, a repository and a viewer
"""

import re
from base64 import urlsafe_b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest
from json import dumps
from typing import Any, Final, NamedTuple

from jwt.algorithms import HMACAlgorithm

from connect.errors import Reason, TokenRefused
from connect.identifiers import is_client_key
from connect.query_string_hash import query_string_hash
from connect.strict_json import DuplicateMember, NumberRefused, parse_object

LEEWAY_SECONDS: Final = 60
"""How far Bitbucket's clock may be off: it has been seen ahead of ours."""

MAX_LIFETIME_SECONDS: Final = 3900
"""Longest `exp - iat` of an inbound token. Bitbucket's live 3600 s."""

MAX_TOKEN_LENGTH: Final = 320 * 1024
"""Longest token that is decoded, in characters. Bitbucket's have 400; what is longer than this is not even looked at."""

MIN_PAGE_KEY_BYTES: Final = 32

_PAGE_TYPE: Final = "bittern-page+jwt"

# One spelling a token: no padding, no other alphabet, no white space. An empty signature is a matter of signatures.
_STRUCTURE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)", re.ASCII)
_QSH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HS256 = HMACAlgorithm(HMACAlgorithm.SHA256)


class UnverifiedToken(NamedTuple):
    """A token that was taken apart and proves nothing yet. Only `issuer` may be used, to find the secret."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: str

    @property
    def issuer(self) -> str:
        """Who the token says it is from: a client key, unproved. `read_token` has checked its shape."""
        return str(self.claims["iss"])


class InboundToken(NamedTuple):
    """Proof that Bitbucket, or whoever holds the installation's secret, sent exactly this method, path and query."""

    client_key: str
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class PageClaims:
    """For whom and for what one of our pages was rendered. UUIDs are canonical."""

    client_key: str
    repository_uuid: str | None
    user_uuid: str | None
    purpose: str


def read_authorization(header: str | None) -> str | None:
    """The token of an `Authorization: JWT …` header; None where there is no header at all.

    Raises `TokenRefused` (auth.missing) for a header of another scheme: it is a failed attempt, not an unsigned call.
    """
    if header is None:
        return None
    scheme, separator, token = header.partition(" ")
    if scheme != "JWT" or not separator:
        raise TokenRefused(Reason.AUTH_MISSING)
    return token


def read_token(token: str, *, app_key: str | None = None) -> UnverifiedToken:
    """Takes an inbound token apart and checks what can be checked without a secret.

    The result names the installation whose secret decides; nothing in it is proved. With `app_key` given, a token that
    we issued ourselves (`iss` is our key) is refused as auth.token_kind. Raises `TokenRefused`.
    """
    unverified = _take_apart(token)
    issuer = unverified.claims.get("iss")
    if unverified.header.get("typ") == _PAGE_TYPE or (app_key is not None and issuer == app_key):
        raise TokenRefused(Reason.AUTH_TOKEN_KIND)
    if not isinstance(issuer, str):
        raise TokenRefused(Reason.AUTH_CLAIMS)
    # What no client key can look like belongs to no installation, and never reaches a query.
    if not is_client_key(issuer):
        raise TokenRefused(Reason.AUTH_UNKNOWN_TENANT)
    return unverified


def read_issuer(token: str, *, app_key: str | None = None) -> str:
    """The unproved issuer of an inbound token: the client key whose secret decides. Raises `TokenRefused`."""
    return read_token(token, app_key=app_key).issuer


def verify_inbound(  # noqa: PLR0913 - who, under what secret, which request, when
    token: str | UnverifiedToken,
    *,
    client_key: str,
    secret: str | None,
    method: str,
    target: str,
    base_path: str,
    now: int,
) -> InboundToken:
    """Verifies a token that Bitbucket sent with a request.

    `client_key` and `secret` are the installation's, found by the issuer; a missing or empty secret verifies nothing.
    `target` is the raw request target, `base_path` the path of our own base address, `now` in epoch seconds. Give the
    `UnverifiedToken` that `read_token` returned rather than the text: it is not parsed a second time.

    Raises `TokenRefused` and nothing else.
    """
    unverified = read_token(token) if isinstance(token, str) else token
    if unverified.issuer != client_key:
        raise TokenRefused(Reason.AUTH_UNKNOWN_TENANT)
    _check_signature(unverified, secret)
    # After the signature: the log then tells a stranger's forgery from a holder of the secret who sends odd headers.
    _check_header(unverified.header)
    claims = unverified.claims
    _check_audience(claims.get("aud"), client_key)
    issued_at, expires_at = _check_times(claims, now)
    _check_qsh(claims, method=method, target=target, base_path=base_path)
    return InboundToken(client_key=client_key, issued_at=issued_at, expires_at=expires_at)


def sign_outbound(  # noqa: PLR0913 - the claims, one argument each
    *, app_key: str, client_key: str, secret: str, method: str, url: str, now: int, lifetime_seconds: int = 180
) -> str:
    """A token for one call of ours to Bitbucket: `Authorization: JWT <token>`.

    `url` is the address or request target as it will be sent, still percent-encoded; only its path and query count.
    `now` in epoch seconds. Raises `ValueError` for an empty secret.
    """
    if not secret:
        raise ValueError("an empty secret signs nothing")
    return _sign(
        {
            "iss": app_key,
            "sub": client_key,
            "iat": now,
            "exp": now + lifetime_seconds,
            "qsh": query_string_hash(method, url),
        },
        key=secret.encode(),
        typ="JWT",
    )


def issue_page_token(claims: PageClaims, *, key: str | bytes, now: int, lifetime_seconds: int = 900) -> str:
    """A token that one of our pages sends with its own requests.

    `key` is ours alone, signs nothing else and has at least 32 bytes (`ValueError` otherwise). `now` in epoch seconds.
    """
    return _sign(
        {
            "purpose": claims.purpose,
            "client_key": claims.client_key,
            "repository": claims.repository_uuid,
            "user": claims.user_uuid,
            "iat": now,
            "exp": now + lifetime_seconds,
        },
        key=_page_key(key),
        typ=_PAGE_TYPE,
    )


def verify_page_token(token: str, *, keys: Iterable[str | bytes], purpose: str, now: int) -> PageClaims:
    """Verifies a token that `issue_page_token` made with any of `keys`, for this purpose.

    Raises `TokenRefused`; a token of another kind or purpose is refused as auth.token_kind.
    """
    unverified = _take_apart(token)
    if unverified.header != {"alg": "HS256", "typ": _PAGE_TYPE}:
        raise TokenRefused(Reason.AUTH_TOKEN_KIND)
    if not any(_is_signed(unverified, _page_key(key)) for key in keys):
        raise TokenRefused(Reason.AUTH_SIGNATURE)
    claims = unverified.claims
    if claims.get("purpose") != purpose:
        raise TokenRefused(Reason.AUTH_TOKEN_KIND)
    _check_times(claims, now)
    return _page_claims(claims)


def _take_apart(token: str) -> UnverifiedToken:
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenRefused(Reason.AUTH_TOO_LARGE)
    match = _STRUCTURE.fullmatch(token)
    if match is None:
        raise TokenRefused(Reason.AUTH_MALFORMED)
    header, payload, signature = match.groups()
    return UnverifiedToken(
        header=_read_header(header),
        claims=_read_segment(payload, refused_as=Reason.AUTH_CLAIMS),
        signing_input=token[: match.end(2)].encode("ascii"),
        signature=signature,
    )


@lru_cache(maxsize=64)
def _read_header(segment: str) -> Mapping[str, Any]:
    """The header, with its algorithm checked. Bitbucket's tokens share one spelling, so it is kept; refusals are not."""
    header = _read_segment(segment, refused_as=Reason.AUTH_TOKEN_HEADER)
    if header.get("alg") != "HS256":
        raise TokenRefused(Reason.AUTH_ALGORITHM)
    return header


def _read_segment(segment: str, *, refused_as: Reason) -> dict[str, Any]:
    try:
        return parse_object(a2b_base64(segment.replace("-", "+").replace("_", "/") + "==="[: -len(segment) % 4]))
    except (DuplicateMember, NumberRefused) as error:
        raise TokenRefused(refused_as) from error
    except (Base64Error, ValueError) as error:
        raise TokenRefused(Reason.AUTH_MALFORMED) from error


def _check_header(header: Mapping[str, Any]) -> None:
    typ = header.get("typ", "JWT")
    if not header.keys() <= {"alg", "typ"} or not isinstance(typ, str) or typ.upper() != "JWT":
        raise TokenRefused(Reason.AUTH_TOKEN_HEADER)


def _check_signature(token: UnverifiedToken, secret: str | None) -> None:
    if not secret or not _is_signed(token, secret.encode("utf-8", "surrogatepass")):
        raise TokenRefused(Reason.AUTH_SIGNATURE)


def _check_audience(audience: object, client_key: str) -> None:
    audiences = [audience] if isinstance(audience, str) else audience
    if (
        not isinstance(audiences, list)
        or not all(isinstance(one, str) for one in audiences)
        or client_key not in audiences
    ):
        raise TokenRefused(Reason.AUTH_AUDIENCE)


def _check_times(claims: Mapping[str, Any], now: int) -> tuple[int, int]:
    """`iat` and `exp`. Whole numbers only: 1e3 and "1000" are spellings that Bitbucket never sends."""
    issued_at, expires_at, not_before = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if type(issued_at) is not int or type(expires_at) is not int or type(not_before) is not int:
        raise TokenRefused(Reason.AUTH_CLAIMS)
    if max(issued_at, not_before) > now + LEEWAY_SECONDS:
        raise TokenRefused(Reason.AUTH_NOT_YET_VALID)
    if expires_at <= now - LEEWAY_SECONDS:
        raise TokenRefused(Reason.AUTH_EXPIRED)
    if not 0 < expires_at - issued_at <= MAX_LIFETIME_SECONDS:
        raise TokenRefused(Reason.AUTH_LIFETIME)
    return issued_at, expires_at


def _page_claims(claims: Mapping[str, Any]) -> PageClaims:
    client_key, repository, user = (claims.get(name) for name in ("client_key", "repository", "user"))
    if not isinstance(client_key, str) or not all(one is None or isinstance(one, str) for one in (repository, user)):
        raise TokenRefused(Reason.AUTH_CLAIMS)
    return PageClaims(client_key, repository, user, claims["purpose"])


def _check_qsh(claims: Mapping[str, Any], *, method: str, target: str, base_path: str) -> None:
    if "qsh" not in claims:
        raise TokenRefused(Reason.AUTH_QSH_MISSING)
    qsh = claims["qsh"]
    # The pattern also keeps out "context-qsh", the marker of Jira's and Confluence's unbound tokens (CVE-2021-26073).
    if not isinstance(qsh, str) or _QSH.fullmatch(qsh) is None:
        raise TokenRefused(Reason.AUTH_QSH_MISMATCH)
    if not compare_digest(qsh, query_string_hash(method, target, base_path=base_path)):
        raise TokenRefused(Reason.AUTH_QSH_MISMATCH)


def _sign(claims: Mapping[str, Any], *, key: bytes, typ: str) -> str:
    header = _encode_segment(dumps({"alg": "HS256", "typ": typ}, separators=(",", ":")).encode())
    payload = _encode_segment(dumps(claims, separators=(",", ":")).encode())
    return f"{header}.{payload}.{_signature(f'{header}.{payload}'.encode(), key)}"


def _is_signed(token: UnverifiedToken, key: bytes) -> bool:
    return compare_digest(_signature(token.signing_input, key), token.signature)


def _signature(signing_input: bytes, key: bytes) -> str:
    """The signature as it is spelled in a token.

    PyJWT computes it. Its `decode` is not used because it reads the payload a second time, accepts `=` padding and
    warns about the secrets of under 32 bytes that Bitbucket may issue. Signatures are compared as text: base64 has
    several spellings for some bytes, and a token shall have one.
    """
    return _encode_segment(_HS256.sign(signing_input, key))


def _encode_segment(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _page_key(key: str | bytes) -> bytes:
    encoded = key.encode() if isinstance(key, str) else key
    if len(encoded) < MIN_PAGE_KEY_BYTES:
        raise ValueError(f"a page key has at least {MIN_PAGE_KEY_BYTES} bytes")
    return encoded
