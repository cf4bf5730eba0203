"""Who is calling: small classes that put an Authorization header on a request.

This package does not know how a Connect token is signed. The composition root supplies a `Signer`, in which the app key and
the clock are already bound::

    def sign(*, client_key: str, secret: str, method: str, url: str) -> str:
        return sign_outbound(app_key=APP_KEY, client_key=client_key, secret=secret, method=method, url=url, now=…)

    credential = ConnectJwt(client_key, secret, sign=sign)
    tokens = BearerTokens(transport, sign=sign, site_url="https://bitbucket.org", now=now)
    credential = SwappedBearer(tokens, client_key, secret)
"""

import base64
from dataclasses import dataclass, field
from typing import Final, Protocol

from bitbucket.bearer_tokens import BearerTokens, Signer
from bitbucket.errors import AppPasswordsEnded
from bitbucket.messages import Request

__all__ = ["AccessToken", "Anonymous", "Basic", "Bearer", "ConnectJwt", "Credential", "Signer", "SwappedBearer"]


_APP_PASSWORD_PREFIX: Final = "ATBB"  # noqa: S105 - how all of them begin


class Credential(Protocol):
    """Something that can say who is calling."""

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:
        """The same request with its Authorization header. May call the OAuth endpoint first, within the deadline."""
        ...

    def renew(self, refused: Request) -> bool:
        """Called after a 401. True when the next `authorize` will use another token, so that one more try makes sense."""
        ...


class _Fixed:
    """A credential that cannot be renewed."""

    def renew(self, refused: Request) -> bool:  # noqa: ARG002
        """A 401 is final."""
        return False


@dataclass(frozen=True)
class Anonymous(_Fixed):
    """Nobody in particular: public data only, 60 calls an hour and address."""

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:  # noqa: ARG002
        """The request as it is."""
        return request


@dataclass(frozen=True)
class Basic(_Fixed):
    """A person, by the e-mail address of the Atlassian account and an API token.

    Raises AppPasswordsEnded for what can only be an app password: one with a username, or one that begins like them.
    """

    email: str
    api_token: str = field(repr=False)

    def __post_init__(self) -> None:
        if "@" not in self.email or self.api_token.startswith(_APP_PASSWORD_PREFIX):
            raise AppPasswordsEnded(
                "App passwords and usernames stopped working on 2026-07-28. Create an API token in your Atlassian account"
                " settings and use it with the account's e-mail address."
            )
        if ":" in self.email:
            raise ValueError("An e-mail address in Basic credentials cannot hold a colon.")

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:  # noqa: ARG002
        """With `Authorization: Basic …`."""
        pair = base64.b64encode(f"{self.email}:{self.api_token}".encode()).decode()
        return request.with_header("Authorization", f"Basic {pair}")


@dataclass(frozen=True)
class Bearer(_Fixed):
    """A bearer token as it is: a repository, project or workspace access token, or an OAuth 2.0 access token."""

    token: str = field(repr=False)

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:  # noqa: ARG002
        """With `Authorization: Bearer …`."""
        return request.with_header("Authorization", f"Bearer {self.token}")


AccessToken = Bearer


@dataclass(frozen=True)
class ConnectJwt(_Fixed):
    """An installation, speaking for itself: every request carries its own token over its method and URL."""

    client_key: str
    secret: str = field(repr=False)
    sign: Signer = field(repr=False, kw_only=True)

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:  # noqa: ARG002
        """With `Authorization: JWT …`; the scheme is case-sensitive, and `Bearer` would get empty lists instead of a 401."""
        token = self.sign(client_key=self.client_key, secret=self.secret, method=request.method, url=request.url)
        return request.with_header("Authorization", f"JWT {token}")


@dataclass(frozen=True)
class SwappedBearer:
    """An installation with a bearer token that was got for its Connect token; `scope` and `repository_uuid` narrow it."""

    tokens: BearerTokens = field(repr=False)
    client_key: str
    secret: str = field(repr=False)
    scope: str | None = None
    repository_uuid: str | None = None

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:
        """With `Authorization: Bearer …`, swapped first where no token is at hand."""
        token = self.tokens.token(
            self.client_key,
            self.secret,
            scope=self.scope,
            repository_uuid=self.repository_uuid,
            deadline_seconds=deadline_seconds,
        )
        return request.with_header("Authorization", f"Bearer {token}")

    def renew(self, refused: Request) -> bool:
        """A token may be revoked before its time: drop exactly that one and swap once more."""
        scheme, _, token = refused.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and self.tokens.discard(self.client_key, token)
