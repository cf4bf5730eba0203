"""Plays one entry: sets its state, sends its requests in the shape it asks for, and keeps what was seen."""

from __future__ import annotations

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.inbox import Delivery
from models.repositories import Repository
from tests.security import jobs
from tests.security.checks import run_check
from tests.security.laboratory import panel_entry
from tests.security.ledger import fingerprint_of
from tests.security.processes import Memory, measure
from tests.security.recipes.bodies import read_payload_call
from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.exchanges import Exchange
from tests.security.recipes.values import expand
from tests.security.slow_clients import run_slow_clients
from tests.security.stage import push_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.security.laboratory import Laboratory
    from tests.security.wire import Answer


@dataclass(frozen=True)
class Observation:
    """The service's rows at one moment."""

    fingerprints: Mapping[str, str]
    secrets: Mapping[str, str | None]
    delivery_counts: Mapping[str, int]
    audit_counts: Mapping[str, int]
    repositories: Mapping[str, list[dict[str, Any]]]
    tables_of_b: Mapping[str, str]


@dataclass
class Outcome:
    """What came of an entry. `answer` is the one that the entry's expectation is about."""

    entry: Mapping[str, Any]
    laboratory: Laboratory
    before: Observation
    answers: list[Answer]
    exchanges: list[Exchange]
    answered_at: float
    after: Observation | None = None
    rows_before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """A's rows, by table."""
    api_calls: list[dict[str, Any]] = field(default_factory=list)
    honest_seconds: list[float] = field(default_factory=list)
    memory: Memory | None = None
    has_served_b: bool = False
    """Whether an effect has let B work beside the attack; from then on its rows move, as they should."""
    proved: set[str] = field(default_factory=set)
    """Effects that a check of the whole system has shown by itself."""

    @property
    def answer(self) -> Answer:
        return self.answers[-1]

    @property
    def latest_rows(self) -> dict[str, list[dict[str, Any]]]:
        """A's rows now."""
        return self.laboratory.ledger.rows_of(self.laboratory.cast.tenant("A").client_key)

    @property
    def latest(self) -> Observation:
        """The rows now, not at the end of the requests."""
        return observe(self.laboratory)


def observe(laboratory: Laboratory) -> Observation:
    ledger = laboratory.ledger
    keys = [tenant.client_key for tenant in laboratory.cast.tenants.values()]
    rows = ledger.rows_by_tenant()
    b = rows.get(laboratory.cast.tenant("B").client_key, {})
    return Observation(
        fingerprints={key: fingerprint_of(found) for key, found in rows.items()},
        secrets={key: ledger.secret(key) for key in keys},
        delivery_counts={key: len(_in(rows, key, Delivery.__tablename__)) for key in keys},
        audit_counts={key: len(ledger.audit(key)) for key in keys},
        repositories={key: _in(rows, key, Repository.__tablename__) for key in keys},
        tables_of_b={name: repr(found) for name, found in b.items()},
    )


def _in(rows: Mapping[str, Mapping[str, list[dict[str, Any]]]], client_key: str, table: str) -> list[dict[str, Any]]:
    """A tenant's rows of one table; none where there is no such tenant."""
    return rows.get(client_key, {}).get(table, [])


def perform(entry: Mapping[str, Any], laboratory: Laboratory) -> Outcome:
    """Send what the entry says, in its shape; raises NotUnderstood."""
    before = observe(laboratory)
    request = entry["request"]
    outcome = Outcome(entry, laboratory, before, [], [], 0.0)
    outcome.rows_before = outcome.latest_rows
    outcome.memory = measure(str(laboratory.egress.path))
    if "check" in request:
        outcome.proved = run_check(request["check"], laboratory)
        outcome.answers = [laboratory.send(Exchange("GET", "/healthz"))]
        return _finished(outcome)
    if "slow_headers" in request or "slow_body" in request:
        outcome.answers, outcome.honest_seconds = run_slow_clients(laboratory, request)
    elif is_with_locked_database(entry):
        outcome.answers = _with_locked_database(entry, laboratory)
    else:
        if "upstream" in request:
            _let_api_answer(laboratory, request["upstream"])
            jobs.ask_of_bitbucket(laboratory)
        _send_all(entry if "path" in request or "raw_http" in request else _panel_load(entry), outcome)
    return _finished(outcome)


