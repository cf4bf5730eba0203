"""The operator's commands about webhook deliveries."""

import json

import pytest
from sqlalchemy import select

from models import inbox
from models.inbox import Delivery, DeliveryState
from tests.tenants import ALICE_KEY, CHARLIE_KEY, NOON, receive


@pytest.fixture
def dead_letter(alice, services):
    with services.sessions.begin() as session:
        delivery_id = receive(session, alice)
        row = session.get(Delivery, delivery_id)
        row.state, row.error, row.attempts, row.processed_at = DeliveryState.DEAD, "It cannot be read.", 5, NOON
    return delivery_id


def test_deliveries_are_counted_and_those_given_up_are_named(run, dead_letter, alice, services):
    with services.sessions.begin() as session:
        receive(session, alice, number=2)

    shown = run("deliveries").output
    read = json.loads(run("deliveries", "--json").output)

    assert "1 waiting, the oldest since 2026-11-23 12:00 UTC; 1 given up." in shown
    assert (read["pending"], read["dead"]) == (1, 1)
    assert [(letter["id"], letter["why"]) for letter in read["letters"]] == [(dead_letter, "It cannot be read.")]


def test_a_delivery_that_was_given_up_can_be_tried_again(run, dead_letter, services, doorbell):
    answer = run("deliveries", "replay", ALICE_KEY, str(dead_letter))

    assert answer.exit_code == 0
    assert doorbell.rung == [("delivery", dead_letter)]
    with services.readers() as session:
        assert session.scalar(select(Delivery.state)) is DeliveryState.PENDING


def test_nobody_elses_delivery_can_be_tried_again(run, dead_letter, charlie, services, doorbell):
    answer = run("deliveries", "replay", CHARLIE_KEY, str(dead_letter))

    assert answer.exit_code == 1
    assert doorbell.rung == []
    with services.readers() as session:
        assert inbox.backlog(session).dead == 1
