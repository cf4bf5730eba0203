"""OAuth 2.0 with a consumer of our own: people sign in and let Bittern act for them, or it acts as its consumer's owner.

The grants are authorization-code (with state), refresh-token and client-credentials. Bitbucket does not describe PKCE, fixes the
scopes on the consumer, and no longer has the implicit and the password grant. Access tokens live two hours; refresh tokens
are replaced when they are used and die after three months of rest.
"""

import base64
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from bitbucket.errors import GrantRefused, StateMismatch, TimedOut
from bitbucket.messages import Request, Transport
from bitbucket.oauth import MOST_ANSWER_BYTES, TokenAnswer, token_answer_from, token_endpoint, token_request

REFRESH_AFTER: Final = 0.8
DEFAULT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a grant gave. It is the holder's to keep, encrypted: the refresh token is as good as a password."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scopes: frozenset[str]
    refresh_at: datetime
    expires_at: datetime

    @classmethod
    def from_answer(cls, answer: TokenAnswer, *, asked_at: datetime, before: "TokenSet | None" = None) -> "TokenSet":
        """The tokens of an answer to a question asked at `asked_at`. One without a refresh token keeps the one before."""
        life = timedelta(seconds=answer.expires_in)
        return cls(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or (before.refresh_token if before else None),
            scopes=answer.granted_scopes(),
            refresh_at=asked_at + REFRESH_AFTER * life,
            expires_at=asked_at + life,
        )


def new_state() -> str:
    """An unguessable `state` for one sign-in, to be kept where only that browser's next request can find it."""
    return secrets.token_urlsafe(32)


def check_state(*, sent: str | None, received: str | None) -> None:
    """Raises StateMismatch unless the sign-in that comes back is the one that was sent off."""
    if not sent or not received or not hmac.compare_digest(sent.encode(), received.encode("utf-8", "replace")):
        raise StateMismatch("This sign-in was not begun here, or not by this browser.")


@dataclass(frozen=True, slots=True)
class OAuthConsumer:
    """A consumer as it is registered in a workspace. Its secret goes into the Authorization header and nowhere else."""

    client_id: str
    client_secret: str = field(repr=False)
    site_url: str = "https://bitbucket.org"

    def authorize_url(self, *, state: str) -> str:
        """Where to send a browser to ask its user for consent; it comes back to the consumer's callback with `code`."""
        query = {"client_id": self.client_id, "response_type": "code", "state": state}
        return f"{self.site_url}/site/oauth2/authorize?{urlencode(query, quote_via=quote)}"

    def request_for(self, form: dict[str, str]) -> Request:
        """The token request of a grant."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        return token_request(token_endpoint(self.site_url), form, authorization=f"Basic {basic}")


class OAuthGrants:
    """Asks the token endpoint for tokens, as one consumer."""

    def __init__(self, transport: Transport, consumer: OAuthConsumer, *, now: Callable[[], datetime]) -> None:
        self._transport = transport
        self._consumer = consumer
        self.now = now

    def by_code(self, code: str, *, deadline_seconds: float = DEFAULT_SECONDS) -> TokenSet:
        """The tokens of somebody who has just consented; check the state first. A code is good once.

        Raises GrantRefused, or what `Transport.send` raises.
        """
        return self._ask({"grant_type": "authorization_code", "code": code}, None, deadline_seconds)

    def by_refresh(self, held: TokenSet, *, deadline_seconds: float = DEFAULT_SECONDS) -> TokenSet:
        """New tokens for the ones that somebody holds. The refresh token that comes back replaces the one sent."""
        form = {"grant_type": "refresh_token", "refresh_token": held.refresh_token or ""}
        return self._ask(form, held, deadline_seconds)

    def as_consumer(self, *, deadline_seconds: float = DEFAULT_SECONDS) -> TokenSet:
        """Tokens for the owner of the consumer, by client credentials."""
        return self._ask({"grant_type": "client_credentials"}, None, deadline_seconds)

    def _ask(self, form: dict[str, str], before: TokenSet | None, deadline_seconds: float) -> TokenSet:
        asked_at = self.now()
        request = self._consumer.request_for(form)
        response = self._transport.send(request, deadline_seconds=deadline_seconds, max_bytes=MOST_ANSWER_BYTES)
        answer = token_answer_from(response, now=self.now())
        return TokenSet.from_answer(answer, asked_at=asked_at, before=before)


class _Renewing:
    """A credential whose token is replaced in time, by one thread while the others wait."""

    def __init__(self, grants: OAuthGrants, held: TokenSet | None) -> None:
        self._grants = grants
        self._held = held
        self._refused: str | None = None
        self._lock = threading.Lock()

    def authorize(self, request: Request, *, deadline_seconds: float) -> Request:
        """With `Authorization: Bearer …`, renewed first where most of the token's life is over."""
        held = self._held
        if held is None or self._is_stale(held):
            held = self._renewed(deadline_seconds)
        return request.with_header("Authorization", f"Bearer {held.access_token}")

    def renew(self, refused: Request) -> bool:
        """The token was revoked before its time: the next call gets another one, unless it has been replaced already."""
        scheme, _, token = refused.headers.get("Authorization", "").partition(" ")
        self._refused = token
        return scheme == "Bearer" and bool(token)

    def _is_stale(self, held: TokenSet) -> bool:
        return held.access_token == self._refused or self._grants.now() >= held.refresh_at

    def _renewed(self, deadline_seconds: float) -> TokenSet:
        if not self._lock.acquire(timeout=deadline_seconds):
            raise TimedOut("Another caller's token renewal took too long.")
        try:
            if self._held is None or self._is_stale(self._held):
                self._held = self._ask(self._held, deadline_seconds)
                self._kept(self._held)
            return self._held
        finally:
            self._lock.release()

    def _ask(self, held: TokenSet | None, deadline_seconds: float) -> TokenSet:
        raise NotImplementedError

    def _kept(self, tokens: TokenSet) -> None:
        """Called with new tokens before they are used."""


class ActingFor(_Renewing):
    """Somebody who signed in. `on_rotation` gets every new TokenSet before it is used, to be kept: the old one is spent."""

    def __init__(self, grants: OAuthGrants, held: TokenSet, *, on_rotation: Callable[[TokenSet], None]) -> None:
        super().__init__(grants, held)
        self._on_rotation = on_rotation

    def _ask(self, held: TokenSet | None, deadline_seconds: float) -> TokenSet:
        if held is None or held.refresh_token is None:
            raise GrantRefused("There is no refresh token: sign in again.", status=401, error_code="invalid_grant")
        return self._grants.by_refresh(held, deadline_seconds=deadline_seconds)

    def _kept(self, tokens: TokenSet) -> None:
        self._on_rotation(tokens)


class ActingAsConsumer(_Renewing):
    """The owner of the consumer, by client credentials. Nothing has to be kept: a new token is asked for when needed."""

    def __init__(self, grants: OAuthGrants) -> None:
        super().__init__(grants, None)

    def _ask(self, held: TokenSet | None, deadline_seconds: float) -> TokenSet:  # noqa: ARG002 - nothing is refreshed
        return self._grants.as_consumer(deadline_seconds=deadline_seconds)
