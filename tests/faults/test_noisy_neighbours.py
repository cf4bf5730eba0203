"""A flood from one tenant, and poison from another: how much later a third one's events are applied.

Poison is a delivery whose handler raises, or hangs, or freezes its worker, or kills it; the worker is then started again, as a
platform does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import sys
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from demo.waiting import wait_until
from models.inbox import MAX_ATTEMPTS, Delivery, DeliveryState
from tests.faults.books import count, drain
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import ANSWER_SECONDS, Senders
from tests.faults.supervision import kept_running
from tests.faults.workspaces import Post, Tenant, install

FLOODING, POISONED, QUIET = Tenant(1), Tenant(2), Tenant(3)
MOST_DELAY_SECONDS = 30.0
MOST_DELAY_BY_A_FLOOD_SECONDS = 5.0
"""In the long form, which wants the machine for itself."""
SHORT_FLOOD, LONG_FLOOD = 400, 10_000
SHORT_QUIET, LONG_QUIET = 3, 60
DRAIN_SECONDS = 900.0
ATTEMPTS = 3
"""Of Bitbucket, for what is answered with a 503 or not at all."""
LIMIT_BYTES = 5 << 29
"""Of address space: what a worker has, and a good deal more, but not two gibibytes more."""
POISONED_WORKER = (
    "-m",
    "tests.faults.limited",
    f"AS={LIMIT_BYTES}",
    sys.executable,
    "-m",
    "tests.faults.poisoned_worker",
)


@contextlib.contextmanager
def house_with_worker(open_house, on, *command):
    with open_house(on) as house:
        install(house, [FLOODING, POISONED, QUIET])
        house.start_web()
        with kept_running(house, "worker", sys.executable, *command) as starts:
            yield house, starts


def send(house, webhooks, *, threads=8):
    with Senders(house.port, webhooks, threads=threads) as senders:
        senders.wait()
    assert {one.status for one in senders.sent} == {202}
    return [one.uuid for one in senders.sent]


def send_now_and_then(house, post, told, *, times):
    """One delivery of the quiet tenant after the other, a moment apart. Returns when each was sent for the first time, by uuid."""
    began = {}
    for one in itertools.islice(itertools.cycle(told), times):
        webhook = post.webhook(QUIET, one)
        began[webhook.uuid] = datetime.now(UTC)
        assert send_as_bitbucket(house, webhook), "Bitbucket has given it up"
        threading.Event().wait(0.5)
    return began


def send_as_bitbucket(house, webhook):
    """Whether one of three attempts was acknowledged.

    On SQLite a job that has stopped in its transaction keeps the lock, and meanwhile webhooks are refused.
    """
    with Senders(house.port, itertools.repeat(webhook, ATTEMPTS), threads=1) as senders:
        wait_until(
            lambda: senders.acknowledged or len(senders.sent) == ATTEMPTS,
            what="an answer",
            timeout_seconds=ATTEMPTS * ANSWER_SECONDS + 1,
        )
    assert {one.status for one in senders.sent} <= {202, 503}
    return senders.acknowledged > 0


def delays(house, began, *, within=60.0):
    """The seconds between the first time that each of these deliveries was sent and its end."""

    def ends():
        with house.readers() as session:
            rows = session.scalars(select(Delivery).where(Delivery.delivery_uuid.in_(began))).all()
        return [
            (row.processed_at - began[row.delivery_uuid]).total_seconds()
            for row in rows
            if row.processed_at is not None
        ]

    return wait_until(
        lambda: found if len(found := ends()) == len(began) else None,
        what="the end of deliveries",
        timeout_seconds=within,
    )


def poison(told, kind):
    """An event that is poison to `poisoned_worker`."""
    body = json.loads(told.body)
    return dataclasses.replace(told, body=json.dumps(body | {"data": body["data"] | {"poison": kind}}))


ON_POSTGRES = pytest.mark.postgres
LONG = pytest.mark.long_form
IN_FAULTS = pytest.mark.only_in_faults


@pytest.mark.fault("W4")
@pytest.mark.parametrize("on", [SQLITE, pytest.param(POSTGRES, marks=ON_POSTGRES)], ids=["sqlite", "postgres"])
def test_a_flood_delays_nobody_else(on, open_house, told, figures, is_long):
    """The flood is all there, and more of it comes, when the quiet tenant's events arrive."""
    flood = LONG_FLOOD if is_long else SHORT_FLOOD
    with house_with_worker(open_house, on, "worker.py") as (house, _):
        post = Post(house.port)
        events = itertools.cycle(told)
        send(house, [post.webhook(FLOODING, next(events)) for _ in range(flood // 2)])
        rest = [post.webhook(FLOODING, next(events)) for _ in range(flood // 2)]
        with Senders(house.port, rest, threads=4):
            began = send_now_and_then(house, post, told, times=LONG_QUIET if is_long else SHORT_QUIET)
            waited = delays(house, began)
        left = count(house, DeliveryState.PENDING)
        note(figures, on, f"flood of {flood}", waited, left=left)
        assert left > 0, "the flood was over before anything could show"
        assert max(waited) <= (MOST_DELAY_BY_A_FLOOD_SECONDS if is_long else MOST_DELAY_SECONDS)


@pytest.mark.fault("Q4")
@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (SQLITE, "raises"),
        pytest.param(SQLITE, "eats", marks=IN_FAULTS),
        pytest.param(SQLITE, "kills", marks=LONG),
        pytest.param(POSTGRES, "raises", marks=ON_POSTGRES),
        pytest.param(POSTGRES, "kills", marks=ON_POSTGRES),
        pytest.param(POSTGRES, "eats", marks=[ON_POSTGRES, LONG]),
        pytest.param(SQLITE, "hangs", marks=IN_FAULTS),
        pytest.param(POSTGRES, "hangs", marks=[ON_POSTGRES, LONG]),
        pytest.param(SQLITE, "freezes", marks=LONG),
    ],
    ids=lambda value: value if isinstance(value, str) else value.database,
)
def test_poison_delays_nobody_else(on, kind, open_house, told, figures, is_long):
    with house_with_worker(open_house, on, *POISONED_WORKER) as (house, starts):
        post = Post(house.port)
        uuids = send(house, [post.webhook(POISONED, poison(one, kind)) for one in told[1 : 4 if is_long else 2]])
        waited = delays(house, send_now_and_then(house, post, told, times=LONG_QUIET if is_long else SHORT_QUIET))
        if is_long:
            drain(house, within=DRAIN_SECONDS)
        states = note_of(house, uuids)
        note(figures, on, f"{len(uuids)} poison: {kind}", waited, starts=len(starts), poison=states)
        assert max(waited) <= MOST_DELAY_SECONDS
        assert (len(starts) > 1) == (kind not in {"raises", "eats"})
        assert not is_long or states == f"dead after {MAX_ATTEMPTS} attempts"


def note_of(house, uuids):
    """What has become of the poison."""
    with house.readers() as session:
        rows = session.scalars(select(Delivery).where(Delivery.delivery_uuid.in_(uuids))).all()
    states = {f"{row.state} after {row.attempts} attempts" for row in rows}
    return ", ".join(sorted(states))


def note(figures, system, trouble, waited, **more):
    ordered = sorted(waited)
    figures.row(
        system=system,
        trouble=trouble,
        events_of_others=len(waited),
        median_delay=f"{ordered[len(ordered) // 2]:.2f} s",
        longest_delay=f"{ordered[-1]:.2f} s",
        **more,
    )
