"""The services beside a simulated Bitbucket in one process and on one clock: calls are counted, and waiting takes no time."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from bitbucket.messages import DEFAULT_MAX_BYTES, Headers, Request, Response
from connect.lifecycle import Installed, Principal, PrincipalKind
from jobs.tasks import TASKS
from models import installations
from models.backfills import Backfill
from models.censuses import Census
from models.history.follow_ups import FollowUp
from models.inbox import Delivery
from models.installations import Installation, Offer
from models.reconciles import Reconcile
from models.schema import upgrade
from services import Services, create_services
from settings import Settings
from simulator.app import create_app, simulator_of
from simulator.connect.installations import Installation as TheirInstallation
from simulator.world import World
from simulator.world.model import Workspace
from sync.backfill.advancing import advance_next
from sync.sweep import sweep

CLIENT_KEY: Final = "connection:bench"
SECRET: Final = "a-secret-of-the-bench-0123456789-0123456789"  # noqa: S105 - of no use anywhere
URL: Final = "https://api.bitbucket.org"
TOKEN_PATH: Final = "/site/oauth2/access_token"  # noqa: S105 - an address

_UNAUTHORIZED: Final = 401

_NAMES: Final = (
    ("repositories of the workspace", re.compile(r"/2\.0/repositories/[^/]+\Z")),
    ("pull requests, a page", re.compile(r"/pullrequests\Z")),
    ("one pull request", re.compile(r"/pullrequests/\d+\Z")),
    ("activity of a pull request", re.compile(r"/pullrequests/\d+/activity\Z")),
    ("builds of a pull request", re.compile(r"/pullrequests/\d+/statuses\Z")),
    ("commits of a pull request", re.compile(r"/pullrequests/\d+/commits\Z")),
    ("comments of a pull request", re.compile(r"/pullrequests/\d+/comments\Z")),
    ("tasks of a pull request", re.compile(r"/pullrequests/\d+/tasks\Z")),
    ("diffstat of a pull request", re.compile(r"/diffstat")),
    ("builds of a commit", re.compile(r"/commit/[^/]+/statuses\Z")),
    ("commits, a page", re.compile(r"/commits\Z")),
    ("branches and tags, a page", re.compile(r"/refs")),
    ("deployments, a page", re.compile(r"/deployments\Z")),
    ("environments", re.compile(r"/environments\Z")),
)


class Clock:
    """A clock that only moves when it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span


class Doorbell:
    """Remembers who was rung for, in the names of the tasks."""

    def __init__(self) -> None:
        self._rung: dict[tuple[str, int], None] = {}

    def __getattr__(self, ring: str) -> Callable[[int], None]:
        return lambda row_id: self._rung.update({(_RINGS[ring], row_id): None})

    def answered(self) -> Sequence[tuple[str, int]]:
        """Whom it has rung for since the last time, each once."""
        rung, self._rung = list(self._rung), {}
        return rung


_RINGS: Final = {
    "backfill": "advance_backfill",
    "census": "take_census",
    "delivery": "apply_delivery",
    "deletion": "delete_asked",
    "follow_up": "answer_follow_up",
    "measuring": "measure_anew",
    "proof": "prove_installation",
    "purge": "purge_installation",
    "reconcile": "compare_repository",
}


