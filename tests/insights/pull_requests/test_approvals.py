"""When the required approvals were there for good."""

import pytest

from insights.pull_requests.approvals import approved_at
from tests.insights.lives import (
    ALICE,
    CARLA,
    DIRECTORY,
    RABBIT,
    approvals_reset,
    approved,
    asked_for_changes,
    at,
    unapproved,
)


@pytest.mark.parametrize(
    ("required", "events", "expected"),
    [
        (1, [], None),
        (1, [approved("Mon 10:00")], "Mon 10:00"),
        (1, [approved("Mon 10:00"), approved("Mon 12:00", by=CARLA)], "Mon 10:00"),
        (2, [approved("Mon 10:00"), approved("Mon 12:00", by=CARLA)], "Mon 12:00"),
        (2, [approved("Mon 10:00"), approved("Mon 12:00")], None),  # twice the same person
        (1, [approved("Mon 10:00", by=ALICE)], None),  # the author
        (1, [approved("Mon 10:00", by=RABBIT)], None),  # a bot
        (1, [approved("Mon 10:00"), unapproved("Mon 11:00")], None),
        (1, [approved("Mon 10:00"), unapproved("Mon 11:00"), approved("Mon 15:00")], "Mon 15:00"),
        (1, [approved("Mon 10:00"), asked_for_changes("Mon 11:00"), approved("Mon 15:00")], "Mon 15:00"),
        (1, [approved("Mon 10:00"), approved("Mon 11:00", by=CARLA), unapproved("Mon 12:00")], "Mon 10:00"),
        (2, [approved("Mon 10:00"), approved("Mon 11:00", by=CARLA), approvals_reset("Mon 12:00")], None),
        (
            2,
            [
                approved("Mon 10:00"),
                approved("Mon 11:00", by=CARLA),
                unapproved("Mon 12:00"),
                approved("Mon 14:00"),
            ],
            "Mon 14:00",
        ),
    ],
)
def test_the_last_rise_to_the_required_number_that_lasted(required, events, expected):
    found = approved_at(events, required=required, author=ALICE, directory=DIRECTORY)

    assert found == (expected and at(expected))
