"""Panels while Bitbucket fails in every way, and while the database is locked: an answer within three seconds, with its age.

What is shown from our copy is shown as ever, and says when it last changed; what is read live says that it could not be. No token
goes to another host, and the worker does not run against a wall.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import psycopg
import pytest
import requests
from sqlalchemy import select

from models.history.pull_requests import PullRequest
from models.quota import FAILURES_TO_REST
from models.repositories import Repository
from models.sqlite import sqlite_library
from tests.bitbucket.loopback_server import LoopbackServer
from tests.faults.books import drain
from tests.faults.figures import percentile
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import Senders
from tests.faults.workspaces import Post, Tenant, install
from tests.web.signing import token

TENANT = Tenant(1)
VIEWER = "{eeeeeeee-0000-4000-8000-000000000001}"
LONGEST_SECONDS = 3.0
SHORT_ROUNDS, LONG_ROUNDS = 1, 20
LOCKED_SECONDS = 4.0
TOKEN_PATH = "/site/oauth2/access_token"
AGE = re.compile(r'id="as-of" datetime="([^"]+)"')
PAGE_TOKEN = re.compile(r'name="bittern-page-token" content="([^"]+)"')
CALLS_OF_ONE_REQUEST = 4
"""The transport tries again what was cut off."""
CALLS_OF_FIRST_VIEWS = 5
"""A repository, and a pull request, of which nothing is held yet is asked for once."""
EVENTS = 30


class Upstream:
    """A Bitbucket that hands out tokens and answers everything else in the way of the moment."""

    def __init__(self, elsewhere):
        self.ways = {
            "500": lambda exchange: exchange.answer(b"oops", status="500 Oops"),
            "503": lambda exchange: exchange.answer(b"<html>", status="503 Busy"),
            "silence": lambda exchange: exchange.hang(),
            "reset": lambda _: True,
            "truncated": lambda exchange: (
                not exchange.send(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"values": [') or True
            ),
            "slow drip": lambda exchange: exchange.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 900),
            "redirect": lambda exchange: exchange.answer(
                status="302 Found", headers=[f"Location: {elsewhere.url}/2.0/x"]
            ),
            "not JSON": lambda exchange: exchange.answer(b"<html>Log in</html>", headers=["Content-Type: text/html"]),
        }
        self.ways_of = {}
        """By the workspace that is asked about."""
        self.calls = 0

    def __call__(self, exchange):
        if exchange.request.target == TOKEN_PATH:
            body = {"access_token": "t0ken", "expires_in": 7200, "scopes": "repository pullrequest"}
            exchange.answer(json.dumps(body).encode(), headers=["Content-Type: application/json"])
            return None
        target = unquote(exchange.request.target)
        self.calls += "/issues" not in target
        return next(way for workspace, way in self.ways_of.items() if workspace in target)(exchange)


class Reader:
    """A browser that opens panels, and how long each took."""

    def __init__(self, house, tenant=TENANT):
        self._house = house
        self._tenant = tenant
        self._session = requests.Session()
        self._session.trust_env = False
        self.seconds = []

    def open(self, path, **query):
        named = {"repository": self._tenant.repository, **query, "user": VIEWER}
        target = f"{path}?{'&'.join(f'{name}={quote(str(value))}' for name, value in named.items())}"
        signed = token(
            "GET", target, client_key=self._tenant.client_key, secret=self._tenant.secret, at=datetime.now(UTC)
        )
        return self._get(f"{target}&jwt={signed}")

    def open_issues(self, page):
        """The live tab, as the page's own script asks for it."""
        headers = {"Authorization": f"Bearer {PAGE_TOKEN.search(page.text)[1]}", "HX-Request": "true"}
        return self._get("/pages/repository/issues?refresh=1", headers=headers)

    def _get(self, target, **how):
        began = time.monotonic()
        answer = self._session.get(f"http://127.0.0.1:{self._house.port}{target}", timeout=30, **how)
        self.seconds.append(time.monotonic() - began)
        return answer

    def look(self, number):
        """Every kind of panel once. Returns the answers of those from our copy, and of the live one."""
        page = self.open("/pages/repository")
        held = [self.open("/panels/repository"), self.open("/panels/pull-request", pull_request=number), page]
        return held, self.open_issues(page)


@contextlib.contextmanager
def held(open_house, told, on, *tenants, **settings):
    """The web server of a house that has a history of each tenant."""
    with open_house(on) as house:
        house.environment.update(settings)
        install(house, list(tenants))
        house.start_web()
        house.start_worker()
        post = Post(house.port)
        events = [post.webhook(tenant, one) for tenant in tenants for one in told[:EVENTS]]
        with Senders(house.port, events, threads=2) as senders:
            senders.wait()
        drain(house, within=300)
        yield house


