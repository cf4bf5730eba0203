"""Bittern and the simulator as real processes, with everything that an attack could leave a trace in under observation.

One laboratory for each mode of the app (`classic`: a secret for each installation; `shared`: one for the whole app).
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.errors import WaitedTooLong
from demo.ports import HOST
from demo.waiting import wait_until
from tests.local_system import local_system
from tests.security.journal import Egress, Journal
from tests.security.ledger import Ledger
from tests.security.pages import page_token_in
from tests.security.recipes.bodies import Hosts
from tests.security.recipes.exchanges import Composer, Exchange
from tests.security.wire import Answer, send, send_raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from demo.system import LocalSystem
    from tests.security.recipes.cast import Cast

EGRESS_RECORDER = Path(__file__).parent / "egress_recorder"
SETTLE_SECONDS = 15.0
PULL_REQUEST_PAGE = "/panels/pull-request"
# Which page has the token for an address of ours; the panel of a repository for all others.
SESSION_PAGES = {"/panels/pull-request/refresh": PULL_REQUEST_PAGE, "/pages/repository/flow.csv": "/pages/repository"}


@dataclass
class Laboratory:
    """A running service with its fixtures, and how to look at it from every side."""

    cast: Cast
    system: LocalSystem
    ledger: Ledger
    journal: Journal
    egress: Egress
    now: Any = field(default=lambda: int(time.time()))
    unauthorized_bodies: dict[str, set[bytes]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    @property
    def metrics_token(self) -> str:
        return self.system.bittern_environment["BITTERN_METRICS_TOKEN"]

    @contextlib.contextmanager
    def beside(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A further process with the service's settings, which is stopped at the end."""
        own = {**self.system.bittern_environment, **(environment or {})}
        log_path = self.system.plan.log_directory / f"{name}.log"
        with (
            log_path.open("wb") as log,
            subprocess.Popen(list(command), cwd=self.system.plan.root, env=own, stdout=log, stderr=log) as process,
        ):
            try:
                yield process
            finally:
                process.terminate()

    @property
    def port(self) -> int:
        return self.system.plan.addresses.bittern_port

    @property
    def hosts(self) -> Hosts:
        url = self.system.plan.addresses.simulator_url
        return Hosts(site_url=url, api_url=url)

    def composer(self, *, now: int | None = None) -> Composer:
        """Composes requests, all at one moment where `now` is given."""
        return Composer(self.cast, self.hosts, self.session_token, self.now if now is None else lambda: now)

    def ask(self, entry: Mapping[str, Any], *, now: int | None = None) -> Answer:
        """Compose and send an entry's request once."""
        return self.send(self.composer(now=now).compose(entry))

    def send(self, exchange: Exchange) -> Answer:
        """Send a request; what is always true of answers is checked at the end of each entry."""
        if exchange.token is not None:
            self.tokens.add(exchange.token)
        if exchange.raw is not None:
            return send_raw(self.port, exchange.raw)[0]
        answer = send(self.port, exchange.encode(f"{HOST}:{self.port}"), method=exchange.method)
        if answer.status == 401:
            self.unauthorized_bodies.setdefault(answer.content_type, set()).add(answer.body)
        return answer

    def session_token(self, viewer: str, path: str) -> str:
        """The service's own token for a viewer such as `A.user_member` and an address, taken from a page that was opened for them."""
        tenant = viewer.partition(".")[0]
        page = SESSION_PAGES.get(path, "/panel/repo")
        answer = self.ask(panel_entry(tenant, viewer, page=page))
        token = page_token_in(answer.text)
        if path.endswith(".csv"):
            headers = (("Authorization", f"Bearer {token}"),)
            token = str(self.send(Exchange("GET", f"{page}/refresh", headers)).header("X-Page-Link"))
        self.tokens.add(token)
        return token

    def settle(self, *, ahead_seconds: float = SETTLE_SECONDS) -> None:
        """Wait until the worker has nothing to do, nor will have within a time: what stays pending waits for a later attempt."""
        latest = datetime.now(UTC) + timedelta(seconds=ahead_seconds)
        with contextlib.suppress(WaitedTooLong):
            wait_until(
                lambda: self.ledger.work_until(latest) == 0, what="workers at rest", timeout_seconds=SETTLE_SECONDS
            )

    def api_calls(self) -> list[dict[str, Any]]:
        """What the simulated API was asked since it was last told to forget."""
        calls = self.system.control.get("/requests")
        return calls if isinstance(calls, list) else []

    def forget_api_calls(self) -> None:
        self.system.control.delete("/requests")


def panel_entry(
    tenant: str,
    viewer: str,
    *,
    repository: str = "repo_open",
    signed_with: str | None = None,
    page: str = "/panel/repo",
) -> dict[str, Any]:
    """A valid panel load, as an entry of an attack file would have it."""
    query = [["repo_uuid", f"${tenant}.{repository}"], ["user_uuid", f"${viewer}"]]
    if page == PULL_REQUEST_PAGE:
        query.append(["pr_id", "1"])
    return {
        "request": {"method": "GET", "path": page, "query": query},
        "token": signed_token(tenant, signed_with=signed_with) | {"via": "query:jwt"},
    }


def signed_token(tenant: str, *, signed_with: str | None = None, at: str = "$now") -> dict[str, Any]:
    """The token of a correct call of a tenant."""
    key = f"${tenant}.client_key"
    claims = {"iss": key, "aud": key, "iat": at, "exp": f"{at}+3600", "qsh": "$qsh"}
    return {"alg": "HS256", "signed_with": signed_with or f"{tenant}.secret", "claims": claims, "via": "header"}


@contextlib.contextmanager
def open_laboratory(cast: Cast, *, database_url: str | None) -> Iterator[Laboratory]:
    """Start both sides, hand out the laboratory, and stop everything whatever happens."""
    with tempfile.TemporaryDirectory(prefix="bittern-attacks-") as directory:
        record = Path(directory) / "egress"
        with local_system(bittern_settings=_settings(cast, record, database_url)) as system:
            environment, logs = system.bittern_environment, system.plan.log_directory
            ledger = Ledger(environment["BITTERN_DATABASE_URL"], environment["BITTERN_SECRET_KEYS"])
            journal = Journal(tuple(logs / f"{name}.log" for name in ("web", "worker")))
            egress = Egress(record, frozenset({(HOST, str(system.plan.addresses.simulator_port))}))
            with contextlib.closing(ledger):
                yield Laboratory(cast, system, ledger, journal, egress)


def _settings(cast: Cast, egress_record: Path, database_url: str | None) -> dict[str, str | None]:
    settings: dict[str, str | None] = {
        "BITTERN_APP_KEY": cast.app_key,
        # The most that it may ever say: what leaks anywhere leaks here.
        "BITTERN_LOG_LEVEL": "DEBUG",
        "PYTHONPATH": str(EGRESS_RECORDER),
        "EGRESS_RECORD": str(egress_record),
        "BITTERN_METRICS_TOKEN": secrets.token_urlsafe(24),
    }
    if cast.mode == "shared":
        settings["BITTERN_APP_SECRET"] = cast.app_secret
    if database_url is not None:
        settings["BITTERN_DATABASE_URL"] = database_url
    return settings
