"""What the demo asks of the simulated Bitbucket through its control address: install, uninstall, list the panels."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from demo.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTROL = "/_simulator"
# An install is a round trip of several calls: descriptor, handshake, proof.
CALL_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Panel:
    """A module of the installed app as Bitbucket would embed it, with its signed address."""

    kind: str
    key: str
    name: str
    url: str


@dataclass(frozen=True)
class RepositoryPage:
    """A repository of the simulated Bitbucket and where a browser finds it."""

    workspace: str
    repository: str
    url: str


class BitbucketControl:
    """A client of the simulator's control address. A call is made inside `shield()`: see `Interruption.shielded`."""

    def __init__(
        self, site_url: str, *, shield: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    ) -> None:
        self._site_url = site_url
        self._shield = shield

    def is_ready(self) -> bool:
        """Whether the simulator answers."""
        try:
            return self._send("GET", "/installations", timeout_seconds=5).ok
        except requests.RequestException:
            return False

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        """The JSON object that the control address answers; raises StepFailed for anything but a success."""
        return self._object("POST", path, json=dict(body))

    def get(self, path: str, query: Mapping[str, str] | None = None) -> object:
        """The JSON value at `path`; raises StepFailed."""
        return self._value("GET", path, params=dict(query or {}))

    def delete(self, path: str) -> None:
        """Make the control address forget what stands at `path`; raises StepFailed."""
        self._answer("DELETE", path)

    def install(self, *, descriptor_url: str, workspace: str, registered: bool = False) -> str:
        """Install the app through the real handshake; its client key. Raises StepFailed with Bitbucket's words."""
        body = {"descriptor_url": descriptor_url, "workspace": workspace, "registered": registered}
        answer = self.post("/install", body)
        if not answer.get("ok"):
            raise StepFailed(f"Bitbucket did not install the app: {answer.get('message')}")
        return str(answer["client_key"])

    def uninstall(self, client_key: str) -> None:
        """Uninstall the app. Raises StepFailed where the app did not agree: Bitbucket uninstalls it all the same."""
        status = self.post("/uninstall", {"client_key": client_key}).get("status")
        if status not in {requests.codes.ok, requests.codes.no_content}:
            raise StepFailed(f"the app answered the uninstall of {client_key} with {status}")

    def main_page(self) -> RepositoryPage:
        """The page to show first: the first repository of the first workspace that has one. Raises StepFailed."""
        workspaces = self._object("GET", "/").get("workspaces")
        for workspace in workspaces if isinstance(workspaces, list) else []:
            for repository in workspace["repositories"]:
                return RepositoryPage(str(workspace["slug"]), str(repository["slug"]), str(repository["url"]))
        raise StepFailed("the local Bitbucket holds no repository")

    def panels(self, *, workspace: str, repository: str) -> list[Panel]:
        """Every module that applies to a viewer of the repository, with freshly signed addresses."""
        answer = self.get("/panels", {"workspace": workspace, "repository": repository})
        rows = answer if isinstance(answer, list) else []
        return [Panel(**{name: str(row[name]) for name in ("kind", "key", "name", "url")}) for row in rows]

    def _object(self, method: str, path: str, **arguments: object) -> dict[str, object]:
        value = self._value(method, path, **arguments)
        if not isinstance(value, dict):
            raise StepFailed(f"the simulator answered {method} {path} with no JSON object")
        return value

    def _value(self, method: str, path: str, **arguments: object) -> object:
        value: object = self._answer(method, path, **arguments).json()
        return value

    def _answer(self, method: str, path: str, **arguments: object) -> requests.Response:
        try:
            response = self._send(method, path, timeout_seconds=CALL_TIMEOUT_SECONDS, **arguments)
        except requests.RequestException as problem:
            raise StepFailed(f"the simulator did not answer {method} {path}: {problem}") from problem
        if not response.ok:
            raise StepFailed(
                f"the simulator answered {method} {path} with {response.status_code}: {response.text[:300]}"
            )
        return response

    def _send(self, method: str, path: str, *, timeout_seconds: float, **arguments: object) -> requests.Response:
        url = f"{self._site_url}{CONTROL}{path}"
        with self._shield(), requests.Session() as session:
            # A proxy from the environment has no business between two processes of one machine.
            session.trust_env = False
            return session.request(method, url, timeout=timeout_seconds, **arguments)  # type: ignore[arg-type]
