"""People who look at panels while something else is wrong: a repository with a history, and who looks at it without a pause."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import requests

from bench.history import Shape, fill
from models import installations, repositories
from models.repositories import RepositoryFacts
from tests.tenants import BOB
from tests.web.signing import signed_url

if TYPE_CHECKING:
    from tests.faults.running import Running
    from tests.faults.workspaces import Tenant

SHAPE = Shape(pull_requests=60, open=12, span=timedelta(days=90), people=5)
LONGEST_SECONDS = 20.0
PAUSE_SECONDS = 0.02


def give_history(house: Running, tenant: Tenant) -> None:
    """A history in the tenant's repository, as if it had been read."""
    now = datetime.now(UTC)
    with house.sessions.begin() as session:
        installation = installations.by_client_key(session, tenant.client_key)
        facts = RepositoryFacts(tenant.repository, full_name="workspace/heron", is_private=True, main_branch="main")
        row, _ = repositories.record(session, installation, facts, as_of=now, now=now)
        session.flush()
        fill(session, row, SHAPE, now=now)


@dataclass(frozen=True)
class Seen:
    """What came of one look at a panel. `status` is None where no answer came."""

    status: int | None
    began_at: float
    seconds: float


class Viewers:
    """Threads that open panels until they are stopped; used as a context."""

    def __init__(self, port: int, tenant: Tenant, *, threads: int = 2) -> None:
        self.seen: list[Seen] = []
        self._port = port
        self._tenant = tenant
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"viewer {number}") for number in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        pages = itertools.cycle(self._addresses())
        with requests.Session() as session:
            session.trust_env = False
            while not self._stopping.wait(PAUSE_SECONDS):
                began = time.monotonic()
                status = self._look(session, next(pages))
                self.seen.append(Seen(status, began, time.monotonic() - began))

    def _look(self, session: requests.Session, address: str) -> int | None:
        try:
            return session.get(f"http://127.0.0.1:{self._port}{address}", timeout=LONGEST_SECONDS).status_code
        except requests.RequestException:
            return None

    def _addresses(self) -> list[str]:
        who = f"repository={quote(self._tenant.repository)}&user={quote(BOB)}"
        signed = {"client_key": self._tenant.client_key, "secret": self._tenant.secret, "at": datetime.now(UTC)}
        pages = (f"/panels/repository?{who}", f"/panels/pull-request?{who}&pull_request={SHAPE.pull_requests}")
        return [signed_url(page, **signed) for page in pages]
