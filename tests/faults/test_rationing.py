"""A storm of 429 for one of twenty tenants, in plain text and without a word of for how long: it asks seldom, the others as ever.

On a simulated clock. Each minute every tenant has something to ask, and the one that is rationed five times as much.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
import structlog

from bitbucket.messages import Headers, Response
from models import installations, quota, repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.repositories import RepositoryFacts
from services import create_services
from settings import Settings
from sync.follow_ups import answer
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.faults.workspaces import Tenant, install
from tests.tenants import Clock, Doorbell
from tests.web.fake_bitbucket import TOKEN_PATH
from tests.web.fake_bitbucket import answer as answered

TENANTS = [Tenant(number) for number in range(1, 21)]
RATIONED, OTHERS = TENANTS[0], TENANTS[1:]
SHORT_MINUTES, LONG_MINUTES = 12, 24 * 60
LOOKS_A_MINUTE = 4
QUESTIONS_OF_THE_RATIONED = 5
MOST_A_MINUTE, FREE_HITS = 2, 3
PLAIN_429 = Response(429, Headers({"Content-Type": "text/plain"}), b"Rate limit for this resource has been exceeded")


class Rationing:
    """A Transport that answers everybody but one tenant, and notes who has called in which minute."""

    def __init__(self, clock):
        self._clock = clock
        self.calls = {tenant: [] for tenant in TENANTS}

    def send(self, request, *, deadline_seconds, max_bytes=None, sink=None):
        path = unquote(urlsplit(request.url).path)
        if path == TOKEN_PATH:
            return answered({"access_token": "t", "expires_in": 7200, "scopes": "repository pullrequest"})
        tenant = next(one for one in TENANTS if one.workspace in path)
        self.calls[tenant].append(self._clock())
        return PLAIN_429 if tenant is RATIONED else answered({"values": []})


@pytest.fixture
def house(database_url):
    clock = Clock()
    transport = Rationing(clock)
    settings = Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=database_url)
    services = create_services(settings, transport=transport, now=clock, wake=Doorbell())
    install(SimpleNamespace(sessions=services.sessions, box=services.secret_box), TENANTS)
    with structlog.testing.capture_logs():
        yield services, clock, transport
    services.engine.dispose()


def hold_repositories(services):
    with services.sessions.begin() as session:
        held = {}
        for tenant in TENANTS:
            installation = installations.by_client_key(session, tenant.client_key)
            facts = RepositoryFacts(tenant.repository, workspace_uuid=tenant.workspace)
            held[tenant], _ = repositories.record(
                session, installation, facts, as_of=services.now(), now=services.now()
            )
        return held


def ask_more(services, held, minute):
    with services.sessions.begin() as session:
        for tenant, repository in held.items():
            count = QUESTIONS_OF_THE_RATIONED if tenant is RATIONED else 1
            subjects = [str(minute * QUESTIONS_OF_THE_RATIONED + number + 1) for number in range(count)]
            follow_ups.mark(session, repository, FollowUpKind.TASKS, subjects, now=services.now(), delay=timedelta())


def answer_what_is_due(services):
    with services.readers() as session:
        due = follow_ups.due(session, now=services.now(), at_most=1000)
    for row_id in due:
        answer(services, row_id)


@pytest.mark.fault("A1")
@pytest.mark.only_in_faults
def test_the_rationed_tenant_asks_seldom_and_the_others_as_ever(house, figures, is_long, request):
    services, clock, transport = house
    minutes = LONG_MINUTES if is_long else SHORT_MINUTES
    held = hold_repositories(services)
    for minute in range(minutes):
        ask_more(services, held, minute)
        for _ in range(LOOKS_A_MINUTE):
            answer_what_is_due(services)
            clock.advance(seconds=60 / LOOKS_A_MINUTE)
    rationed = transport.calls[RATIONED]
    by_minute = Counter((at - rationed[0]) // timedelta(minutes=1) for at in rationed[FREE_HITS:])
    others = {len(transport.calls[tenant]) for tenant in OTHERS}
    figures.row(
        system=request.node.callspec.id,
        minutes=minutes,
        calls_of_the_rationed=len(rationed),
        most_in_a_minute_after_three=max(by_minute.values(), default=0),
        calls_of_each_other=", ".join(map(str, sorted(others))),
    )
    assert len(rationed) > 1, "it was never tried again"
    assert max(by_minute.values(), default=0) <= MOST_A_MINUTE
    # One a minute, each at its first look.
    assert others == {minutes}
    with services.readers() as session:
        open_questions = [follow_ups.count(session, held[tenant]) for tenant in OTHERS]
        assert quota.usage_of(session, held[OTHERS[0]].installation_id, limit=700, now=clock()).blocked_until is None
    assert open_questions == [0] * len(OTHERS)
