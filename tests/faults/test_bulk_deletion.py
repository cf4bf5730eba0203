"""Deletions asked for with the wrong ids, or for too many at once: nothing goes that should not, and never everybody.

What is due is decided by the rows, whatever a job is called with; what no row id is, is refused before a database could read it as
one; and within a day no more installations go than the settings say.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select

from connect.lifecycle import Installed, Principal, PrincipalKind
from models import deletions, installations, purges, repositories
from models.errors import ModelsError, WrongId
from models.installations import Installation, Offer
from models.repositories import Repository, RepositoryFacts
from services import create_services
from settings import Settings
from sync.deletion import delete_asked
from sync.purge import purge_installation
from sync.sweep import sweep
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import NOON, Clock, Doorbell, install, receive, uninstall

TENANTS, MOST_A_DAY = 8, 3
SHORT_CALLS, LONG_CALLS = 60, 1_000


def key_of(number):
    return f"connection:{number}"


def uuid_of(kind, number):
    return f"{{{number:08d}-0000-4000-8000-{kind:012x}}}"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def services(database_url, clock):
    settings = Settings(
        base_url="https://bittern.example.com",
        secret_keys="A" * 43,
        database_url=database_url,
        purges_per_day=MOST_A_DAY,
    )
    made = create_services(settings, transport=None, now=clock, wake=Doorbell())
    yield made
    made.engine.dispose()


@pytest.fixture
def tenants(services):
    """Eight: the odd ones have uninstalled, and their data is due in thirty days."""
    with services.sessions.begin() as session:
        made = [_tenant(session, services, number) for number in range(1, TENANTS + 1)]
        for row in made[::2]:
            uninstall(session, row.client_key)
    return made


def _tenant(session, services, number):
    principal = Principal(uuid_of(1, number), PrincipalKind.WORKSPACE, display_name=f"Tenant {number}")
    secret = f"secret-of-{number}-0123456789-0123456789-0123456789"
    offer = Offer(Installed(key_of(number), "bittern", principal, shared_secret=secret), secret, 1_000)
    row = install(session, offer, box=services.secret_box)
    repositories.record(session, row, RepositoryFacts(uuid_of(2, number)), as_of=NOON, now=NOON)
    receive(session, row, number=number)
    return row


def kept(services):
    """The client keys of those whose rows are all there."""
    with services.readers() as session:
        rows = session.execute(select(Installation.client_key).join(Repository)).scalars().all()
    return set(rows)


def due_keys(tenants):
    return {row.client_key for row in tenants[::2]}


def wrong_ids(tenants):
    """What a job could be called with by mistake: kinds of ids that are none of a row, and what a database reads as one."""
    row = tenants[0]
    return [
        str(row.id),
        f" {row.id} ",
        float(row.id),
        True,
        None,
        [row.id],
        (row.id,),
        row.client_key,
        row.principal_uuid,
        uuid_of(2, 1),
        "",
        "%",
        b"1",
    ]


@pytest.mark.fault("S5")
@pytest.mark.parametrize("job", [purge_installation, delete_asked])
def test_what_is_no_row_id_is_refused(services, tenants, clock, job):
    clock.advance(days=40)
    for wrong in wrong_ids(tenants):
        with pytest.raises(WrongId):
            job(services, wrong)
    assert kept(services) == {row.client_key for row in tenants}


@pytest.mark.fault("S5")
def test_random_calls_delete_what_is_due_and_nothing_else(services, tenants, clock, seed, is_long, figures):
    """Ids of other tenants, of deletions and of repositories, and of nothing: before the time has come and after."""
    chance, refused, done = random.Random(seed), 0, 0
    calls = LONG_CALLS if is_long else SHORT_CALLS
    everybody = {row.client_key for row in tenants}
    for number in range(calls):
        if number == calls // 2:
            assert kept(services) == everybody, "something went before its time"
            clock.advance(days=40)
        job = chance.choice([purge_installation, delete_asked])
        given = chance.choice([*wrong_ids(tenants), *(row.id for row in tenants), chance.randint(-5, 10_000)])
        try:
            done += job(services, given)
        except ModelsError:
            refused += 1
    gone = everybody - kept(services)
    figures.row(calls=calls, refused=refused, purged=done, at_most=MOST_A_DAY, gone=len(gone), seed=seed)
    assert gone <= due_keys(tenants)
    assert len(gone) == done <= MOST_A_DAY


@pytest.mark.fault("S5")
def test_no_more_go_in_a_day_than_the_settings_say_and_the_log_tells_it(services, tenants, clock):
    clock.advance(days=40)
    with structlog.testing.capture_logs() as entries:
        done = [purge_installation(services, row.id) for row in tenants[::2]]
    assert done == [True, True, True, False]
    loud = [entry for entry in entries if entry["log_level"] in {"error", "warning"}]
    assert [(entry["event"], entry["at_most"]) for entry in loud] == [
        ("installation.purges_wait", MOST_A_DAY),
        ("installation.purge_held_back", MOST_A_DAY),
    ]


@pytest.mark.fault("S5")
def test_the_sweep_wakes_no_more_than_may_go_and_goes_on_the_day_after(services, tenants, clock):
    clock.advance(days=40)
    assert sweep(services).purges == MOST_A_DAY
    for what, row_id in list(services.wake.rung):
        if what == "purge":
            purge_installation(services, row_id)
    assert sweep(services).purges == 0
    clock.advance(hours=25)
    assert sweep(services).purges == 1


@pytest.mark.fault("S5")
def test_one_that_is_being_purged_counts(services, tenants, clock):
    """Otherwise as many as there are workers could go at once."""
    clock.advance(days=40)
    with services.sessions.begin() as session:
        for row in tenants[:4:2]:
            assert purges.claim(session, row.id, now=clock(), lease=timedelta(minutes=1), at_most_a_day=MOST_A_DAY)
        assert purges.allowance(session, now=clock(), at_most_a_day=MOST_A_DAY) == MOST_A_DAY - 2


@pytest.mark.fault("S5")
def test_a_deletion_takes_rows_of_its_own_tenant_alone(services, tenants):
    """Asked for with the UUID of another's repository: there is nothing of that name to delete."""
    with services.sessions.begin() as session:
        mine = installations.by_client_key(session, key_of(2))
        asked = deletions.ask(session, mine, uuid_of(2, 4), by_uuid=uuid_of(3, 2), now=NOON)
    assert delete_asked(services, asked.id)
    with services.readers() as session:
        assert session.get(type(asked), asked.id).rows_deleted == 0
    assert kept(services) == {row.client_key for row in tenants}
