"""Bearer tokens for installations: a Connect token swapped at the OAuth endpoint, kept until most of its life is over.

Kept in memory only. A token is known by installation, secret, scope and repository, so a rotated secret never finds the
tokens of the one before it.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from bitbucket.errors import BitbucketError, RateLimited, ServerFault, TimedOut, Unreachable
from bitbucket.messages import Transport
from bitbucket.oauth import MOST_ANSWER_BYTES, token_answer_from, token_endpoint, token_request
from bitbucket.paths import canonical_uuid

JWT_GRANT: Final = "urn:bitbucket:oauth2:jwt"
REFRESH_AFTER: Final = 0.8
"""The share of a token's life after which a new one is asked for."""

DEFAULT_SWAP_SECONDS: Final = 10.0
MOST_TOKENS: Final = 2048


class Signer(Protocol):
    """Makes the Connect token for one request; app key and clock are bound in it by the composition root."""

    def __call__(self, *, client_key: str, secret: str, method: str, url: str) -> str:
        """A token with the hash of `method` and of the path and query of `url`."""
        ...


class _Key(NamedTuple):
    client_key: str
    secret_digest: bytes
    scope: str | None
    repository_uuid: str | None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    scopes: frozenset[str]
    refresh_at: datetime
    expires_at: datetime


class BearerTokens:
    """The bearer tokens of all installations. Safe to share between threads.

    `site_url` is where the OAuth endpoint lives (https://bitbucket.org), `now` gives aware UTC.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sign: Signer,
        site_url: str,
        now: Callable[[], datetime],
        most_tokens: int = MOST_TOKENS,
    ) -> None:
        self._transport = transport
        self._sign = sign
        self._endpoint = token_endpoint(site_url)
        self._now = now
        self._most_tokens = most_tokens
        self._tokens: OrderedDict[_Key, _Token] = OrderedDict()
        self._flights: dict[_Key, Future[_Token]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"BearerTokens({self._endpoint!r}, {len(self._tokens)} held)"

    def token(
        self,
        client_key: str,
        secret: str,
        *,
        scope: str | None = None,
        repository_uuid: str | None = None,
        deadline_seconds: float = DEFAULT_SWAP_SECONDS,
    ) -> str:
        """A token that is good now. Many callers at once cause one swap.

        `scope` (space-separated) and `repository_uuid` narrow it. A token past 80 % of its life is swapped again; should
        that fail for a passing reason, the old one serves until it ends. Raises GrantRefused when the installation's secret
        is no longer good, or what `Transport.send` raises.
        """
        key = _key(client_key, secret, scope, repository_uuid)
        now = self._now()
        with self._lock:
            held = self._tokens.get(key)
            if held is not None and now < held.refresh_at:
                self._tokens.move_to_end(key)
                return held.text
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        still_good = held if held is not None and now < held.expires_at else None
        if is_first:
            self._land(key, flight, secret, deadline_seconds)
        elif still_good is not None:
            return still_good.text
        return _outcome(flight, still_good, deadline_seconds).text

    def granted_scopes(self, client_key: str, secret: str) -> frozenset[str]:
        """The scopes of the widest token that is held for an installation; empty where none is held."""
        with self._lock:
            held = self._tokens.get(_key(client_key, secret, None, None))
        return held.scopes if held is not None else frozenset()

    def forget(self, client_key: str) -> None:
        """Drop every token of an installation (uninstalled, or its secret rotated), and keep none that is on its way."""
        with self._lock:
            for tokens in (self._tokens, self._flights):
                for key in [key for key in tokens if key.client_key == client_key]:
                    del tokens[key]

    def discard(self, client_key: str, token: str) -> bool:
        """Drop one token that the API has refused. False when it was not ours to begin with.

        A token that was already replaced counts as dropped: the next call finds the new one.
        """
        with self._lock:
            for key in [
                key for key, held in self._tokens.items() if key.client_key == client_key and held.text == token
            ]:
                del self._tokens[key]
        return bool(token)

    def _land(self, key: _Key, flight: "Future[_Token]", secret: str, deadline_seconds: float) -> None:
        """Swap, keep the token unless it was forgotten meanwhile, and give the outcome to everybody who waits."""
        try:
            token = self._swap(key, secret, deadline_seconds)
        except BaseException as error:
            self._leave(key, flight, None)
            flight.set_exception(error)
            if not isinstance(error, BitbucketError):
                raise
        else:
            self._leave(key, flight, token)
            flight.set_result(token)

    def _leave(self, key: _Key, flight: "Future[_Token]", token: _Token | None) -> None:
        with self._lock:
            if self._flights.get(key) is not flight:
                return
            del self._flights[key]
            if token is not None:
                self._tokens[key] = token
                self._tokens.move_to_end(key)
                while len(self._tokens) > self._most_tokens:
                    self._tokens.popitem(last=False)

    def _swap(self, key: _Key, secret: str, deadline_seconds: float) -> _Token:
        form = {"grant_type": JWT_GRANT}
        if key.scope is not None:
            form["scope"] = key.scope
        if key.repository_uuid is not None:
            form["bitbucket_repository"] = key.repository_uuid
        jwt = self._sign(client_key=key.client_key, secret=secret, method="POST", url=self._endpoint)
        request = token_request(self._endpoint, form, authorization=f"JWT {jwt}")
        asked_at = self._now()
        response = self._transport.send(request, deadline_seconds=deadline_seconds, max_bytes=MOST_ANSWER_BYTES)
        answer = token_answer_from(response, now=self._now())
        return _Token(
            answer.access_token,
            answer.granted_scopes(),
            refresh_at=asked_at + REFRESH_AFTER * timedelta(seconds=answer.expires_in),
            expires_at=asked_at + timedelta(seconds=answer.expires_in),
        )


def _key(client_key: str, secret: str, scope: str | None, repository_uuid: str | None) -> _Key:
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    narrowed_to = None if repository_uuid is None else canonical_uuid(repository_uuid)
    return _Key(client_key, digest, None if scope is None else " ".join(sorted(scope.split())), narrowed_to)


def _outcome(flight: "Future[_Token]", still_good: _Token | None, deadline_seconds: float) -> _Token:
    try:
        return flight.result(timeout=deadline_seconds)
    except FutureTimeoutError as error:
        raise TimedOut("Another caller's token swap took too long.") from error
    except (Unreachable, RateLimited, ServerFault):
        if still_good is None:
            raise
        return still_good
