"""What a view of each panel costs the server at 1,000, 10,000, 100,000 and 1,000,000 pull requests. One JSON object.

    python -m bench.panels [--sizes 1000 10000 100000 1000000] [--views 200] [--postgres]

A repository of each size is filled (`bench.history`): larger ones are older and busier, as in life. Then pages are asked for as
Bitbucket frames them, signature and all, through the whole application, with a transport that refuses every call: one view of each
size in turn. Measured:

- `unchanged`: the page is opened again, for another viewer each time, and nothing has happened in between;
- `after_event`: before each view something happens as a webhook would tell it: an approval or a push of an open pull request
  mostly, one in twelve a merge. What was worked out before has to be brought up to date within the view;
- `poll`: the page's own refresh while nothing happens, which is a 304;
- `first`: the very first view of a process, with all its imports and nothing in memory.

Queries are counted as SELECT statements. Times are in milliseconds: as the clock on the wall has them, and as the processor was
busy with them, which is what is left on a machine that does other things meanwhile.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import secrets
import statistics
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import jwt
from msgspec.structs import replace
from pydantic import SecretStr
from sqlalchemy import event, text

from app import create_app
from bench.databases import bytes_of, emptied
from bench.history import Shape, fill
from connect.lifecycle import Installed, Principal, PrincipalKind
from connect.query_string_hash import query_string_hash
from insights.facts.pull_requests import PullRequestState, ReviewState
from models import installations, repositories
from models.history import participants, pull_requests
from models.installations import Installation, Offer
from models.repositories import RepositoryFacts
from models.schema import upgrade
from services import create_services
from settings import Settings
from sync.history.writing import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from bitbucket.messages import Request, Response
    from models.repositories import Repository
    from services import Services

NOW: Final = datetime(2026, 11, 24, 10, tzinfo=UTC)
CLIENT_KEY: Final = "bench-client-key"
SECRET: Final = "bench-secret-of-at-least-thirty-two-characters"  # noqa: S105 - of a tenant that exists for a minute
WORKSPACE: Final = "{bbbbbbbb-0000-4000-8000-000000000001}"
REPOSITORY: Final = "{bbbbbbbb-0000-4000-8000-0000000000a1}"
SHAPES: Final = {
    1_000: Shape(pull_requests=1_000, open=25, span=timedelta(weeks=2 * 52), people=15, in_chapters=True),
    10_000: Shape(pull_requests=10_000, open=60, span=timedelta(weeks=4 * 52), people=60, in_chapters=True),
    100_000: Shape(pull_requests=100_000, open=120, span=timedelta(weeks=8 * 52), people=300, in_chapters=True),
    1_000_000: Shape(pull_requests=1_000_000, open=240, span=timedelta(weeks=16 * 52), people=1_000, in_chapters=True),
}
PANELS: Final = ("pulse", "turn", "flow", "branches")
KINDS: Final = ("unchanged", "after_event", "poll")
MERGES_ONE_IN: Final = 12


def _nothing() -> None:
    """Happens before a view that nothing happens before."""


class Refusing:
    """A way to Bitbucket that nobody may take."""

    def send(self, request: Request, **_limits: object) -> Response:
        """Fail the benchmark."""
        raise AssertionError(f"a view called Bitbucket: {request.url}")


class Silent:
    """A doorbell that wakes nobody."""

    def __getattr__(self, _name: str) -> Callable[[int], None]:
        return lambda _row_id: None


class Bench:
    """One repository of one size, its application, and a clock that runs."""

    def __init__(self, services: Services, shape: Shape) -> None:
        self.services = services
        self.shape = shape
        self.random = random.Random(shape.seed)
        self.queries = 0
        event.listen(services.engine, "before_cursor_execute", self._note)
        self.client: FlaskClient = create_app(services=services).test_client()

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.queries += statement.startswith("SELECT")

    def analyse(self) -> None:
        """Have the database look at what it was filled with, as PostgreSQL does by itself after a while."""
        if self.services.engine.dialect.name == "postgresql":
            with self.services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def measure(self, panel: str, views: int) -> dict[str, Any]:
        """Return all measurements of one panel."""
        return measured_in_turns({0: self}, panel, views)[0]

    def course(self, panel: str, kind: str) -> Course:
        """Return one of the ways in which a panel is opened. It has been opened before."""
        if kind == "poll":
            return Course(self, self._poll(panel), expected=frozenset({200, 304}))
        before = self._happen if kind == "after_event" else _nothing
        return Course(self, lambda number: self.open(panel, number), before=before)

    def first(self, panel: str) -> float:
        """Open a panel for the first time. Returns the milliseconds."""
        started = time.perf_counter()
        answer = self.open(panel, 0)
        assert answer.status_code == 200, answer.status
        return round(1000 * (time.perf_counter() - started), 1)

    def _poll(self, panel: str) -> Callable[[int], TestResponse]:
        page = self.open(panel, 1).get_data(as_text=True)
        found = re.search(r'name="bittern-page-token" content="([^"]+)"', page)
        address = re.search(r'<button id="refresh"[^>]*hx-get="([^"]+)"', page)
        assert found is not None, "every page has a token"
        assert address is not None, "every page has an address to refresh from"
        headers = {"Authorization": f"Bearer {found[1]}", "HX-Trigger": "refresh", "HX-Request": "true"}
        url = address[1].replace("&amp;", "&")
        headers["If-None-Match"] = self.client.get(url, headers=headers).headers["ETag"]
        return lambda _number: self.client.get(url, headers=headers)

    def open(self, panel: str, viewer: int) -> TestResponse:
        """Open a page as Bitbucket frames it."""
        who = f"repository={quote(REPOSITORY)}&user={quote(_uuid(viewer))}"
        number = self.shape.pull_requests - viewer % self.shape.open
        target = {
            "pulse": f"/panels/repository?{who}",
            "turn": f"/panels/pull-request?{who}&pull_request={number}",
        }.get(panel, f"/pages/repository?{who}&tab={panel}")
        issued_at = int(NOW.timestamp())
        claims = {"iss": CLIENT_KEY, "aud": CLIENT_KEY, "iat": issued_at, "exp": issued_at + 3600}
        token = jwt.encode({**claims, "qsh": query_string_hash("GET", target)}, SECRET, algorithm="HS256")
        return self.client.get(f"{target}&jwt={token}")

    def _happen(self) -> None:
        """Have something happen that moves the repository's version, and is measured as sync measures it."""
        with self.services.redoable.begin() as session:
            row = _repository(session)
            number = self.shape.pull_requests - self.random.randrange(self.shape.open)
            with writing(session, row, now=NOW, asks=False) as projection:
                held = pull_requests.held(session, row, {number})[number]
                if self.random.randrange(MERGES_ONE_IN) == 0:
                    _merge_an_old_one(session, row, self.random, self.shape)
                    projection.note_change(*self.merged)
                else:
                    _approve(session, row, number, held.updated_at)
                    projection.note_change(number)

    @property
    def merged(self) -> tuple[int, ...]:
        """The pull request whose merge is told anew: the last one that was merged."""
        return (self.shape.pull_requests - self.shape.open,)


