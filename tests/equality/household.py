"""Our side of a life: the services beside the simulated Bitbucket in one process and on one clock, and work until none is due."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import takewhile

from sqlalchemy import func, select

from bitbucket.errors import TimedOut
from jobs.tasks import TASKS, Jobs
from models import inbox, reconciles, repositories
from models.backfills import Backfill
from models.history.follow_ups import FollowUp
from models.inbox import Delivery, DeliveryState
from models.reconciles import Reconcile
from models.tables import Base
from services import create_services
from settings import Settings
from simulator.app import create_app, simulator_of
from simulator.connect.installations import Installation
from simulator.faults import Fault
from sync.backfill.advancing import advance_next
from sync.sweep import sweep
from tests.sync.simulated import InProcess
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_SECRET, ALICE_WORKSPACE, alice_offer, install

MOST_ROUNDS = 3000
PAGES_AT_ONCE = 5
API = re.compile(r" /2\.0/")


class NeverQuiet(AssertionError):  # noqa: N818 - named for what is wrong
    """There is always more work."""


class Doorbell(Jobs):
    """Notes what is rung for, as tasks; nothing is queued."""

    def __init__(self, settings):
        super().__init__(settings)
        self.rung = []

    def _ring(self, name, row_id):
        self.rung.append((name, row_id))


class Household:
    """Installed when it is made; what happened before is the backfill's."""

    def __init__(self, life, database_url, *, calls_per_hour):
        self.life = life
        self.app = create_app(life.world, clock=lambda: int(life.now.timestamp()))
        self.simulator = simulator_of(self.app)
        self.simulator.installations.put(
            Installation(client_key=ALICE_KEY, app_key="bittern", principal_uuid=ALICE_WORKSPACE, secret=ALICE_SECRET)
        )
        self.transport = InProcess(self.app)
        settings = Settings(
            base_url="https://bittern.example.com",
            secret_keys="A" * 43,
            database_url=database_url,
            calls_per_hour=calls_per_hour,
        )
        self.doorbell = Doorbell(settings)
        self.services = create_services(settings, transport=self.transport, now=lambda: life.now, wake=self.doorbell)
        with self.services.sessions.begin() as session:
            self.alice = install(session, alice_offer(), box=self.services.secret_box, now=life.now)

    def close(self):
        self.services.engine.dispose()
        self.simulator.close()

    @property
    def calls(self):
        return len(self.transport.sent)

    def receive(self, deliveries):
        """As the web server does: into the inbox, and a ring."""
        for delivery in deliveries:
            with self.services.sessions.begin() as session:
                row_id = inbox.add(session, self.alice, delivery, now=self.services.now())
            if row_id is not None:
                self.doorbell.delivery(row_id)

    def work(self):
        """All that is due now, as workers do it."""
        for _ in range(MOST_ROUNDS):
            sweep(self.services)
            rung, self.doorbell.rung = list(dict.fromkeys(self.doorbell.rung)), []
            done = [TASKS[task](self.services, row_id) for task, row_id in rung]
            if not (self._read_pages() or any(done)):
                return
        raise NeverQuiet

    def _read_pages(self):
        """Some pages of the history, as the threads do that read beside the others. Returns how many."""
        return sum(1 for _ in takewhile(bool, (advance_next(self.services) for _ in range(PAGES_AT_ONCE))))

    def trouble(self, chance):
        """The API fails for a few calls, in one of the ways in which it does."""
        kind = chance.choice(["error", "unavailable", "rate limited", "garbled", "silent"])
        times = chance.randrange(1, 8)
        if kind == "silent":
            self.transport.troubles += [TimedOut("no answer")] * times
            return
        answers = {
            "error": {"status": 500, "body": b"oops"},
            "unavailable": {"status": 503, "body": b"<html>Unavailable</html>"},
            # As documented: plain text, and no header that says for how long.
            "rate limited": {"status": 429, "body": b"Rate limit for this resource has been exceeded"},
            "garbled": {"status": 200, "body": b'{"values": [', "headers": {"Content-Type": "application/json"}},
        }
        self.simulator.faults.add(Fault(match=API, times=times, **answers[kind]))

    def limit(self, calls):
        """Bitbucket's own quota from now on; None: none."""
        self.simulator.api.quotas.limit = calls

    def end_of_troubles(self):
        self.simulator.faults.clear()
        self.transport.troubles.clear()
        self.limit(None)

    def live_until(self, is_quiet):
        """Work, and go on to when something is due, until it is quiet."""
        for _ in range(MOST_ROUNDS):
            self.work()
            with self.services.readers() as session:
                if is_quiet(session):
                    return
                due = self._next_due(session)
            self.life.now = max(self.life.now + timedelta(seconds=1), due or self.life.now)
        raise NeverQuiet

    def _next_due(self, session):
        moments = [
            session.scalar(select(func.min(table.next_attempt_at)).where(table.next_attempt_at > self.life.now))
            for table in LEASED
        ]
        return min((one for one in moments if one is not None), default=None)

    def has_compared_since(self, moment):
        """Whether a comparison that began after a moment is over, with all that follows from it."""

        def is_quiet(session):
            row = self.held(session)
            if row is None:
                return False
            compared = session.scalar(select(Reconcile).where(Reconcile.repository_id == row.id))
            left = session.scalar(
                select(func.count()).select_from(FollowUp).where(FollowUp.next_attempt_at.is_not(None))
            )
            waiting = session.scalar(select(func.count()).where(Delivery.state == DeliveryState.PENDING))
            reading = session.scalar(select(func.count()).select_from(Backfill).where(Backfill.finished_at.is_(None)))
            return (
                compared is not None
                and compared.stage is reconciles.Stage.WAITING
                and compared.compared_until is not None
                and compared.compared_until >= moment
                and not (left or waiting or reading)
            )

        return is_quiet

    def drift(self, session):
        """What the last comparison has found that no webhook had told."""
        return session.scalar(select(func.sum(Reconcile.drift_total))) or 0

    def held(self, session):
        """Our repository."""
        return repositories.find(session, self.alice, ALICE_REPOSITORY)


LEASED = [one.class_ for one in Base.registry.mappers if hasattr(one.class_, "next_attempt_at")]