def some_pull_request(house):
    with house.readers() as session:
        return session.scalar(
            select(PullRequest.number).join(Repository).where(Repository.uuid == TENANT.repository).limit(1)
        )


def check_held(answers):
    for answer in answers:
        assert answer.status_code == 200, answer.text
    assert AGE.search(answers[0].text), "Pulse does not say how old it is"


@pytest.mark.fault("A2")
@pytest.mark.only_in_faults
def test_panels_answer_while_bitbucket_fails_in_every_way(open_house, told, figures):
    """Each way meets a tenant of its own, whose answers nobody has kept. In between Bitbucket is well, or it would be left alone."""
    with contextlib.ExitStack() as stack:
        elsewhere = stack.enter_context(LoopbackServer(lambda exchange: exchange.answer(b"{}")))
        upstream = Upstream(elsewhere)
        server = stack.enter_context(LoopbackServer(upstream))
        troubled = [Tenant(2 * number + 1) for number in range(len(upstream.ways))]
        well = [Tenant(2 * number + 2) for number in range(len(upstream.ways))]
        upstream.ways_of = {one.workspace: way for one, way in zip(troubled, upstream.ways.values(), strict=True)}
        upstream.ways_of |= {one.workspace: nothing_there for one in well}
        urls = {"BITTERN_API_URL": server.url, "BITTERN_SITE_URL": server.url}
        house = stack.enter_context(held(open_house, told, SQLITE, *troubled, *well, **urls))
        number, began = some_pull_request(house), time.monotonic()
        for name, bad, good in zip(upstream.ways, troubled, well, strict=True):
            reader = Reader(house, bad)
            answers, live = reader.look(number)
            check_held(answers)
            assert live.status_code == 200, live.text
            note(figures, name, reader.seconds)
            assert max(reader.seconds) <= LONGEST_SECONDS
            Reader(house, good).look(number)
        minutes = (time.monotonic() - began) / 60
        house.stop("worker")
        figures.row(trouble="all of them: calls but for live tabs", panels=upstream.calls, longest=f"{minutes:.1f} min")
        assert elsewhere.requests == [], "somebody else was called"
        # Of each tenant five fail before it rests, and then one each time that a rest ends: after one minute, two, four.
        worker = len(troubled) * (FAILURES_TO_REST + 2 + minutes)
        assert upstream.calls <= (worker + len(upstream.ways) * CALLS_OF_FIRST_VIEWS * 2) * CALLS_OF_ONE_REQUEST


def nothing_there(exchange):
    exchange.answer(b'{"values": [], "size": 0}', headers=["Content-Type: application/json"])


@contextlib.contextmanager
def locked_sqlite(house):
    """Another process writes, and does not come to an end."""
    file = house.environment["BITTERN_DATABASE_URL"].removeprefix("sqlite:///")
    connection = sqlite_library().module.connect(file, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextlib.contextmanager
def locked_postgres(house):
    """Nobody may write what a view could want to."""
    with psycopg.connect(house.engines.postgres_url) as connection:
        connection.execute("LOCK TABLE repositories, backfills, installations, pull_requests IN EXCLUSIVE MODE")
        yield
        connection.rollback()


@pytest.mark.fault("D1")
@pytest.mark.only_in_faults
@pytest.mark.parametrize(
    ("on", "locked"),
    [(SQLITE, locked_sqlite), pytest.param(POSTGRES, locked_postgres, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres"],
)
def test_panels_answer_while_the_database_is_locked(on, locked, open_house, told, figures, is_long):
    rounds = LONG_ROUNDS if is_long else SHORT_ROUNDS
    with held(open_house, told, on, TENANT) as house:
        number, reader = some_pull_request(house), Reader(house)
        reader.look(number)
        reader.seconds = []
        for _ in range(rounds):
            with locked(house):
                began = time.monotonic()
                while time.monotonic() - began < LOCKED_SECONDS:
                    answers, _ = reader.look(number)
                    check_held(answers)
                    threading.Event().wait(0.1)
        note(figures, f"database locked: {on}", reader.seconds)
        assert max(reader.seconds) <= LONGEST_SECONDS


def note(figures, trouble, seconds):
    figures.row(
        trouble=trouble,
        panels=len(seconds),
        median=f"{percentile(seconds, 50) * 1000:.0f} ms",
        p99=f"{percentile(seconds, 99) * 1000:.0f} ms",
        longest=f"{max(seconds) * 1000:.0f} ms",
    )
