"""Bittern in this process, over a disk that tests have made: the web application as gunicorn runs it, and a worker's hands."""

from __future__ import annotations

import contextlib
import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import structlog
from sqlalchemy import select

import logs
from app import create_app
from models import installations
from models.inbox import Delivery
from models.installations import Installation
from models.schema import upgrade
from models.sqlite import SqliteLibrary
from services import create_services
from settings import Settings
from sync.deliveries import apply_next
from tests.faults.apsw_driver import Driver
from tests.faults.recording_disk import RecordingDisk, Said
from tests.faults.workspaces import INSTALLED, WEBHOOK, Post, Tenant, installed_call
from tests.web.conftest import KEY, Doorbell
from tests.web.fake_bitbucket import FakeBitbucket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.faults.workspaces import Told

FILE = "bittern.db"
_NUMBERS = itertools.count(1)


class OneProcess:
    """Delivers, installs and applies; writes into the disk's notebook what was acknowledged."""

    def __init__(self, directory: Path, disk: RecordingDisk, told: Sequence[Told]) -> None:
        self.disk = disk
        self._told = told
        self._hurry = timedelta()
        settings = settings_for(directory)
        self.services = create_services(settings, transport=FakeBitbucket(), now=self._now, wake=Doorbell())
        self.app = create_app(services=self.services)
        self._post = Post()
        self._lock = threading.Lock()
        self.tenants = [Tenant(number) for number in range(1, 4)]
        self._secrets = {}
        for tenant in self.tenants:
            with self.services.sessions.begin() as session:
                box = self.services.secret_box
                installations.accept(session, tenant.offer(), installation=None, box=box, now=self._now())
            self._secrets[tenant] = tenant.secret
            self._say(("secret", tenant.client_key, tenant.secret))

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._hurry

    def deliver(self, number: int):
        """Deliver something. Returns the answer."""
        tenant = self.tenants[-1]  # the others' secrets change
        with self._lock:
            uuid, headers, body = self._post.delivery(tenant, self._told[number % len(self._told)])
        answer = self.app.test_client().post(WEBHOOK, data=body, headers=headers)
        if answer.status_code == 202:
            self._say(("delivery", uuid))
        return answer

    def install_anew(self, number: int):
        """Change the secret of a tenant, as an update of the app does. Returns the answer."""
        tenant = self.tenants[number % (len(self.tenants) - 1)]
        self._hurry += timedelta(seconds=1)  # a call that was signed before another changes nothing
        secret = f"secret number {number:08d}, long enough for anybody"
        call = installed_call(tenant, new_secret=secret, signed_with=self._secrets[tenant], at=self._now())
        answer = self.app.test_client().post(INSTALLED, headers=call[0], data=call[1])
        if answer.status_code == 204:
            self._secrets[tenant] = secret
            self._say(("secret", tenant.client_key, secret))
        return answer

    def apply(self) -> bool:
        """What a worker does when it is woken. False where nothing is due."""
        return apply_next(self.services, 0)

    def _say(self, what: object) -> None:
        self.disk.notebook.add(Said(what))


def settings_for(directory: Path) -> Settings:
    return Settings(base_url="https://bittern.example.com", secret_keys=KEY, database_url=address_in(directory))


def address_in(directory: Path) -> str:
    return f"sqlite:///{directory / FILE}"


def files_in(directory: Path) -> Mapping[str, bytes]:
    """The database and its log, as they are."""
    return {path.name: path.read_bytes() for path in directory.glob(f"{FILE}*") if not path.name.endswith("-shm")}


@contextlib.contextmanager
def one_process(directory: Path, told: Sequence[Told], *, synchronous: str | None = None) -> Iterator[OneProcess]:
    """The product over a recording disk, with tables. `synchronous` overrules what the product tells SQLite to wait for."""
    upgrade(address_in(directory))
    disk = RecordingDisk(f"recording-{next(_NUMBERS)}")
    driver = Driver(disk.name, synchronous=synchronous)
    with pytest.MonkeyPatch.context() as patch, structlog.testing.capture_logs():
        patch.setattr("models.database.sqlite_library", lambda: SqliteLibrary(driver, driver.sqlite_version_info))
        patch.setattr(logs, "configure", lambda **_: None)
        house = OneProcess(directory, disk, told)
        yield house
        house.services.engine.dispose()
    disk.unregister()


def stored(services) -> set[object]:
    """What a database holds of what may have been told: deliveries, and the secrets that it still takes."""
    with services.readers() as session:
        known = [installations.known(row, services.secret_box) for row in session.scalars(select(Installation))]
        held = {("delivery", uuid) for uuid in session.scalars(select(Delivery.delivery_uuid))}
    return held | {("secret", one.client_key, secret) for one in known for secret in (one.secret, one.previous_secret)}
