"""Who an app is to the API: its own user, at home in the workspace where it is installed (connect-protocol.md 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.connect.errors import TokenRefused
from simulator.world import identifiers
from simulator.world.model import User, Workspace
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.connect.installations import Installation, Installations
    from simulator.connect.settings import ConnectSettings
    from simulator.world import World

_TOKEN_ENDPOINT = "/site/oauth2/access_token"  # noqa: S105 - an address


class AppAuthenticator:
    """Reads the `Authorization: JWT` of apps for REST and for the token endpoint: `World.connect_authenticator`."""

    def __init__(
        self, world: World, installations: Installations, *, settings: ConnectSettings, clock: Callable[[], int]
    ) -> None:
        self._world = world
        self._installations = installations
        self._settings = settings
        self._clock = clock

    def __call__(self, token: str, method: str, target: str) -> Principal | None:
        """The app behind a token, or None where the token proves nothing."""
        installation = self.installation(token, method=method, target=target)
        return self.principal(installation) if installation else None

    def installation(self, token: str, *, method: str, target: str) -> Installation | None:
        """The installation behind a token, or None where the token proves nothing."""
        is_exchange = target.partition("?")[0] == _TOKEN_ENDPOINT
        checks_qsh = self._settings.checks_qsh_on_token_endpoint if is_exchange else self._settings.checks_qsh_on_rest
        try:
            return self._installations.authenticate(
                token, method=method, target=target, now=self._clock(), checks_qsh=checks_qsh
            )
        except TokenRefused:
            return None

    def principal(self, installation: Installation) -> Principal | None:
        """An installation as a caller; None where its workspace or account is gone."""
        with self._world.lock:
            home = home_of(self._world, installation.principal_uuid)
            if home is None:
                return None
            return Principal.app(
                user=app_user(self._world, installation),
                workspace=home,
                scopes=installation.scopes,
                app_key=installation.app_key,
                quota_key=quota_key(installation),
            )


def quota_key(installation: Installation) -> str:
    """The name under which the calls and tokens of an installation are counted."""
    return f"connect:{installation.client_key}"


def home_of(world: World, principal_uuid: str) -> Workspace | None:
    """The workspace of that uuid; a person who has none yet gets their personal one."""
    found = world.workspaces.get(principal_uuid)
    person = world.users.get(principal_uuid)
    if found is not None or person is None:
        return found
    slug = identifiers.slug_of(person.nickname)
    personal = Workspace(person.uuid, slug, person.display_name, person.created_on, personal_of=person)
    return world.add_workspace(personal)


def app_user(world: World, installation: Installation) -> User:
    """The account as which an installed app acts; made when first needed."""
    uuid = identifiers.uuid_for("app", installation.client_key)
    known = world.users.get(uuid)
    if known is not None:
        return known
    name = installation.descriptor.name if installation.descriptor else installation.app_key
    return world.add_user(
        User(
            uuid=uuid,
            account_id=identifiers.account_id_for("app", installation.client_key),
            nickname=name,
            display_name=name,
            created_on=world.now(),
            kind="app_user",
        )
    )