class Course:
    """Views of one kind, one after the other, and what each took."""

    def __init__(
        self,
        bench: Bench,
        view: Callable[[int], TestResponse],
        *,
        before: Callable[[], None] = _nothing,
        expected: frozenset[int] = frozenset({200}),
    ) -> None:
        self._bench = bench
        self._view = view
        self._before = before
        self._expected = expected
        self._times: list[float] = []
        self._busy: list[float] = []
        self._queries: list[int] = []

    def take(self, number: int) -> None:
        """Open it once more, for another viewer."""
        self._before()
        self._bench.queries, started, began = 0, time.perf_counter(), time.thread_time()
        answer = self._view(number)
        self._busy.append(1000 * (time.thread_time() - began))
        self._times.append(1000 * (time.perf_counter() - started))
        self._queries.append(self._bench.queries)
        assert answer.status_code in self._expected, answer.status

    def spread(self) -> dict[str, float]:
        """Return the measurements: milliseconds and numbers of queries."""
        return {
            "p50": round(statistics.median(self._times), 1),
            "p95": _percentile(self._times, 0.95),
            "processor_p50": round(statistics.median(self._busy), 1),
            "processor_p95": _percentile(self._busy, 0.95),
            "queries_p50": statistics.median(self._queries),
            "queries_max": max(self._queries),
        }


def measured_in_turns(benches: Mapping[int, Bench], panel: str, views: int) -> dict[int, dict[str, Any]]:
    """Return all measurements of one panel, by size. A view of each size in turn, so that noise hits all alike."""
    found: dict[int, dict[str, Any]] = {size: {"first": bench.first(panel)} for size, bench in benches.items()}
    for bench in benches.values():
        bench.open(panel, 1)
    for kind in KINDS:
        courses = {size: bench.course(panel, kind) for size, bench in benches.items()}
        for number in range(views):
            for course in courses.values():
                course.take(number)
        for size, course in courses.items():
            found[size][kind] = course.spread()
    return found