def _finished(outcome: Outcome) -> Outcome:
    outcome.answered_at = time.monotonic()
    if outcome.entry["target"] != "outbound":
        # What Bitbucket does not answer waits, and is not waited for.
        outcome.laboratory.settle()
    outcome.after = observe(outcome.laboratory)
    outcome.api_calls = outcome.laboratory.api_calls()
    return outcome


def _send_all(entry: Mapping[str, Any], outcome: Outcome) -> None:
    laboratory = outcome.laboratory
    # One moment for all of them: the same second gives the same token, byte for byte.
    composer = laboratory.composer(now=laboratory.now())
    if is_replayed(entry):
        first = composer.compose(_honest(entry))
        second = composer.compose(entry) if _wants_another_event(entry) else first
        outcome.exchanges = [first, second]
        assert first.token == second.token, "a replay needs the same token"
    else:
        count = int(_shape(entry, "concurrency") or _shape(entry, "repeat") or 1)
        outcome.exchanges = [composer.compose(entry) for _ in range(count)]
    if _shape(entry, "concurrency"):
        with ThreadPoolExecutor(len(outcome.exchanges)) as pool:
            outcome.answers = list(pool.map(laboratory.send, outcome.exchanges))
    else:
        outcome.answers = [laboratory.send(exchange) for exchange in outcome.exchanges]


def is_with_locked_database(entry: Mapping[str, Any]) -> bool:
    return "database is locked" in f"{entry.get('state', '')} {entry['title']}"


def _with_locked_database(entry: Mapping[str, Any], laboratory: Laboratory) -> list[Answer]:
    """The entry's own request, and readiness beside liveness, while nobody else can use the database."""
    composer = laboratory.composer()
    ready = Exchange("GET", "/readyz")
    with laboratory.ledger.locked():
        return [laboratory.send(ready), laboratory.send(composer.compose(entry))]


def is_replayed(entry: Mapping[str, Any]) -> bool:
    return bool((entry.get("token") or {}).get("replay"))


def _shape(entry: Mapping[str, Any], name: str) -> object:
    """The load shape: in the request or beside it."""
    return entry["request"].get(name, entry.get(name))


def _wants_another_event(entry: Mapping[str, Any]) -> bool:
    """Whether the second request is another one with the same token, and not the same once more."""
    effects = entry["expect"]["effects"]
    return "2 effects" in effects or _honest(entry) != entry


def _honest(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry as the real sender had sent it before the attacker took its token: without what is forged."""
    call = read_payload_call(entry["request"].get("json"))
    if call is None or not any(name == "forged" for name, _ in call.changes):
        return entry
    honest = copy.deepcopy(dict(entry))
    kept = [f"{name}={value}" for name, value in call.changes if name != "forged"]
    honest["request"]["json"] = f"${call.name}({', '.join([call.subject, *kept])})"
    return honest


# What an attack file says of the API's answer, in the simulator's words.
UPSTREAM_WORDS = {"for_s": "for_seconds", "size": "gzip_bomb_bytes"}
UPSTREAM_PLAIN = {"status", "location", "headers", "json", "body", "content_type", "hang", "delay_seconds", "times"}


def _panel_load(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry as a panel load, beside the job that calls the API: pages are to stay up whatever it answers."""
    if entry["request"].get("upstream", {}).get("status") in {403, 404}:
        # Its page is gone with the repository; what goes on is the tenant's other work.
        return {**entry, **push_entry("A.repo_private")}
    return {**entry, **panel_entry("A", "A.user_member")}


def _let_api_answer(laboratory: Laboratory, upstream: Mapping[str, Any]) -> None:
    """From now on the API answers as the entry wants."""
    fault: dict[str, Any] = {"match": jobs.ASKED}
    for name, value in upstream.items():
        if name == "json":
            # Every caller gets the same; what it asked about is not known here, and A's repository is what it asks of.
            # `$self` is the simulator's own word.
            is_ours = "$self" not in str(value)
            fault[name] = expand(value, laboratory.composer().scope("GET", "/")) if is_ours else value
        elif name in UPSTREAM_PLAIN or name in UPSTREAM_WORDS:
            fault[UPSTREAM_WORDS.get(name, name)] = value
        elif name == "chunk_line":
            fault |= {"raw": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "raw_endless": "1" * 4096}
        elif name != "gzip_ratio":
            raise NotUnderstood("upstream behaviour", name)
    laboratory.system.control.post("/faults", fault)
