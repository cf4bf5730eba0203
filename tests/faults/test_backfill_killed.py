"""SIGKILL of the worker in the middle of a backfill: its page is taken up again, none is done twice, no row is missing.

It takes less than 10 s. One worker, started again whenever it was killed, as a platform does. Whether a page was done twice is counted by the backfill
itself, in the transaction that stores the page, and by Bitbucket, which sees what is asked: a page that was under way when the
worker died is asked for once more, and nothing else is. The rows are those of a worker that nobody has killed.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from msgspec import structs
from sqlalchemy import func, select

from demo.waiting import wait_until
from models.backfills import Backfill
from models.history import pull_request_facts, repository_facts
from models.repositories import Repository
from tests.faults.books import check_integrity
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.supervision import kept_running
from tests.faults.workspaces import Tenant, install

SHORT_KILLS, LONG_KILLS = 1, 20
SHORT_SYSTEMS = (SQLITE, POSTGRES)
BITBUCKET = ("--small", "--today", "2026-11-20")
SLOWLY = ("--latency-ms", "60")  # so that there is a middle to be killed in, twenty times
LONGEST_PAUSE_SECONDS = 10.0
DONE_SECONDS = 900.0
CRASHES = 5
SHORT_NAPS, LONG_NAPS, NAP_SECONDS = 1, 10, 12.0
LEISURELY = ("--latency-ms", "250")  # so that it is not over before the last nap
# The quota is not what is tested here, and must not stand in the way.
QUOTA = {"BITTERN_CALLS_PER_HOUR": "10000"}


@dataclass(frozen=True)
class Resident(Tenant):
    """A workspace that the simulator has made."""

    own: str = ""

    @property
    def workspace(self):
        return self.own


@contextlib.contextmanager
def installed_at(house, options):
    """The simulator, and the first of its workspaces with the app."""
    house.start_bitbucket(*options)
    tenant = resident_of(house)
    install(house, [tenant])
    yield


def arguments(is_long):
    return (*BITBUCKET, *SLOWLY) if is_long else BITBUCKET


def resident_of(house):
    workspace = next(one for one in house.bitbucket.get("/")["workspaces"] if one["repositories"])
    tenant = Resident(1, workspace["uuid"])
    known = {"client_key": tenant.client_key, "shared_secret": tenant.secret, "workspace_uuid": tenant.workspace}
    house.bitbucket.post("/installations", known | {"app_key": "bittern"})
    return tenant


def progress(house):
    """How far each repository is."""
    with house.readers() as session:
        rows = session.execute(
            select(Backfill.repository_id, Backfill.pages, Backfill.stage, Backfill.finished_at)
        ).all()
    return {row.repository_id: (row.pages, row.stage, row.finished_at is not None) for row in rows}


def is_done(house):
    rows = progress(house).values()
    return bool(rows) and all(finished for _, _, finished in rows)


def working_on(house):
    """The repository whose page is under way, if any is."""
    with house.readers() as session:
        return session.scalar(select(Backfill.repository_id).where(Backfill.lease_owner.is_not(None)).limit(1))


def leased(house):
    """How many repositories somebody still holds."""
    with house.readers() as session:
        return session.scalar(select(func.count()).where(Backfill.lease_owner.is_not(None)))


def kill_in_the_middle(house, starts, *, kills, seed):
    """Kill the worker so often while a page is under way. Returns how long each of those pages then waited to be done."""
    chance, waited = random.Random(seed), []
    while len(waited) < kills and not is_done(house):
        threading.Event().wait(chance.uniform(0.0, 0.5))
        repository = wait_until(
            lambda: working_on(house) or is_done(house), what="a page under way", timeout_seconds=60
        )
        before = progress(house).get(repository)
        if before is None:
            break
        os.killpg(starts[-1].process.pid, signal.SIGKILL)
        began = time.monotonic()
        wait_until(
            lambda known=repository, page=before: progress(house)[known] != page,
            what="the page of the killed worker",
            timeout_seconds=60,
        )
        waited.append(time.monotonic() - began)
    return waited


def facts_of(house):
    """What the figures would read of every repository, from all tables."""
    with house.readers() as session:
        rows = session.scalars(select(Repository).order_by(Repository.uuid)).all()
        return {row.uuid: _facts(session, row) for row in rows}


def _facts(session, row):
    start = row.first_seen_at - timedelta(days=3650)
    pull_requests = pull_request_facts.some(session, row, range(1, 5000))
    return (
        {one.id: in_one_order(one) for one in pull_requests},
        {(one.name, one.tip, one.tip_author, one.tip_at) for one in repository_facts.branches(session, row)},
        {(one.name, one.commit, one.at) for one in repository_facts.tags(session, row)},
        {one.hash: one for one in repository_facts.commits_since(session, row, start)},
        set(repository_facts.builds_since(session, row, start)),
        set(repository_facts.deployments_since(session, row, start)),
    )


def different(found, expected):
    """What is not equal, by repository and kind."""
    return {
        (uuid, kind): (one, other)
        for uuid in expected
        for kind, (one, other) in enumerate(zip(found[uuid], expected[uuid], strict=True))
        if one != other
    }


def in_one_order(facts):
    """What has no order of its own comes in another from another database."""
    parts = ("events", "participants", "files", "builds", "tasks", "threads", "commits")
    return structs.replace(facts, **{name: tuple(sorted(getattr(facts, name) or (), key=repr)) for name in parts})


def asked(house):
    """How many calls the simulator has answered, or begun to."""
    return len(house.bitbucket.get("/requests", {"prefix": "/2.0"}))


@pytest.fixture(scope="module")
def undisturbed(request):
    """Pages and facts of a backfill that nobody disturbs: as long as the simulator is told the same, they are the same."""
    is_long = request.config.option.long
    open_house = request.getfixturevalue("open_house")
    with open_house(SQLITE, **QUOTA) as house, installed_at(house, arguments(is_long)):
        house.start_worker()
        wait_until(lambda: is_done(house), what="the end of the backfill", timeout_seconds=DONE_SECONDS)
        return sum(pages for pages, _, _ in progress(house).values()), facts_of(house), asked(house)


@pytest.mark.fault("K4")
def test_a_killed_workers_page_is_taken_up_again(system, open_house, undisturbed, figures, is_long, seed):
    pages, facts, calls = undisturbed
    with open_house(system, **QUOTA) as house, installed_at(house, arguments(is_long)):
        with kept_running(house, "worker", sys.executable, "worker.py") as starts:
            waited = kill_in_the_middle(house, starts, kills=LONG_KILLS if is_long else SHORT_KILLS, seed=seed)
            wait_until(lambda: is_done(house), what="the end of the backfill", timeout_seconds=DONE_SECONDS)
        done = sum(pages for pages, _, _ in progress(house).values())
        again = asked(house) - calls
        figures.row(
            system=system,
            kills=len(waited),
            pages=done,
            done_twice=done - pages,
            asked_again=again,
            longest_wait=f"{max(waited):.1f} s",
            median_wait=f"{sorted(waited)[len(waited) // 2]:.1f} s",
            pull_requests=sum(len(one[0]) for one in facts.values()),
            seed=seed,
        )
        assert done == pages
        assert different(facts_of(house), facts) == {}
        # What was under way is asked for once more, and nothing that was done: a page of ours is two calls at most.
        assert again <= 2 * len(waited)
        assert leased(house) == 0
        check_integrity(house)
        assert not is_long or max(waited) < LONGEST_PAUSE_SECONDS


@pytest.mark.fault("D4")
@pytest.mark.postgres
@pytest.mark.long_form
def test_a_backfill_goes_on_after_crashes_of_the_database(open_house, undisturbed, figures):
    """The worker is not started again: it waits for the database, and goes on by itself."""
    with open_house(POSTGRES, **QUOTA) as house, installed_at(house, arguments(is_long=True)):
        house.start_worker()
        for _ in range(CRASHES):
            wait_until(lambda: working_on(house), what="a page under way", timeout_seconds=60)
            house.engines.crash_postgres()
            house.engines.start_postgres()
        wait_until(lambda: is_done(house), what="the end of the backfill", timeout_seconds=DONE_SECONDS)
        judge(house, undisturbed, figures, f"{POSTGRES}, which crashes {CRASHES} times")


@pytest.mark.fault("Q3")
@pytest.mark.only_in_faults
def test_a_worker_that_was_asleep_writes_nothing_that_others_have_done(open_house, undisturbed, figures, is_long):
    """Stopped in the middle of a page for longer than its lease: another worker does the page, and the sleeper's is refused."""
    naps = LONG_NAPS if is_long else SHORT_NAPS
    with open_house(SQLITE, **QUOTA) as house, installed_at(house, (*BITBUCKET, *LEISURELY)):
        house.start_worker("sleeper")
        sleeper = house.pid_of("sleeper")
        wait_until(lambda: working_on(house), what="a page under way", timeout_seconds=60)
        house.start_worker("worker")
        for _ in range(naps):
            os.kill(sleeper, signal.SIGSTOP)
            threading.Event().wait(NAP_SECONDS)
            os.kill(sleeper, signal.SIGCONT)
            threading.Event().wait(1.0)
        wait_until(lambda: is_done(house), what="the end of the backfill", timeout_seconds=DONE_SECONDS)
        refused = house.whole_log_of("sleeper").count("lease_lost")
        trouble = f"{SQLITE}, one of two workers asleep {naps} times for {NAP_SECONDS:.0f} s"
        judge(house, undisturbed, figures, trouble, refused=refused)
        # It need not be at a page each time that it falls asleep.
        assert refused or not is_long


def judge(house, undisturbed, figures, trouble, **more):
    pages, facts, calls = undisturbed
    done = sum(pages for pages, _, _ in progress(house).values())
    figures.row(system=trouble, pages=done, done_twice=done - pages, asked_again=asked(house) - calls, **more)
    assert done == pages
    assert different(facts_of(house), facts) == {}
