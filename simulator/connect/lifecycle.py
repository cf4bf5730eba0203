"""Installs, updates and uninstalls apps: which call goes out, signed with which secret, and what follows from its answer.

Connect-protocol.md 3.1 (when it is signed), 3.4 (synchronous, a failure aborts), 3.6 (updates).
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from simulator.connect import payloads, signing
from simulator.connect.authentication import app_user
from simulator.connect.errors import CallbackFailed, InstallRefused, Unanswered
from simulator.connect.installations import Installation, RegisteredApp
from simulator.world.model import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.connect.descriptor import Descriptor
    from simulator.connect.installations import Installations
    from simulator.connect.outgoing import Answer, Outgoing
    from simulator.connect.settings import ConnectSettings
    from simulator.world import World
    from simulator.world.model import Workspace

# As captured; see ../shared/bitbucket/lifecycle/uninstalled.toolchain--team.json.
_HEADERS = {
    "User-Agent": "python-requests/2.22.0",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Content-Type": "application/json",
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be installed where, and who clicked."""

    descriptor: Descriptor
    descriptor_url: str | None
    principal: User | Workspace
    actor: User


class Lifecycle:
    """The only way by which installations change. Calls for one app in one workspace go out one after another.

    `revoke_tokens` ends the bearer tokens of an installation: after an uninstall, and after an install that failed.
    """

    def __init__(  # noqa: PLR0913 - what it works with, by name
        self,
        world: World,
        installations: Installations,
        outgoing: Outgoing,
        *,
        settings: ConnectSettings,
        clock: Callable[[], int],
        revoke_tokens: Callable[[Installation], None] = lambda _installation: None,
    ) -> None:
        self.settings = settings
        self._revoke_tokens = revoke_tokens
        self._clock = clock
        self._world = world
        self._installations = installations
        self._outgoing = outgoing
        self._locks: defaultdict[tuple[str, str], threading.RLock] = defaultdict(threading.RLock)
        self._locks_lock = threading.Lock()

    def install(self, order: Order, *, registered: RegisteredApp | None = None) -> Installation:
        """Install, or install again; raises CallbackFailed, and then nothing has changed.

        The first call is unsigned, or signed with the app-wide secret of a registered app; every later one, after an
        uninstall too, is signed with the secret of the one before. Each offers a new secret.
        """
        with self._lock_for(order.descriptor.key, order.principal.uuid):
            known = self._installations.of_app(order.descriptor.key, order.principal.uuid)
            candidate = self._candidate(order, known=known, registered=registered)
            return self._offer(candidate, principal=order.principal, actor=order.actor, known=known)

    def update(self, installation: Installation, descriptor: Descriptor, *, actor: User | None = None) -> Installation:
        """Bring a live installation to another descriptor; raises CallbackFailed and InstallRefused.

        Scopes cannot become more, nor none (connect-protocol.md 3.6).
        """
        principal = self.principal(installation)
        with self._lock_for(installation.app_key, principal.uuid):
            known = self._live(installation.client_key)
            _refuse_other_scopes(known, descriptor)
            secret = self._secret(known.app_secret) if self.settings.update_rotates_secret else known.secret
            candidate = replace(known, descriptor=descriptor, secret=secret)
            if not self.settings.update_calls_installed:
                self._installations.put(candidate)
                return candidate
            return self._offer(candidate, principal=principal, actor=actor or self._installer(known), known=known)

    def uninstall(self, client_key: str) -> Answer | None:
        """Uninstall and tell the app; its answer changes nothing, and is None where there was none.

        The credentials end before the call goes out. Whether Bitbucket tells first is not established.
        """
        installation = self._live(client_key)
        principal = self.principal(installation)
        with self._lock_for(installation.app_key, principal.uuid):
            self._installations.deactivate(client_key)
            self._revoke_tokens(installation)
            body = payloads.uninstalled_body(self._world, installation, principal)
            secret = installation.app_secret or installation.secret
            try:
                return self._call("uninstalled", installation, body, secret=secret)
            except Unanswered:
                return None

    def _live(self, client_key: str) -> Installation:
        found = self._installations.find(client_key)
        if found is None or not found.is_active:
            raise InstallRefused(f"{client_key} is not installed.")
        return found

    def principal(self, installation: Installation) -> User | Workspace:
        """The workspace or person an installation belongs to; raises InstallRefused where it is gone."""
        uuid = installation.principal_uuid
        workspace = self._world.workspaces.get(uuid)
        person = workspace.personal_of if workspace else self._world.users.get(uuid)
        found = person or workspace
        if found is None:
            raise InstallRefused(f"There is no workspace or account {uuid}.")
        return found

    def _installer(self, installation: Installation) -> User:
        """Who clicked; for an installation that a test put there, the app's own user."""
        with self._world.lock:
            known = self._world.users.get(installation.installed_by or "")
            return known or app_user(self._world, installation)

    def _candidate(self, order: Order, *, known: Installation | None, registered: RegisteredApp | None) -> Installation:
        app_secret = registered.secret if registered else None
        return Installation(
            client_key=known.client_key if known else self._new_client_key(order, is_registered=registered is not None),
            app_key=order.descriptor.key,
            principal_uuid=order.principal.uuid,
            secret=app_secret if app_secret and isinstance(order.principal, User) else self._secret(app_secret),
            app_secret=app_secret,
            descriptor=order.descriptor,
            descriptor_url=order.descriptor_url,
            installed_by=order.actor.uuid,
            installed_at=self._world.now(),
        )

    def _new_client_key(self, order: Order, *, is_registered: bool) -> str:
        if is_registered:
            return f"ari:cloud:bitbucket::app/{order.principal.uuid}/{order.descriptor.key}"
        return self._installations.new_connection_key()

    def _secret(self, app_secret: str | None) -> str:
        if app_secret and self.settings.registered_apps_share_one_secret:
            return app_secret
        return secrets.token_urlsafe(32)

    def _offer(
        self, candidate: Installation, *, principal: User | Workspace, actor: User, known: Installation | None
    ) -> Installation:
        """Call `installed`, with the offered secret good meanwhile; raises CallbackFailed after rolling back."""
        has_no_secret = candidate.is_registered and isinstance(principal, User)
        body = payloads.installed_body(self._world, candidate, principal, actor=actor, with_secret=not has_no_secret)
        signer = candidate.app_secret or (known.secret if known else None)
        with self._installations.offered(candidate):
            status = self._call_installed(candidate, body, secret=signer)
            installed = replace(candidate, callback_status=status)
            self._installations.put(installed)
        return installed

    def _call_installed(self, candidate: Installation, body: dict[str, Any], *, secret: str | None) -> int | None:
        try:
            answer = self._call("installed", candidate, body, secret=secret)
        except Unanswered as error:
            self._revoke_tokens(candidate)
            raise CallbackFailed(f"Error calling installed: {error.message}", status=None) from error
        if answer is not None and not answer.is_success:
            self._revoke_tokens(candidate)
            raise CallbackFailed(_failure("installed", candidate, answer), status=answer.status)
        return answer.status if answer else None

    def _call(
        self, event: str, installation: Installation, body: dict[str, Any], *, secret: str | None
    ) -> Answer | None:
        """One lifecycle call; None where the descriptor wants none. Raises Unanswered."""
        url = _callback_url(event, installation)
        if url is None or installation.descriptor is None:
            return None
        headers = dict(_HEADERS)
        if secret is not None and installation.descriptor.is_signed:
            token = signing.sign(
                method="POST",
                url=url,
                base_url=installation.descriptor.base_url,
                client_key=installation.client_key,
                secret=secret,
                now=self._clock(),
            )
            headers["Authorization"] = f"JWT {token}"
        return self._outgoing.send(
            "POST",
            url,
            headers=headers,
            body=payloads.as_bytes(body),
            timeout_seconds=self.settings.callback_timeout_seconds,
        )

    def _lock_for(self, app_key: str, principal_uuid: str) -> threading.RLock:
        with self._locks_lock:
            return self._locks[app_key, principal_uuid]


def _callback_url(event: str, installation: Installation) -> str | None:
    descriptor = installation.descriptor
    if descriptor is None or event not in descriptor.lifecycle:
        return None
    return descriptor.absolute(descriptor.lifecycle[event])


def _failure(event: str, installation: Installation, answer: Answer) -> str:
    """The text that Bitbucket shows: that of the `requests` package, which makes its calls (3.4)."""
    side = "Server" if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Client"
    url = _callback_url(event, installation)
    return f"Error calling {event} at URL {url}: {answer.status} {side} Error: {answer.reason} for url: {url}"


def _refuse_other_scopes(installation: Installation, descriptor: Descriptor) -> None:
    if descriptor.key != installation.app_key:
        raise InstallRefused(f'The descriptor is of "{descriptor.key}", the installation of "{installation.app_key}".')
    if installation.descriptor is None:
        return
    if installation.scopes and not descriptor.scopes:
        raise InstallRefused("The scopes of an installed app cannot be reduced to none.")
    added = sorted(descriptor.scopes - installation.scopes)
    if added:
        raise InstallRefused(f"The scopes of an installed app cannot be increased (by {', '.join(added)}).")
