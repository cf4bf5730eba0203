"""Calls to Bitbucket in the background, within the quota: each is charged to its installation before it is made.

A call that may not be made now raises BudgetSpent with the time from which it may; nothing waits here. A 429 keeps all of the
installation's background calls back for a time that grows, and so do failures in a row: other installations go on meanwhile.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.orm import Session

from bitbucket.answers import error_from
from bitbucket.deadline import Deadline
from bitbucket.errors import CircuitOpen, RateLimited, Unreachable
from bitbucket.messages import DEFAULT_MAX_BYTES, Request, Response, Transport
from models import installations, quota
from models.quota import FAILURES_TO_REST, Denied, Purpose
from sync.catching_up import catch_up_with
from sync.errors import BudgetSpent, InstallationInactive

if TYPE_CHECKING:
    from bitbucket.client import BitbucketClient
    from models.installations import Installation
    from services import Services

__all__ = ["BudgetSpent", "InstallationInactive", "Purpose", "client_for"]

log = structlog.get_logger()

FIRST_BLOCK: Final = timedelta(minutes=2)
LONGEST_BLOCK: Final = timedelta(minutes=30)
FIRST_REST: Final = timedelta(minutes=1)
LONGEST_REST: Final = timedelta(minutes=8)
"""What Bitbucket has not told while it was away is to be found within a quarter of an hour after it is back."""

FAILURES_OF_AN_OUTAGE: Final = FAILURES_TO_REST + 2
"""Rests of seven minutes together without a good answer: then events may be missing as well, and questions were given up."""

_UNAUTHORIZED: Final = 401
"""A secret that is no longer good fails every call; of an expired token, the next one succeeds."""

_RATE_LIMITED: Final = 429
_TIMED_OUT_THERE: Final = 555
"""Bitbucket ran out of time on one diff: that says nothing about the next call."""

BeforeCall = Callable[[Session], None]
"""Runs in the transaction that charges a call, such as to renew the lease that the work is done under. What it raises ends the call."""


def client_for(
    services: "Services",
    installation: "Installation",
    *,
    purpose: Purpose,
    deadline: Deadline | float | None = None,
    before_each_call: BeforeCall | None = None,
) -> "BitbucketClient":
    """A client that speaks as the installation and charges every request that it sends, redirects too, to its quota.

    Its calls raise what all calls raise, and BudgetSpent or InstallationInactive, both before anything was sent. Raises
    SealBroken where the secret cannot be opened.
    """
    client = services.client(
        installation.client_key, installations.secret_of(installation, services.secret_box), deadline=deadline
    )
    transport = BudgetedTransport(
        client.transport, services, installation.id, purpose=purpose, before_each_call=before_each_call
    )
    return replace(client, transport=transport)


@dataclass(frozen=True)
class BudgetedTransport:
    """A Transport that asks the installation's quota before each request, and notes how it went."""

    transport: Transport = field(repr=False)
    services: "Services" = field(repr=False)
    installation_id: int
    purpose: Purpose = field(kw_only=True)
    before_each_call: BeforeCall | None = field(kw_only=True, default=None, repr=False)

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """See `Transport.send`; raises BudgetSpent and InstallationInactive as well, before anything is sent."""
        is_troubled = self._charge()
        try:
            response = self.transport.send(request, deadline_seconds=deadline_seconds, max_bytes=max_bytes, sink=sink)
        except CircuitOpen:
            raise  # the whole of Bitbucket is being left alone, which is nothing about this installation
        except Unreachable as error:
            self._note_failure(error.reason)
            raise
        self._note(response, is_troubled=is_troubled)
        if response.answers > 1:
            self._count_more(response.answers - 1)
        return response

    def _charge(self) -> bool:
        services = self.services
        with services.redoable.begin() as session:
            row = installations.by_id(session, self.installation_id)
            if row is None or not row.is_active:
                raise InstallationInactive(self.installation_id)
            if self.before_each_call is not None:
                self.before_each_call(session)
            charged = quota.charge(
                session,
                self.installation_id,
                purpose=self.purpose,
                limit=services.settings.calls_per_hour,
                now=services.now(),
            )
        if isinstance(charged, Denied):
            raise BudgetSpent(charged.hindrance, retry_at=charged.retry_at)
        return charged.is_troubled

    def _count_more(self, calls: int) -> None:
        """Count what the transport tried again within one request: Bitbucket's hour knows calls, not requests."""
        services = self.services
        with services.redoable.begin() as session:
            quota.count_more(session, self.installation_id, purpose=self.purpose, calls=calls, now=services.now())

    def _note(self, response: Response, *, is_troubled: bool) -> None:
        if response.status == _RATE_LIMITED:
            self._note_rate_limit(response)
        elif response.status == _UNAUTHORIZED or (response.status >= 500 and response.status != _TIMED_OUT_THERE):
            self._note_failure(f"http_{response.status}")
        elif is_troubled:
            self._note_success()

    def _note_success(self) -> None:
        services = self.services
        with services.redoable.begin() as session:
            failures = quota.note_success(session, self.installation_id, now=services.now())
        if failures >= FAILURES_OF_AN_OUTAGE:
            catch_up_with(services, self.installation_id)

    def _note_rate_limit(self, response: Response) -> None:
        now = self.services.now()
        told = error_from(response, now=now).retry_at if "Retry-After" in response.headers else None

        def until(rate_limits: int) -> datetime:
            grown = now + growing(FIRST_BLOCK, LONGEST_BLOCK, times=rate_limits)
            return grown if told is None else max(told, grown)

        with self.services.redoable.begin() as session:
            blocked_until = quota.note_rate_limit(session, self.installation_id, now=now, until_of=until)
        until_text = blocked_until.isoformat()
        log.warning(
            "quota.rate_limited", reason=RateLimited.reason, installation=self.installation_id, until=until_text
        )

    def _note_failure(self, reason: str) -> None:
        def rest(times: int) -> timedelta:
            return growing(FIRST_REST, LONGEST_REST, times=times)

        with self.services.redoable.begin() as session:
            quota.note_failure(session, self.installation_id, now=self.services.now(), rest_of=rest)
        log.warning("quota.call_failed", installation=self.installation_id, reason=reason, purpose=self.purpose)


def growing(
    first: timedelta, longest: timedelta, *, times: int, chance: Callable[[], float] = random.random
) -> timedelta:
    """A pause that is twice as long each time, and up to a fifth longer by chance: what stopped together shall not come together."""
    doublings = min(max(times - 1, 0), 16)
    return min(first * (1 << doublings), longest) * (1 + chance() / 5)
