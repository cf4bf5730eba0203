"""Which apps are installed where, and whose secret is good at this moment.

A tombstone stays after an uninstall, secret and all: a re-install is signed with it and gets the same clientKey
(connect-protocol.md 3.1, 3.3). While an `installed` call is open, the secret that it offers is good already, since apps
use it inside the handler (Estafette; 3.1).
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.connect import signing
from simulator.connect.errors import TokenRefused
from simulator.connect.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from simulator.connect.descriptor import Descriptor

_FIRST_CONNECTION = 4711


@dataclass(frozen=True, kw_only=True)
class RegisteredApp:
    """An app of "Develop apps": its app-wide secret is known before any install, and it is installed by its key."""

    key: str
    secret: str
    descriptor_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One app in one workspace (or personal account); `descriptor` is None only for one put there by a test."""

    client_key: str
    app_key: str
    principal_uuid: str
    secret: str
    app_secret: str | None = None
    """a registered app's own; lifecycle calls are signed with it"""
    descriptor: Descriptor | None = None
    descriptor_url: str | None = None
    installed_by: str | None = None
    installed_at: datetime | None = None
    callback_status: int | None = None
    """what the app answered to the latest `installed`; None where it was not called"""
    is_active: bool = True

    @property
    def is_registered(self) -> bool:
        """Whether the app has an app-wide secret."""
        return self.app_secret is not None

    @property
    def scopes(self) -> frozenset[str]:
        """What the app may do; everything where there is no descriptor."""
        return self.descriptor.scopes if self.descriptor else SCOPES


class Installations:
    """All installations by clientKey, and all registered apps by key. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_client_key: dict[str, Installation] = {}
        self._offered: dict[str, Installation] = {}
        self._registered: dict[str, RegisteredApp] = {}
        self._connection_numbers = itertools.count(_FIRST_CONNECTION)

    def register(self, app: RegisteredApp) -> None:
        """Make an app a registered one."""
        with self._lock:
            self._registered[app.key] = app

    def registered(self, app_key: str) -> RegisteredApp | None:
        """The registration of an app, if it has one."""
        return self._registered.get(app_key)

    def all_registered(self) -> list[RegisteredApp]:
        """Every registered app."""
        with self._lock:
            return list(self._registered.values())

    def put(self, installation: Installation) -> None:
        """Remember an installation as it now is."""
        with self._lock:
            self._by_client_key[installation.client_key] = installation

    def find(self, client_key: str) -> Installation | None:
        """The installation, uninstalled ones included."""
        return self._by_client_key.get(client_key)

    def of_app(self, app_key: str, principal_uuid: str) -> Installation | None:
        """An app's installation in one workspace or account, uninstalled ones included."""
        return next(
            (one for one in self.all() if (one.app_key, one.principal_uuid) == (app_key, principal_uuid)),
            None,
        )

    def all(self) -> list[Installation]:
        """Every installation ever, oldest first."""
        with self._lock:
            return list(self._by_client_key.values())

    def active(self) -> list[Installation]:
        """Those that are installed now."""
        return [one for one in self.all() if one.is_active]

    def deactivate(self, client_key: str) -> None:
        """Leave a tombstone; the app's credentials stop working at once."""
        with self._lock:
            found = self._by_client_key.get(client_key)
            if found:
                self._by_client_key[client_key] = replace(found, is_active=False)

    def new_connection_key(self) -> str:
        """A clientKey for an app that is not registered: `connection:<digits>`."""
        with self._lock:
            candidates = (f"connection:{number}" for number in self._connection_numbers)
            return next(key for key in candidates if key not in self._by_client_key)

    @contextlib.contextmanager
    def offered(self, candidate: Installation) -> Iterator[None]:
        """While inside, the candidate's secret is good too; afterwards only what was `put` counts."""
        with self._lock:
            self._offered[candidate.client_key] = candidate
        try:
            yield
        finally:
            with self._lock:
                self._offered.pop(candidate.client_key, None)

    def current(self, client_key: str) -> Installation | None:
        """The installation behind a credential in use: the one being installed, else the active one."""
        with self._lock:
            found = self._by_client_key.get(client_key)
            return self._offered.get(client_key) or (found if found and found.is_active else None)

    def authenticate(self, token: str, *, method: str, target: str, now: int, checks_qsh: bool) -> Installation:
        """Whose call this is, from the token of its `Authorization: JWT`; raises TokenRefused.

        `target` is the request's raw path and query; `checks_qsh` says whether the token must be for this very request.
        """
        claimed = signing.read_claims(token)
        with self._lock:
            found = self._by_client_key.get(claimed.client_key)
            candidates = [self._offered.get(claimed.client_key), found if found and found.is_active else None]
        refusal = TokenRefused("The JWT's sub is not the clientKey of an installation.")
        for installation in filter(None, candidates):
            try:
                claims = signing.verify(token, secret=installation.secret, now=now)
            except TokenRefused as error:
                refusal = error
                continue
            if installation.app_key != claimed.app_key:
                raise TokenRefused("The JWT's iss is not the key of the app that is installed.")
            if checks_qsh:
                signing.check_query_string_hash(claims, method=method, target=target)
            return installation
        raise refusal