def _merge_an_old_one(session: Session, row: Repository, chance: random.Random, shape: Shape) -> None:
    """Tell the end of the newest closed one anew, some minutes later each time: the open ones stay as many as they are."""
    number = shape.pull_requests - shape.open
    held = pull_requests.held(session, row, {number})[number]
    closed_at = (held.closed_at or held.created_at) + timedelta(seconds=chance.randrange(1, 60))
    merged = {"state": PullRequestState.MERGED, "closed_at": min(closed_at, NOW - timedelta(minutes=1))}
    pull_requests.store(session, [replace(held, **merged)])


def _approve(session: Session, row: Repository, number: int, at: datetime) -> None:
    known = participants.held(session, row, {number})[number]
    if known:
        state = None if known[0].state else ReviewState.APPROVED
        participants.store(session, [replace(known[0], state=state, participated_at=at)])


def _percentile(times: list[float], share: float) -> float:
    return round(sorted(times)[int(share * (len(times) - 1))], 1)


def _uuid(number: int) -> str:
    return f"{{a0000000-0000-4000-8000-{number % 15:012x}}}"


def _repository(session: Session) -> Repository:
    installation = installations.by_client_key(session, CLIENT_KEY)
    assert installation is not None, "it was installed"
    row = repositories.locked(session, installation, REPOSITORY)
    assert row is not None, "it was filled"
    return row


@contextmanager
def benches(shape: Shape, database_url: str) -> Iterator[Bench]:
    """Fill a database and open an application on it."""
    upgrade(database_url)
    settings = Settings(
        base_url="https://bittern.example.com",
        secret_keys=SecretStr(secrets.token_urlsafe(32)),
        log_level="ERROR",
        database_url=database_url,
    )
    services = create_services(settings, transport=Refusing(), now=lambda: NOW, wake=Silent())
    try:
        with services.sessions.begin() as session:
            installation = _install(session, services)
            row, _ = repositories.record(session, installation, repository_facts(REPOSITORY), as_of=NOW, now=NOW)
            fill(session, row, shape, now=NOW)
        bench = Bench(services, shape)
        bench.analyse()
        yield bench
    finally:
        services.engine.dispose()


def repository_facts(uuid: str) -> RepositoryFacts:
    """What is told of a repository."""
    return RepositoryFacts(uuid, WORKSPACE, "heron", "Heron", "bench/heron", is_private=True, main_branch="main")


def _install(session: Session, services: Services) -> Installation:
    principal = Principal(WORKSPACE, PrincipalKind.WORKSPACE, display_name="Bench", slug="bench")
    offer = Offer(Installed(CLIENT_KEY, "bittern", principal, shared_secret=SECRET), SECRET, 1_000)
    row = installations.lock(session, CLIENT_KEY)
    return installations.accept(session, offer, installation=row, box=services.secret_box, now=NOW)


def report(sizes: list[int], *, panels: list[str], views: int, is_postgres: bool) -> dict[str, Any]:
    """Return all measurements, by panel and size, and how each database was filled."""
    found: dict[str, Any] = {"filled": {}}
    with ExitStack() as stack:
        opened = {}
        for size in sizes:
            started = time.perf_counter()
            url = stack.enter_context(emptied(is_postgres=is_postgres))
            opened[size] = stack.enter_context(benches(SHAPES[size], url))
            found["filled"][size] = _filling(opened[size], time.perf_counter() - started)
            say(f"{size} pull requests filled: {json.dumps(found['filled'][size])}")
        for panel in panels:
            found[panel] = measured_in_turns(opened, panel, views)
            say(f"{panel}: {json.dumps(found[panel])}")
    return found


def _filling(bench: Bench, seconds: float) -> dict[str, Any]:
    """How long it took to fill a database, how large it is, and what an average pull request takes of it."""
    size = bytes_of(bench.services.engine)
    return {
        "seconds": round(seconds, 1),
        "megabytes": round(size / 1e6, 1),
        "bytes_per_pull_request": round(size / bench.shape.pull_requests),
        "open": bench.shape.open,
        "closed_a_year": round(bench.shape.pull_requests / (bench.shape.span / timedelta(days=364))),
        "people": bench.shape.people,
    }


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--panels", nargs="+", default=list(PANELS))
    parser.add_argument("--views", type=int, default=200)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server that is started for it")
    chosen = parser.parse_args()
    found = report(chosen.sizes, panels=chosen.panels, views=chosen.views, is_postgres=chosen.postgres)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
