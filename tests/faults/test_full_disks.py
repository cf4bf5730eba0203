"""Disks that are really full, of 24 MiB each: the one with the database and its log, the one for log entries, the one for temporary files.

What cannot be stored is answered with a 503 and when to come again; panels are shown as ever; with room again, it goes on by itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import requests
from sqlalchemy import func, select

from demo.waiting import wait_until
from models.database import empty_log
from models.inbox import Delivery
from tests.faults.books import check_integrity
from tests.faults.conftest import missing
from tests.faults.running import APPLICATION, SQLITE
from tests.faults.viewers import Viewers, give_history
from tests.faults.workspaces import WEBHOOK, Post, Tenant, install

if TYPE_CHECKING:
    from pathlib import Path

SENDER, WATCHED = Tenant(1), Tenant(2)
SHORT_ROUNDS, LONG_ROUNDS = 1, 5
RECOVERY_SECONDS = 10.0
MEBIBYTE = 1024 * 1024
SIZE = "24m"


class Disk:
    """A small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Until not one more byte is taken."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            for size in (MEBIBYTE, 4096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(bytes(size)) == size:
                        pass

    def is_full(self) -> bool:
        try:
            (self.folder / "more").write_bytes(bytes(8192))
        except OSError as problem:
            return problem.errno == errno.ENOSPC
        return False

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path):
    """A disk; where this account may not mount one, there is nothing to be tried."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "bittern", str(folder)], stderr=subprocess.DEVNULL, check=False
    )
    if mounted.returncode:
        missing("this account may not mount a small disk")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def working(open_house, **settings):
    with open_house(SQLITE, **settings) as house:
        install(house, [SENDER, WATCHED])
        give_history(house, WATCHED)
        yield house


class Sender:
    """Delivers one webhook after the other, and remembers which were acknowledged."""

    def __init__(self, house, told):
        self._house = house
        self._told = told
        self._post = Post()
        self.acknowledged = 0

    def deliver(self):
        _, headers, body = self._post.delivery(SENDER, self._told[0])
        address = f"http://127.0.0.1:{self._house.port}{WEBHOOK}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(address, data=body, headers=headers, timeout=20)
        self.acknowledged += answer.status_code == 202
        return answer

    def deliver_until(self, status):
        """Returns the last answer, and after how many seconds it came."""
        began = time.monotonic()
        # In a list: an answer that says no is not true.
        [answer] = wait_until(
            lambda: [answer] if (answer := self.deliver()).status_code == status else None,
            what=f"an answer with {status}",
            timeout_seconds=60,
        )
        return answer, time.monotonic() - began


def stored(house):
    with house.readers() as session:
        return session.scalar(select(func.count(Delivery.id)))


@pytest.mark.fault("P3")
@pytest.mark.only_in_faults
def test_with_the_databases_disk_full_webhooks_are_put_off_and_panels_shown(disk, open_house, told, figures, is_long):
    shutil.chown(disk.folder, os.geteuid())
    with working(open_house, BITTERN_DATABASE_URL=f"sqlite:///{disk.folder / 'bittern.db'}") as house:
        house.start_web()
        sender, slowest = Sender(house, told), 0.0
        for _ in range(LONG_ROUNDS if is_long else SHORT_ROUNDS):
            sender.deliver_until(202)
            empty_log(house.engine)  # or there would be room in what the log has already
            disk.fill()
            with Viewers(house.port, WATCHED) as viewers:
                refused, _ = sender.deliver_until(503)
                assert int(refused.headers["Retry-After"]) > 0
                wait_until(lambda: len(viewers.seen) > 10, what="panels", timeout_seconds=60)
            assert {one.status for one in viewers.seen} == {200}
            disk.make_room()
            slowest = max(slowest, sender.deliver_until(202)[1])
        figures.row(
            full="database and its log",
            times=LONG_ROUNDS if is_long else SHORT_ROUNDS,
            panels=len(viewers.seen),
            lost=sender.acknowledged - stored(house),
            again_after=f"{slowest:.1f} s",
        )
        check_integrity(house)
        assert stored(house) >= sender.acknowledged
        assert slowest <= RECOVERY_SECONDS


@pytest.mark.fault("P3")
@pytest.mark.only_in_faults
@pytest.mark.parametrize("use", ["log entries", "temporary files"])
def test_a_full_disk_for_anything_else_is_not_even_noticed(use, disk, open_house, told, figures):
    settings = {} if use == "log entries" else {"TMPDIR": str(disk.folder)}
    with working(open_house, **settings) as house:
        if use == "log entries":
            disk.fill()
            command = 'exec "$@" >>"$BITTERN_TEST_LOG" 2>&1'
            gunicorn = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", APPLICATION)
            house.start("web", "sh", "-c", command, "sh", *gunicorn, BITTERN_TEST_LOG=str(disk.folder / "log"))
            wait_until(house.is_ready, what="the web server's first answer", timeout_seconds=120)
        else:
            house.start_web()
            disk.fill()
        assert disk.is_full()
        workers, sender = house.web_workers(), Sender(house, told)
        with Viewers(house.port, WATCHED) as viewers:
            answers = [sender.deliver().status_code for _ in range(20)]
            wait_until(lambda: len(viewers.seen) > 10, what="panels", timeout_seconds=60)
        figures.row(full=use, panels=len(viewers.seen), lost=sender.acknowledged - stored(house))
        assert answers == [202] * 20
        assert {one.status for one in viewers.seen} == {200}
        assert house.web_workers() == workers
