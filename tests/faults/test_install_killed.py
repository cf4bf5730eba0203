"""SIGKILL at every statement of the install call, before it and after it: the tenant is absent, old or new, and never mixed.

The whole application handles the call in a process of its own, which kills itself at one point: around each statement and each
commit, or around the answer. Afterwards Bitbucket's retry, the very same call, has to succeed.
"""

from __future__ import annotations

import itertools
import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app import create_app
from connect.lifecycle import InstallationState
from models import installations
from models.audit import LifecycleAudit
from models.backfills import RepositoryListing
from models.quota import Quota
from services import create_services
from settings import Settings
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.faults.workspaces import INSTALLED, Tenant, installed_call
from tests.tenants import NOON, Clock
from tests.web.conftest import KEY, Doorbell
from tests.web.fake_bitbucket import FakeBitbucket

APP_SECRET = "the secret of an app that is registered with Bitbucket"
NEW_SECRET = "a new secret that is long enough for everybody"
SHORT_ROUNDS, LONG_ROUNDS = 1, 3
SURVIVED = 0
numbers = itertools.count(1)


class House:
    """The application over one database. Nothing of it is connected while a child is made."""

    def __init__(self, database_url, **settings):
        known = {"base_url": "https://bittern.example.com", "secret_keys": KEY, "database_url": database_url}
        # The proof is a worker's here: what it does is no part of the call.
        made = Settings(**known, install_proof_seconds=0, **settings)
        self.services = create_services(made, transport=FakeBitbucket(), now=Clock(), wake=Doorbell())
        self.app = create_app(services=self.services)

    def install(self, tenant, call):
        headers, body = call
        return self.app.test_client().post(INSTALLED, headers=headers, data=body).status_code

    def install_and_die(self, tenant, call, *, at):
        """Have a child make the call and kill itself at the point of that number. Returns whether it came so far."""
        self.services.engine.dispose()
        child = os.fork()
        if child == 0:
            # Whatever happens here, nothing of the test may go on in this process.
            try:
                self._live(tenant, call, at)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == SURVIVED
        return False

    def _live(self, tenant, call, at):
        points = itertools.count()

        def point(*_):
            if next(points) == at:
                os.kill(os.getpid(), signal.SIGKILL)

        engine = self.services.engine
        commit = engine.dialect.do_commit

        def commit_between_points(connection):
            point()
            commit(connection)
            point()

        for name in ("before_cursor_execute", "after_cursor_execute"):
            event.listen(engine, name, point)
        engine.dialect.do_commit = commit_between_points
        point()
        status = self.install(tenant, call)
        point()
        os._exit(SURVIVED if status == 204 else 1)

    def state_of(self, tenant):
        """Everything that an install call changes; None where there is no such tenant."""
        with self.services.readers() as session:
            row = installations.by_client_key(session, tenant.client_key)
            if row is None:
                return None
            known = installations.known(row, self.services.secret_box)
            lives = (row.state, row.lifecycle_at, row.installed_at, row.uninstalled_at, row.purge_after, row.proven_at)
            counts = [
                session.scalar(select(func.count()).where(table.installation_id == row.id))
                for table in (RepositoryListing, Quota)
            ]
            entries = select(func.count()).where(LifecycleAudit.client_key == tenant.client_key)
            return (known.secret, known.previous_secret, *lives, *counts, session.scalar(entries))


def first_call(tenant):
    """Signed with the app's own secret, as for an app that is registered."""
    return installed_call(tenant, new_secret=NEW_SECRET, signed_with=APP_SECRET, at=NOON)


def unsigned_call(tenant):
    """The first call that an app gets which is not registered: it waits for its proof."""
    headers, body = first_call(tenant)
    return {name: value for name, value in headers.items() if name != "Authorization"}, body


def next_call(tenant):
    return installed_call(tenant, new_secret=NEW_SECRET, signed_with=tenant.secret, at=NOON)


def nothing(_house, _tenant):
    """It has never been seen."""


def installed(house, tenant):
    with house.services.sessions.begin() as session:
        installations.accept(session, tenant.offer(), installation=None, box=house.services.secret_box, now=NOON)


def uninstalled(house, tenant):
    installed(house, tenant)
    with house.services.sessions.begin() as session:
        row = installations.lock(session, tenant.client_key)
        installations.mark_uninstalled(row, issued_at=1_500, now=NOON, retention=timedelta(days=30))


CASES = {
    "first, registered": (nothing, first_call, {"app_secret": APP_SECRET}, InstallationState.ACTIVE),
    "first, unsigned": (nothing, unsigned_call, {}, InstallationState.PENDING),
    "again, another secret": (installed, next_call, {}, InstallationState.ACTIVE),
    "again, after its end": (uninstalled, next_call, {}, InstallationState.ACTIVE),
}


@pytest.mark.fault("K3")
@pytest.mark.only_in_faults
@pytest.mark.parametrize("case", CASES)
def test_an_install_call_that_is_killed_changed_everything_or_nothing_and_its_retry_succeeds(
    database_url, case, figures, is_long
):
    prepare, write_call, settings, expected = CASES[case]
    house = House(database_url, **settings)
    points = kept = new = 0
    for _ in range(LONG_ROUNDS if is_long else SHORT_ROUNDS):
        for at in itertools.count():
            tenant = Tenant(next(numbers))
            prepare(house, tenant)
            call, before = write_call(tenant), house.state_of(tenant)
            if not house.install_and_die(tenant, call, at=at):
                break
            found = house.state_of(tenant)
            assert house.install(tenant, call) == 204
            after = house.state_of(tenant)
            points, kept, new = points + 1, kept + (found == before), new + (found != before)
            assert found in {before, without_retry(after, found)}
            assert after[:3] == (NEW_SECRET, before[0] if before else None, expected)
    house.services.engine.dispose()
    figures.row(case=case, database=database_url.partition(":")[0], points=points, as_before=kept, new=new, mixed=0)
    assert kept
    assert new


def without_retry(after, found):
    """The retry of a call that was done already may leave another entry in the trail, and nothing else."""
    return after if found is None else (*after[:-1], found[-1])
