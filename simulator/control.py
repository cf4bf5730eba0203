"""What tests and demonstrations ask of this Bitbucket beside Bitbucket's own interface: JSON below `/_simulator`.

Refusals are `{"ok": false, "message": …}`: status 400 where the wish itself makes no sense, 200 where it does and the
app refused (an install that failed).
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator import acting, casting, handing_out
from simulator.connect.deliveries import Mischief
from simulator.connect.errors import CallbackFailed, ConnectError
from simulator.connect.installations import Installation, RegisteredApp
from simulator.connect.lifecycle import Order
from simulator.connect.settings import ConnectSettings
from simulator.faults import fault_from_json
from simulator.panels import panels_of
from simulator.request_log import API_PREFIXES
from simulator.world.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.assembly import Simulator
    from simulator.connect.deliveries import Delivery

LONGEST_WAIT_SECONDS = 60.0


def control_of(simulator: Simulator) -> Blueprint:
    """The control interface of a simulator."""
    blueprint = Blueprint("control", __name__, url_prefix="/_simulator")
    control = Control(simulator)
    for rule, method, view in control.routes():
        endpoint = f"{method.lower()}-{rule.strip('/').replace('/', '-').replace('<', '').replace('>', '')}"
        blueprint.add_url_rule(rule, endpoint, _answering(view), methods=[method], strict_slashes=False)
    return blueprint


class WishRefused(Exception):  # noqa: N818 - named after what happened
    """The wish makes no sense; the message says why."""


def _answering(view: Callable[..., Any]) -> Callable[..., Response]:
    def answer(**parts: Any) -> Response:  # noqa: ANN401 - whatever the address holds
        try:
            return _json(view(**parts), 200)
        except CallbackFailed as error:
            return _json({"ok": False, "status": error.status, "message": error.message}, 200)
        except (ConnectError, WorldError) as error:
            return _json({"ok": False, "status": None, "message": error.message}, 400)
        except (WishRefused, ValueError) as error:
            return _json({"ok": False, "status": None, "message": str(error)}, 400)

    return answer


def _json(value: object, status: int) -> Response:
    return Response(json.dumps(value), status, content_type="application/json", headers={"Cache-Control": "no-store"})


class Control:
    """The wishes, one method each."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Address, method and view of each wish."""
        return [
            ("/", "GET", self.summary),
            ("/install", "POST", self.install),
            ("/update", "POST", self.update),
            ("/uninstall", "POST", self.uninstall),
            ("/apps", "GET", self.apps),
            ("/apps", "POST", self.register),
            ("/installations", "GET", self.installations),
            ("/installations", "POST", self.put_installation),
            ("/workspaces", "POST", self.put_workspace),
            ("/repositories", "POST", self.put_repository),
            ("/users", "POST", self.put_user),
            ("/consumers", "POST", self.put_consumer),
            ("/access-tokens", "POST", self.make_access_token),
            ("/panels", "GET", self.panels),
            ("/act", "POST", self.act),
            ("/faults", "GET", self.faults),
            ("/faults", "POST", self.add_fault),
            ("/faults", "DELETE", self.clear_faults),
            ("/deliveries", "GET", self.deliveries),
            ("/deliveries", "DELETE", self.clear_deliveries),
            ("/deliveries/settings", "GET", self.mischief),
            ("/deliveries/settings", "POST", self.behave),
            ("/deliveries/<int:delivery_id>/again", "POST", self.deliver_again),
            ("/requests", "GET", self.requests),
            ("/requests", "DELETE", self.clear_requests),
            ("/quota", "POST", self.quota),
            ("/settings", "GET", self.settings),
            ("/settings", "POST", self.change_settings),
        ]

    def summary(self) -> dict[str, Any]:
        """What there is: workspaces, their people and repositories, and where a browser finds each."""
        with self._simulator.world.lock:
            return casting.summary(self._simulator.world)

    def install(self) -> dict[str, Any]:
        """Install an app through the real handshake, by its descriptor's address or a registered app's key."""
        wish = _wish("descriptor_url", "workspace", "registered", "addon_key", "actor", "app_secret")
        simulator, world = self._simulator, self._simulator.world
        workspace = world.workspace(str(wish.get("workspace", "")))
        registered = self._registration(wish)
        url = wish.get("descriptor_url") or (registered.descriptor_url if registered else None)
        if not isinstance(url, str):
            raise WishRefused("descriptor_url is missing.")
        order = Order(
            descriptor=simulator.source.fetch(url),
            descriptor_url=url,
            principal=workspace.personal_of or workspace,
            actor=world.user(str(wish["actor"])) if "actor" in wish else casting.default_viewer(world, workspace),
        )
        if wish.get("registered") and registered is None:
            registered = self._simulator.installations.registered(order.descriptor.key)
            if registered is None:
                raise WishRefused(f'"{order.descriptor.key}" is not registered; POST /_simulator/apps first.')
        installed = simulator.lifecycle.install(order, registered=registered)
        return _done(installed, "Installed.")

    def _registration(self, wish: dict[str, Any]) -> RegisteredApp | None:
        installations = self._simulator.installations
        key = wish.get("addon_key")
        if key is None:
            return None
        if wish.get("app_secret"):
            installations.register(RegisteredApp(key=str(key), secret=str(wish["app_secret"])))
        registered = installations.registered(str(key))
        if registered is None:
            raise WishRefused(f'"{key}" is not registered; POST /_simulator/apps first.')
        return registered

    def update(self) -> dict[str, Any]:
        """Read the descriptor again and bring the installation to it, as the "Update" button does."""
        installation = self._known(_wish("client_key"))
        if installation.descriptor_url is None:
            raise WishRefused(f"{installation.client_key} has no descriptor address.")
        descriptor = self._simulator.source.fetch(installation.descriptor_url)
        return _done(self._simulator.lifecycle.update(installation, descriptor), "Updated.")

    def uninstall(self) -> dict[str, Any]:
        """Uninstall and tell the app. It is uninstalled whatever the app answers; `status` says what that was."""
        client_key = str(_wish("client_key").get("client_key"))
        answer = self._simulator.lifecycle.uninstall(client_key)
        status = answer.status if answer else None
        return {"ok": True, "client_key": client_key, "status": status, "message": "Uninstalled."}

    def apps(self) -> list[dict[str, Any]]:
        """The registered apps."""
        return [asdict(one) for one in self._simulator.installations.all_registered()]

    def register(self) -> dict[str, Any]:
        """Register an app: its secret is known before any install, and it can be installed by its key."""
        wish = _wish("key", "secret", "descriptor_url")
        if not wish.get("key") or not wish.get("secret"):
            raise WishRefused("key and secret are needed.")
        app = RegisteredApp(key=wish["key"], secret=wish["secret"], descriptor_url=wish.get("descriptor_url"))
        self._simulator.installations.register(app)
        return {"ok": True, "key": app.key}

    def installations(self) -> list[dict[str, Any]]:
        """Every installation ever, tombstones too, with its secret."""
        return [_installation_json(one) for one in self._simulator.installations.all()]

    def put_installation(self) -> dict[str, Any]:
        """Put an installation in place without a handshake, so that the API accepts its secret."""
        wish = _wish("client_key", "shared_secret", "workspace_uuid", "app_key", "descriptor_url", "is_active")
        missing = [name for name in ("client_key", "shared_secret", "workspace_uuid", "app_key") if not wish.get(name)]
        if missing:
            raise WishRefused(f"{', '.join(missing)} missing.")
        url = wish.get("descriptor_url")
        world = self._simulator.world
        installation = Installation(
            client_key=wish["client_key"],
            app_key=wish["app_key"],
            principal_uuid=world.workspace(wish["workspace_uuid"]).uuid,
            secret=wish["shared_secret"],
            descriptor=self._simulator.source.fetch(url) if url else None,
            descriptor_url=url,
            installed_at=world.now(),
            is_active=wish.get("is_active", True),
        )
        self._simulator.installations.put(installation)
        return {"ok": True, "client_key": installation.client_key}

    def put_workspace(self) -> dict[str, Any]:
        """Make a workspace."""
        with self._simulator.world.lock:
            return casting.put_workspace(self._simulator.world, _wish("uuid", "slug", "name", "owner", "is_private"))

    def put_repository(self) -> dict[str, Any]:
        """Make an empty repository."""
        wish = _wish("uuid", "workspace", "slug", "name", "is_private", "description", "actor")
        with self._simulator.world.lock:
            return casting.put_repository(self._simulator.world, wish)

    def put_user(self) -> dict[str, Any]:
        """Make a user, perhaps a member of a workspace and with a permission on a repository."""
        with self._simulator.world.lock:
            return casting.put_user(self._simulator.world, _wish(*casting.USER_WISHES))

    def put_consumer(self) -> dict[str, Any]:
        """Register an OAuth consumer."""
        with self._simulator.world.lock:
            return handing_out.put_consumer(
                self._simulator.world, self._simulator.api.tokens, _wish(*handing_out.CONSUMER_WISHES)
            )

    def make_access_token(self) -> dict[str, Any]:
        """Make an access token."""
        with self._simulator.world.lock:
            return handing_out.make_access_token(
                self._simulator.world, self._simulator.api.tokens, _wish(*handing_out.TOKEN_WISHES)
            )

    def panels(self) -> list[dict[str, Any]]:
        """The signed iframe address of every module that applies to a page."""
        return panels_of(self._simulator, request.args)

    def act(self) -> dict[str, Any]:
        """Let something happen in the world, with all its webhooks."""
        world = self._simulator.world
        wish = request.get_json(silent=True)
        if not isinstance(wish, dict):
            raise WishRefused("The body must be a JSON object.")
        result = acting.act(world, wish, default_actor=lambda one: casting.default_actor(world, one))
        return {"ok": True, "result": result}

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force and how often each struck."""
        return [
            {"match": one.match.pattern, "status": one.status, "times": one.times, "struck": one.struck}
            for one in self._simulator.faults.in_force()
        ]

    def add_fault(self) -> dict[str, Any]:
        """Let a fault strike matching requests; see simulator/faults.py for what it can be."""
        wish = request.get_json(silent=True)
        if not isinstance(wish, dict):
            raise WishRefused("The body must be a JSON object.")
        self._simulator.faults.add(fault_from_json(wish))
        return {"ok": True}

    def clear_faults(self) -> dict[str, Any]:
        """Remove every fault and answer what hangs."""
        self._simulator.faults.clear()
        return {"ok": True}

    def deliveries(self) -> list[dict[str, Any]]:
        """Webhooks sent and to be sent; `wait_seconds` waits until nothing is on its way."""
        seconds = min(float(request.args.get("wait_seconds", 0)), LONGEST_WAIT_SECONDS)
        if seconds > 0:
            self._simulator.deliveries.wait_until_idle(seconds)
        return [_delivery_json(one) for one in self._simulator.deliveries.log()]

    def clear_deliveries(self) -> dict[str, Any]:
        """Forget the deliveries that are done."""
        self._simulator.deliveries.clear_log()
        return {"ok": True}

    def mischief(self) -> dict[str, Any]:
        """What goes wrong with deliveries on purpose."""
        return asdict(self._simulator.deliveries.mischief)

    def behave(self) -> dict[str, Any]:
        """Change what goes wrong with deliveries; what is left out goes back to normal."""
        names = [field.name for field in fields(Mischief)]
        wish = _wish(*names, "delay", "paused")
        for short, long in (("delay", "delay_seconds"), ("paused", "is_paused")):
            if short in wish:
                wish[long] = wish.pop(short)
        self._simulator.deliveries.behave(Mischief(**wish))
        return {"ok": True, **self.mischief()}

    def deliver_again(self, delivery_id: int) -> dict[str, Any]:
        """Send a delivery of the log once more, with the same X-Request-UUID."""
        twin = self._simulator.deliveries.again(delivery_id)
        if twin is None:
            raise WishRefused(f"There is no delivery {delivery_id}.")
        return {"ok": True, "id": twin.id}

    def requests(self) -> list[dict[str, Any]]:
        """The API calls received; `prefix` (repeatable) for other addresses."""
        prefixes = tuple(request.args.getlist("prefix")) or API_PREFIXES
        return [one.as_json() for one in self._simulator.requests.requests(prefixes=prefixes)]

    def clear_requests(self) -> dict[str, Any]:
        """Forget the calls received."""
        self._simulator.requests.clear()
        return {"ok": True}

    def quota(self) -> dict[str, Any]:
        """Calls per rolling hour; null: no limit. Begins to count anew."""
        wish = _wish("limit", "anonymous_limit")
        quotas = self._simulator.api.quotas
        with self._simulator.world.lock:
            quotas.limit, quotas.anonymous_limit = wish.get("limit"), wish.get("anonymous_limit")
            quotas.clear()
        return {"ok": True}

    def settings(self) -> dict[str, Any]:
        """How Connect behaves where the sources differ."""
        return asdict(self._simulator.settings)

    def change_settings(self) -> dict[str, Any]:
        """Change some of them; see simulator/connect/settings.py."""
        wish = _wish(*(field.name for field in fields(ConnectSettings)))
        for name, value in wish.items():
            setattr(self._simulator.settings, name, tuple(value) if isinstance(value, list) else value)
        return {"ok": True, **self.settings()}

    def _known(self, wish: dict[str, Any]) -> Installation:
        found = self._simulator.installations.find(str(wish.get("client_key")))
        if found is None:
            raise WishRefused(f"There is no installation {wish.get('client_key')!r}.")
        return found


def _wish(*names: str) -> dict[str, Any]:
    """The JSON object of the request; raises WishRefused for a key that is none of `names`."""
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict):
        raise WishRefused("The body must be a JSON object.")
    unknown = sorted(set(wish) - set(names))
    if unknown:
        raise WishRefused(f"{', '.join(unknown)} is not known here; known are {', '.join(names)}.")
    return wish


def _done(installation: Installation, message: str) -> dict[str, Any]:
    status = installation.callback_status
    return {"ok": True, "client_key": installation.client_key, "status": status, "message": message}


def _installation_json(installation: Installation) -> dict[str, Any]:
    return {
        "client_key": installation.client_key,
        "app_key": installation.app_key,
        "workspace_uuid": installation.principal_uuid,
        "shared_secret": installation.secret,
        "is_active": installation.is_active,
        "is_registered": installation.is_registered,
        "descriptor_url": installation.descriptor_url,
        "scopes": sorted(installation.scopes),
        "installed_by": installation.installed_by,
        "installed_at": installation.installed_at.isoformat() if installation.installed_at else None,
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event": delivery.event_key,
        "receiver": delivery.lane,
        "url": delivery.url,
        "request_uuid": delivery.request_uuid,
        "state": delivery.state,
        "is_duplicate": delivery.is_duplicate,
        "size_bytes": len(delivery.body),
        "attempts": [asdict(one) for one in delivery.attempts],
    }
