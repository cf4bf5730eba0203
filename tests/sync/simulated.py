"""The services beside a simulated Bitbucket in the same process, on one clock: calls go through its WSGI application, not a socket.

What happens there is a Story's, or a test's own; `deliver` takes its events to our inbox and applies them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from werkzeug.test import Client

from bitbucket.messages import Headers, Response
from models import inbox, reconciles, repositories
from models.history import follow_ups
from services import create_services
from settings import Settings
from simulator.app import create_app, simulator_of
from simulator.connect.installations import Installation
from sync import follow_ups as answering
from sync.deliveries import apply_claimed
from sync.reconcile.repository import compare
from tests.sync.history.stories import Story
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_SECRET, ALICE_WORKSPACE, Doorbell, alice_offer, install

URL = "https://api.bitbucket.org"


class Passing:
    """A call that goes through; only then something else happens."""

    def __init__(self, and_then=lambda: None):
        self.and_then = and_then


class InProcess:
    """A Transport that calls a WSGI application. `troubles` are what the next calls get instead: an answer, or an exception."""

    def __init__(self, app):
        self._app = app
        self.sent = []
        self.troubles = []

    def send(self, request, *, deadline_seconds, max_bytes=None, sink=None):
        parts = urlsplit(request.url)
        if parts.path != "/site/oauth2/access_token":
            self.sent.append(f"{request.method} {parts.path}")
            trouble = self.troubles.pop(0) if self.troubles else Passing()
            if isinstance(trouble, Exception):
                raise trouble
            if not isinstance(trouble, Passing):
                return trouble
            answer = self._call(request, parts)
            trouble.and_then()
            return answer
        return self._call(request, parts)

    def _call(self, request, parts):
        answer = Client(self._app).open(
            parts.path,
            base_url=URL,
            query_string=parts.query,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        return Response(answer.status_code, Headers(dict(answer.headers)), answer.get_data())


class Simulated:
    """A Story, our services, and Alice's installation of the app, which is as old as the Story."""

    def __init__(self, database_url, *, seed=20, story=None):
        self.story = story or Story(seed=seed)
        self.app = create_app(self.story.world, clock=lambda: int(self.story.now.timestamp()))
        simulator_of(self.app).installations.put(
            Installation(client_key=ALICE_KEY, app_key="bittern", principal_uuid=ALICE_WORKSPACE, secret=ALICE_SECRET)
        )
        settings = Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=database_url)
        self.transport = InProcess(self.app)
        self.doorbell = Doorbell()
        self.services = create_services(
            settings, transport=self.transport, now=lambda: self.story.now, wake=self.doorbell
        )
        with self.services.sessions.begin() as session:
            self.alice = install(session, alice_offer(), box=self.services.secret_box, now=self.story.began)
        self._delivered = 0

    def close(self):
        self.services.engine.dispose()
        simulator_of(self.app).close()

    def wait(self, **span):
        self.story.now += timedelta(**span)

    def deliver(self, *, is_lost=lambda delivery: False):
        """Bring what Bitbucket has sent since the last time to our rows, but for what gets lost."""
        deliveries = self.story.deliveries()
        for delivery in deliveries[self._delivered :]:
            if not is_lost(delivery):
                self.apply(delivery)
        self._delivered = len(deliveries)

    def apply(self, delivery):
        sent_at = delivery.event_time or self.story.now
        now = self.story.now
        self.story.now = max(sent_at + timedelta(seconds=1), sent_at)
        with self.services.sessions.begin() as session:
            row_id = inbox.add(session, self.alice, delivery, now=self.services.now())
            claimed = inbox.claim(session, row_id, now=self.services.now(), lease=timedelta(seconds=6))
        apply_claimed(self.services, claimed)
        self.story.now = max(now, self.story.now)

    def answer_all(self, *, at_most=2000):
        """Answer every open question, also those that answers lead to. Returns how many."""
        answered = 0
        while answered < at_most:
            self.wait(minutes=2)
            with self.services.readers() as session:
                due = follow_ups.due(session, now=self.services.now(), at_most=100)
            if not due:
                return answered
            for row_id in due:
                answered += answering.answer(self.services, row_id)
        raise AssertionError("there is no end of questions")

    def reconcile(self, *, is_whole=False):
        """Compare the repository a while after the last event, and answer all that follows. Returns the calls by kind."""
        self.wait(minutes=10)
        before = len(self.transport.sent)
        with self.services.sessions.begin() as session:
            row = repositories.find(session, self.alice, ALICE_REPOSITORY)
            reconciles.hasten(session, row, now=self.services.now(), is_whole=is_whole)
            reconcile_id = reconciles.of(session, row).id
        while compare(self.services, reconcile_id):
            pass
        self.answer_all()
        return Counter(kind_of_call(sent) for sent in self.transport.sent[before:])

    def held(self, session):
        """Our repository."""
        return repositories.find(session, self.alice, ALICE_REPOSITORY)

    def pending(self):
        with self.services.readers() as session:
            return follow_ups.pending(session, self.held(session))

    def redeliver(self, delivery, number):
        """The same delivery under another id."""
        return replace(delivery, delivery_uuid=f"dddddddd-0000-4000-8000-{number:012d}")


def kind_of_call(sent):
    """The address without what names things: `GET pullrequests/#/activity`."""
    method, _, path = sent.partition(" ")
    parts = path.split("/")[5:]
    named = [part if part in WORDS else "#" for part in parts]
    return f"{method} {'/'.join(named)}"


WORDS = frozenset(
    [
        "pullrequests",
        "activity",
        "comments",
        "commits",
        "commit",
        "statuses",
        "tasks",
        "diffstat",
        "refs",
        "branches",
        "tags",
        "deployments",
        "environments",
    ]
)

__all__ = ["ALICE_REPOSITORY", "InProcess", "Passing", "Simulated", "kind_of_call"]
