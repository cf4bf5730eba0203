"""Collisions: an install, an uninstall and webhooks of one tenant at the same moment, a thousand times over.

The install brings a new secret, and all are signed with the one before. Whoever comes first, what is answered is what is
stored: the tenant is installed anew, or removed, or as before; an accepted call is in the trail once; and what has to wait too
long, or collides too often, is a 503 that changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from connect.lifecycle import InstallationState
from models import installations
from models.audit import LifecycleAudit
from models.inbox import Delivery
from tests.faults.books import check_integrity
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import Connection
from tests.faults.workspaces import Post, Tenant, install
from tests.web.signing import token

SHORT_RACES, LONG_RACES = 25, 1000
INSTALLED, UNINSTALLED = "/connect/installed", "/connect/uninstalled"
TENANT = Tenant(1)
WEBHOOKS = 2
SERIALIZABLE = quote("-c default_transaction_isolation=serializable -c lock_timeout=5000 -c timezone=UTC")
IN_LINE = {204, 401, 409, 503}
TAKEN_IN = {202, 401, 403, 503}

ON_POSTGRES = pytest.mark.postgres


@dataclass(frozen=True)
class Rotated(Tenant):
    """The tenant with the secret that it has now."""

    current: str = ""

    @property
    def secret(self):
        return self.current


@dataclass(frozen=True)
class State:
    """What is stored of the tenant."""

    state: InstallationState
    secret: str

    @classmethod
    def of(cls, house):
        with house.readers() as session:
            row = installations.by_client_key(session, TENANT.client_key)
            return cls(row.state, installations.secret_of(row, house.box))


class Racers:
    """One connection for each call of a race; all begin at the same moment."""

    def __init__(self, port):
        self._port = port
        self._connections = [Connection(port) for _ in range(2 + WEBHOOKS)]

    def race(self, requests):
        answers, start = [None] * len(requests), threading.Barrier(len(requests))

        def run(number):
            start.wait()
            answers[number] = self._connections[number].ask(requests[number])

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(requests))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def close(self):
        for connection in self._connections:
            connection.close()


def lifecycle(port, target, *, secret, issued_at, offered=None):
    """A signed call, as bytes."""
    event = target.rpartition("/")[2]
    principal = {"type": "team", "uuid": TENANT.workspace, "display_name": "Workspace 1", "username": "one"}
    body = {
        "productType": "bitbucket",
        "eventType": event,
        "key": "bittern",
        "clientKey": TENANT.client_key,
        "principal": principal,
    }
    written = json.dumps(body | ({"sharedSecret": offered} if offered else {})).encode()
    at = datetime.fromtimestamp(issued_at, UTC)
    signed = token("POST", target, client_key=TENANT.client_key, secret=secret, at=at)
    head = (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: JWT {signed}\r\nContent-Length: {len(written)}\r\n\r\n"
    )
    return head.encode() + written


def accepted(house):
    with house.readers() as session:
        return session.scalar(select(func.count()).select_from(LifecycleAudit))


def is_stored(house, uuid):
    with house.readers() as session:
        return session.scalar(select(Delivery.id).where(Delivery.delivery_uuid == uuid)) is not None


def expected(before, answers, offered):
    """What must be stored after these answers."""
    installed, uninstalled = answers[:2]
    if installed == 204:
        return State(InstallationState.ACTIVE, offered)
    return State(InstallationState.UNINSTALLED, before.secret) if uninstalled == 204 else before


def run_races(house, told, *, races, chance):
    """Returns the answers by call, and how long the longest race took."""
    racers, post, longest = Racers(house.port), Post(house.port), 0.0
    counted = {"install": Counter(), "uninstall": Counter(), "webhook": Counter()}
    with contextlib.closing(racers):
        for number in range(races):
            before = make_active(house, racers)
            offered, trail = f"{number:06d}" * 8, accepted(house)
            now = int(time.time())
            sender = Rotated(TENANT.number, before.secret)
            webhooks = [post.webhook(sender, told[(number + one) % len(told)]) for one in range(WEBHOOKS)]
            requests = [
                lifecycle(
                    house.port, INSTALLED, secret=before.secret, issued_at=now - chance.randrange(2), offered=offered
                ),
                lifecycle(house.port, UNINSTALLED, secret=before.secret, issued_at=now),
                *(one.request for one in webhooks),
            ]
            began = time.monotonic()
            answers = racers.race(requests)
            longest = max(longest, time.monotonic() - began)
            judge(house, before, answers, offered, webhooks, trail)
            for name, answer in zip(["install", "uninstall", *["webhook"] * WEBHOOKS], answers, strict=True):
                counted[name][answer] += 1
    return counted, longest


def judge(house, before, answers, offered, webhooks, trail):
    assert set(answers[:2]) <= IN_LINE, answers
    assert set(answers[2:]) <= TAKEN_IN, answers
    assert State.of(house) == expected(before, answers, offered), answers
    assert accepted(house) - trail == answers[:2].count(204), answers
    for webhook, answer in zip(webhooks, answers[2:], strict=True):
        assert answer != 202 or is_stored(house, webhook.uuid)


def make_active(house, racers):
    """Install it again, where the last race has left it removed."""
    found = State.of(house)
    if found.state is not InstallationState.ACTIVE:
        request = lifecycle(
            house.port, INSTALLED, secret=found.secret, issued_at=int(time.time()), offered=found.secret
        )
        answer = None
        while answer != 204:
            (answer,) = racers.race([request])
            assert answer in {204, 503}
    return State.of(house)


@pytest.mark.fault("D6")
@pytest.mark.parametrize(
    ("on", "isolation"),
    [
        (SQLITE, ""),
        pytest.param(POSTGRES, "", marks=[ON_POSTGRES, pytest.mark.only_in_faults]),
        pytest.param(POSTGRES, SERIALIZABLE, marks=[ON_POSTGRES, pytest.mark.only_in_faults]),
    ],
    ids=["sqlite", "postgres", "postgres-serializable"],
)
def test_whoever_comes_first_what_is_answered_is_what_is_stored(
    on, isolation, open_house, told, figures, is_long, seed
):
    races = LONG_RACES if is_long else SHORT_RACES
    with open_house(on) as house:
        if isolation:
            house.environment["BITTERN_DATABASE_URL"] += f"?options={isolation}"
        install(house, [TENANT])
        house.start_web()
        house.start_worker()
        counted, longest = run_races(house, told, races=races, chance=random.Random(seed))
        figures.row(
            system=f"{on}{', serializable' if isolation else ''}",
            races=races,
            **{
                name: ", ".join(f"{count} x {status}" for status, count in sorted(found.items()))
                for name, found in counted.items()
            },
            longest=f"{longest:.2f} s",
            seed=seed,
        )
        assert counted["install"][204] > 0, "no install has ever won"
        assert counted["uninstall"][204] > 0, "no uninstall has ever won"
        check_integrity(house)
