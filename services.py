"""The services that a process works with, made once by app.py, worker.py or the command line and handed on. No Flask here."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from bitbucket.bearer_tokens import BearerTokens, Signer
from bitbucket.circuit_breaker import CircuitBreaker
from bitbucket.client import BitbucketClient
from bitbucket.credentials import SwappedBearer
from bitbucket.deadline import Deadline
from bitbucket.messages import Transport
from bitbucket.transport import RequestsTransport
from connect.tokens import sign_outbound
from jobs.tasks import Jobs
from models.database import (
    create_engine,
    create_hurried_sessions,
    create_readers,
    create_redoable_sessions,
    create_sessions,
)
from models.encryption import SecretBox
from models.quick_connections import QuickConnections, share_of
from models.quick_reads import QuickReads
from settings import Settings
from sync.wake import Wake

Clock = Callable[[], datetime]
"""Gives the time: aware, in UTC."""


@dataclass(frozen=True)
class Services:
    """What is needed to do anything. Tests put fakes in the places of transport, clock and doorbell."""

    settings: Settings
    engine: Engine = field(repr=False)
    sessions: sessionmaker[Session] = field(repr=False)
    """Sessions that may write; on SQLite each holds the write lock from its first statement to its end."""
    redoable: sessionmaker[Session] = field(repr=False)
    """The same for work that is done again should a power failure take it back: no commit waits for the disk."""
    hurried: sessionmaker[Session] = field(repr=False)
    """The same while a person waits for a page: no lock is waited for longer than a second."""
    readers: sessionmaker[Session] = field(repr=False)
    """Sessions that cannot write, and wait for nobody."""
    quick: QuickReads = field(repr=False)
    """Single rows that nearly every request reads, without a session."""
    secret_box: SecretBox = field(repr=False)
    transport: Transport = field(repr=False)
    bearer_tokens: BearerTokens = field(repr=False)
    sign: Signer = field(repr=False)
    now: Clock = field(repr=False)
    wake: Wake = field(repr=False)

    def deadline(self, seconds: float) -> Deadline:
        """A span that begins now, for several calls together."""
        return Deadline(seconds, clock=time.monotonic)

    def client(self, client_key: str, secret: str, *, deadline: Deadline | float | None = None) -> BitbucketClient:
        """A client of the API that speaks as one installation. Without a deadline, each call has a worker's time limit."""
        return BitbucketClient(
            self.transport,
            SwappedBearer(self.bearer_tokens, client_key, secret),
            api_url=self.settings.api_url,
            now=self.now,
            deadline=self.settings.api_timeout_seconds if deadline is None else deadline,
        )


def create_services(
    settings: Settings, *, transport: Transport | None = None, now: Clock | None = None, wake: Wake | None = None
) -> Services:
    """The services of one process. Opens no connection and migrates nothing."""
    clock = now or utc_now
    sign = create_signer(settings, clock)
    quick = share_of(settings.database_connections)
    engine = create_engine(settings.database_url, connections=settings.database_connections - quick)
    transport = transport or create_transport(settings)
    return Services(
        settings=settings,
        engine=engine,
        sessions=create_sessions(engine),
        redoable=create_redoable_sessions(engine),
        hurried=create_hurried_sessions(engine),
        readers=create_readers(engine),
        quick=QuickReads(engine, QuickConnections(engine, most=quick)),
        secret_box=SecretBox(settings.master_keys),
        transport=transport,
        bearer_tokens=BearerTokens(transport, sign=sign, site_url=settings.site_url, now=clock),
        sign=sign,
        now=clock,
        wake=wake or Jobs(settings),
    )


def create_transport(settings: Settings) -> Transport:
    """The way to Bitbucket: to the two configured hosts and nowhere else, and not at all for a moment while one is down."""
    pinned = RequestsTransport(allowed_origins=[settings.api_url, settings.site_url])
    return CircuitBreaker(pinned, clock=time.monotonic)


def create_signer(settings: Settings, now: Clock) -> Signer:
    """What signs our calls to Bitbucket as an installation."""

    def sign(*, client_key: str, secret: str, method: str, url: str) -> str:
        return sign_outbound(
            app_key=settings.app_key,
            client_key=client_key,
            secret=secret,
            method=method,
            url=url,
            now=int(now().timestamp()),
        )

    return sign


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)
