"""Power loss on SQLite: what was not synced is gone, torn or out of order, and nothing that was acknowledged is lost.

The product itself writes: webhooks and installations through the web application, and what a worker does with them. Its disk
keeps a record, and from the record come the images that a power failure could have left at any moment. Each is opened by the
product's own library. Two controls do without the wait for the disk, in part and altogether: they must lose, and spoil the file.
"""

from __future__ import annotations

import dataclasses
import functools
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.database import empty_log
from models.inbox import Delivery, DeliveryState
from services import create_services
from sync.deliveries import apply_next
from tests.faults.one_process import files_in, one_process, settings_for
from tests.faults.power import Platter
from tests.faults.power_failures import let_power_fail
from tests.house_figures import ROOT
from tests.web.conftest import Doorbell
from web.services import EXTENSION

SHORT_POINTS, LONG_POINTS = 25, 1_000
CONTROL_POINTS = 40
SHORT_ROUNDS, LONG_ROUNDS = 30, 300
"""In the long form SQLite writes its log back by itself, more than once; in either the product has it done, as after a purge."""


@pytest.fixture(scope="module")
def recorded(request, told, tmp_path_factory):
    """`recorded(synchronous)`: what the files held when the record began, and the record of a working house."""
    is_long, seed = request.config.option.long, request.config.option.seed

    @functools.cache
    def recorded(synchronous=None):
        folder = tmp_path_factory.mktemp("house")
        with one_process(folder, told, synchronous=synchronous) as house:
            before = files_in(folder)
            house.disk.notebook.entries.clear()
            work(house, random.Random(seed), rounds=LONG_ROUNDS if is_long else SHORT_ROUNDS)
            return before, list(house.disk.notebook.entries)

    return recorded


def work(house, chance, *, rounds):
    """Webhooks, new secrets, and a worker that comes after, in an order of chance."""
    for number in range(rounds):
        assert house.deliver(number).status_code == 202
        if chance.random() < 0.15:
            assert house.install_anew(number).status_code == 204
        while chance.random() < 0.5:
            house.apply()
        if chance.random() < 0.1:
            empty_log(house.services.engine)


@pytest.mark.fault("P1")
def test_nothing_acknowledged_is_lost_and_no_file_is_spoilt(recorded, tmp_path, figures, is_long, seed):
    found = measured(recorded(), tmp_path, figures, points=LONG_POINTS if is_long else SHORT_POINTS, seed=seed)
    assert found.lost == []
    assert found.corrupt == []


@pytest.mark.fault("P1")
@pytest.mark.only_in_faults
def test_the_control_that_waits_only_for_checkpoints_loses_what_was_acknowledged(
    recorded, tmp_path, figures, is_long, seed
):
    found = measured(recorded("NORMAL"), tmp_path, figures, points=CONTROL_POINTS, seed=seed, kind="control: NORMAL")
    assert found.lost
    assert found.corrupt == []


@pytest.mark.fault("P1")
@pytest.mark.only_in_faults
def test_the_control_that_never_waits_spoils_the_file(recorded, tmp_path, figures, is_long, seed):
    found = measured(recorded("OFF"), tmp_path, figures, points=CONTROL_POINTS, seed=seed, kind="control: OFF")
    assert found.corrupt


def measured(recording, tmp_path, figures, *, points, seed, kind="as the product is"):
    folder, began = tmp_path / "image", time.monotonic()
    folder.mkdir()
    found = let_power_fail(recording, folder, points=points, seed=seed)
    figures.row(
        disk=kind,
        points=found.points,
        writes=len(recording[1]),
        acknowledged=found.acknowledged,
        points_with_losses=found.points_with_losses,
        lost=len(found.lost),
        corrupt=len(found.corrupt),
        seconds=f"{time.monotonic() - began:.1f}",
        seed=seed,
    )
    return found


@pytest.mark.fault("P1")
def test_what_a_failure_takes_back_of_the_work_is_done_again(recorded, tmp_path):
    """A worker's commits do not wait for the disk. Those that are gone leave their deliveries waiting, as if nothing had been done."""
    before, entries = recorded()
    platter = Platter(before)
    for entry in entries:
        platter.take(entry)
    # Of all that is not synced, nothing arrives: as much as can be taken back is.
    for name, content in platter.certain().items():
        (tmp_path / name).write_bytes(content)
    services = create_services(
        settings_for(tmp_path), wake=Doorbell(), now=lambda: datetime.now(UTC) + timedelta(hours=1)
    )
    with services.readers() as session:
        waiting = session.scalar(select(func.count()).where(Delivery.state == DeliveryState.PENDING))
        taken_in = session.scalar(select(func.count(Delivery.id)))
    while apply_next(services, 0):
        pass
    with services.readers() as session:
        states = Counter(session.scalars(select(Delivery.state)))
    services.engine.dispose()
    assert waiting
    assert set(states) <= {DeliveryState.DONE, DeliveryState.IGNORED}
    assert states.total() == taken_in


@pytest.mark.fault("P1")
def test_nothing_that_is_acknowledged_is_written_without_waiting_for_the_disk(tmp_path, told):
    def refuse(*_, **__):
        raise AssertionError("a session that does not wait for the disk was opened within a request")

    with one_process(tmp_path, told) as house:
        house.app.extensions[EXTENSION] = dataclasses.replace(house.services, redoable=refuse)
        assert house.deliver(1).status_code == 202
        assert house.install_anew(1).status_code == 204
    doors = [path for path in (ROOT / "web").rglob("*.py") if ".redoable" in path.read_text()]
    assert doors == []
