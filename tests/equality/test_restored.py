"""A backup put back while life went on: the comparison finds what it does not know, and a quarter of an hour later all is true again.

The restored database says when somebody was last here to take webhooks in. That is long ago now, and so all is compared at once.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from models import backups
from models.schema import upgrade
from sync.catching_up import note_presence
from tests.equality.test_outages import MOST_STALE, attend, different, seconds_to_truth, settled

SHORT_RESTORES, LONG_RESTORES = 1, 3
SINCE_THE_BACKUP = timedelta(minutes=5)
MOST_CALLS = 1_000
OF_ONE_THING = re.compile(r"/(?:pullrequests/\d+/(?:activity|diffstat)|commit/\w+)$")
"""Calls whose answer is whole: to make one twice is to make it in vain."""


def restored(seed, database_url, copy):
    """Live on after a backup, lose the database, put the backup back. Returns what was asked of Bitbucket then, and what differs."""
    with settled(seed, database_url) as (life, house, told):
        note_presence(house.services)
        backups.back_up(house.services.engine, copy)
        until = life.now + SINCE_THE_BACKUP
        while life.now < until:
            life.step()
            attend(house, told)
        house.services.engine.dispose()
        Path(house.services.engine.url.database).write_bytes(b"lost")
        backups.restore(house.services.engine, copy, now=life.now)
        upgrade(house.services.engine)
        forgotten = different(house, life)
        calls = house.calls
        note_presence(house.services)
        found_after = seconds_to_truth(house, life)
        return forgotten, found_after, house.transport.sent[calls:], different(house, life)


@pytest.mark.fault("S4")
@pytest.mark.only_in_faults
def test_what_a_backup_does_not_know_is_found_at_once(sqlite_database, tmp_path, figures, request):
    option = request.config.option
    for seed in range(option.seed, option.seed + (LONG_RESTORES if option.long else SHORT_RESTORES)):
        with sqlite_database() as url:
            forgotten, found_after, asked, left = restored(seed, url, tmp_path / f"{seed}.db")
        twice = [one for one, times in Counter(asked).items() if times > 1 and OF_ONE_THING.search(one)]
        figures.row(
            seed=seed,
            kinds_of_facts_forgotten=len(forgotten),
            found_after=found_after,
            calls=len(asked),
            asked_twice=len(twice),
            not_equal=len(left),
        )
        assert forgotten, "nothing was lost: the test would prove nothing"
        assert left == {}
        assert twice == []
        assert found_after is not None
        assert found_after <= MOST_STALE
        assert len(asked) <= MOST_CALLS