class CountedCalls:
    """A Transport that calls the simulator's WSGI application, counts by kind, and takes `seconds` of the clock for each call."""

    def __init__(self, app: object, clock: Clock, *, seconds: float) -> None:
        self._client = Client(app)  # type: ignore[arg-type]
        self._clock = clock
        self._seconds = seconds
        self.by_kind: Counter[str] = Counter()
        self.answers: dict[tuple[str, str, bytes | None], Response] | None = None
        """What was answered before, where that is to be answered again without asking the simulator."""

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,  # noqa: ARG002 - the protocol's
        max_bytes: int = DEFAULT_MAX_BYTES,  # noqa: ARG002
        sink: Callable[[bytes], None] | None = None,  # noqa: ARG002
    ) -> Response:
        """See `Transport.send`."""
        parts = urlsplit(request.url)
        if parts.path != TOKEN_PATH:
            self._clock.wait(timedelta(seconds=self._seconds))
            self.by_kind[kind_of(parts.path)] += 1
        asked = (request.method, request.url, request.body)
        if self.answers is None or asked not in self.answers:
            return self._kept(asked, parts.path, self._ask(request))
        return self.answers[asked]

    def _kept(self, asked: tuple[str, str, bytes | None], path: str, answer: Response) -> Response:
        """Keep an answer, unless it was about a token: those end, and the next one is another."""
        if self.answers is not None and path != TOKEN_PATH and answer.status != _UNAUTHORIZED:
            self.answers[asked] = answer
        return answer

    def _ask(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        answer = self._client.open(
            parts.path,
            base_url=URL,
            query_string=parts.query,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        return Response(answer.status_code, Headers(dict(answer.headers)), answer.get_data())

    @property
    def total(self) -> int:
        """All calls, those for tokens left out: they are another host's."""
        return self.by_kind.total()


def kind_of(path: str) -> str:
    """What a call asks for."""
    return next((name for name, pattern in _NAMES if pattern.search(path)), "other")


class Laboratory:
    """An installation of a simulated workspace, and what its calls were."""

    def __init__(
        self, world: World, workspace: Workspace, clock: Clock, database_url: str, *, call_seconds: float
    ) -> None:
        self.clock = clock
        self.delivered = 0
        self._doorbell = Doorbell()
        self.app = create_app(world, clock=lambda: int(clock().timestamp()))
        simulator_of(self.app).installations.put(
            TheirInstallation(client_key=CLIENT_KEY, app_key="bittern", principal_uuid=workspace.uuid, secret=SECRET)
        )
        self.calls = CountedCalls(self.app, clock, seconds=call_seconds)
        settings = Settings(
            base_url="https://bittern.example.com",
            secret_keys="A" * 43,  # type: ignore[arg-type]
            database_url=database_url,
        )
        upgrade(settings.database_url)
        self.services: Services = create_services(
            settings,
            transport=self.calls,
            now=clock,
            wake=self._doorbell,
        )
        self.installation = self._install(workspace)

    def _install(self, workspace: Workspace) -> Installation:
        principal = Principal(workspace.uuid, PrincipalKind.WORKSPACE, workspace.name, workspace.slug)
        offer = Offer(Installed(CLIENT_KEY, "bittern", principal, shared_secret=SECRET), SECRET, issued_at=1)
        with self.services.sessions.begin() as session:
            return installations.accept(
                session, offer, installation=None, box=self.services.secret_box, now=self.clock()
            )

    def work(self) -> None:
        """Do all that is due now, as workers do it."""
        is_busy = True
        while is_busy:
            sweep(self.services)
            rung = self._doorbell.answered()
            done = [TASKS[name](self.services, row_id) for name, row_id in rung]
            is_busy = advance_next(self.services) or any(done)

    def wait_until_due(self, *, at_most: datetime | None = None) -> None:
        """Go on to when the next work is due, and no further than `at_most`."""
        with self.services.readers() as session:
            due = _next_due(session, after=self.clock())
        later = max(self.clock.now + timedelta(seconds=1), due or at_most or self.clock.now)
        self.clock.now = later if at_most is None else max(self.clock.now, min(later, at_most))

    def close(self) -> None:
        """Leave nothing behind."""
        self.services.engine.dispose()
        simulator_of(self.app).close()


def _next_due(session: Session, *, after: datetime) -> datetime | None:
    moments = [
        session.scalar(select(func.min(table.next_attempt_at)).where(table.next_attempt_at > after))
        for table in (Backfill, FollowUp, Reconcile, Census, Delivery)
    ]
    return min((one for one in moments if one is not None), default=None)


@contextmanager
def laboratory(
    world: World, workspace: Workspace, clock: Clock, *, call_seconds: float, database_url: str | None = None
) -> Iterator[Laboratory]:
    """A laboratory, with an SQLite database of its own where none is named; all of that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="bittern-bench-") as directory:
        url = database_url or f"sqlite:///{Path(directory) / 'bench.db'}"
        made = Laboratory(world, workspace, clock, url, call_seconds=call_seconds)
        try:
            yield made
        finally:
            made.close()


def table_of(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The kinds of calls, the most frequent first, and their sum."""
    return [*sorted(counts.items(), key=lambda one: (-one[1], one[0])), ("together", sum(counts.values()))]
