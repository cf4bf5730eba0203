"""Data health as administrators read it: events, comparisons, calls, deliveries, what was given up, and how the history fills."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models import backfills, collecting, inbox, quota, reconciles, repositories, setup_audit
from models.backfill_stages import Stage
from models.backfills import Backfill
from models.inbox import Delivery, DeliveryState
from models.quota import Purpose
from models.reconciles import Drift
from models.repositories import RepositoryFacts
from models.setup_audit import SetupAction
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, BOB, NOON, receive, repository_body
from tests.web.panels.asking import text
from tests.web.panels.setup.asking import REPLAY, configure, configure_repository
from tests.web.panels.weighing import MOST_BYTES, report_weight, weight_of

COMPARE = "/pages/configure/compare"
ERROR = "The payload cannot be read: <b>no</b> number"


@pytest.fixture
def dead(services, alice, heron):
    """A delivery about the repository that was given up. Its row id."""
    with services.sessions.begin() as session:
        row_id = receive(session, alice, number=7)
        values = {"state": DeliveryState.DEAD, "attempts": 5, "processed_at": NOON, "error": ERROR}
        values["next_attempt_at"] = None
        session.execute(update(Delivery).where(Delivery.id == row_id).values(values))
        return row_id


def shown(client):
    return text(client.get(configure()))


def test_before_anything_came_it_says_so(opened):
    page = text(opened)

    assert "The history is about to be read." in page
    assert "Last event none yet" in page
    assert "Our copy has not been compared with Bitbucket yet" in page
    assert "Calls left this hour 700 of 700" in page


def test_it_weighs_no_more_than_fifty_kilobytes_with_all_that_it_loads(opened, record_property):
    weight = weight_of(opened.get_data())

    report_weight(record_property, "setup", weight)
    assert weight.total <= MOST_BYTES


def test_it_tells_of_events_and_of_what_came_of_them(client, administrator, heron, services, alice, clock):
    with services.sessions.begin() as session:
        for number in range(3):
            receive(session, alice, number=number, now=NOON - timedelta(minutes=20 + number))
        receive(session, alice, number=9, now=NOON - timedelta(hours=5))
    page = shown(client)

    assert "Last event 20 min ago" in page
    assert "Events in the last hour 3 4 in a day" in page
    assert "Waiting 4" in page


def test_long_without_an_event_is_said(client, administrator, heron, services, alice):
    with services.sessions.begin() as session:
        receive(session, alice, number=1, now=NOON - timedelta(hours=7))

    assert "longer than usual" in shown(client)


def test_it_tells_of_the_calls_of_the_hour_by_what_they_were_for(client, administrator, heron, services, alice):
    with services.sessions.begin() as session:
        for _ in range(3):
            quota.charge(session, alice.id, purpose=Purpose.BACKFILL, limit=700, now=NOON)
        quota.charge(session, alice.id, purpose=Purpose.EVENTS, limit=700, now=NOON)
    page = shown(client)

    assert "Calls left this hour 696 of 700" in page
    assert "Reading the history 3" in page
    assert "Following events 1" in page


def test_it_says_when_reading_goes_on(client, administrator, heron, services, alice):
    with services.sessions.begin() as session:
        backfills.begin(session, alice, now=NOON)
        backfills.ensure(session, heron, since=NOON - timedelta(days=365), now=NOON)
        quota.postpone_backfill(session, alice.id, until=NOON + timedelta(minutes=24), now=NOON)
    page = shown(client)

    assert "reading goes on at 12:24 UTC." in page
    assert "Waiting" in page


def test_it_shows_how_far_each_history_is(client, administrator, heron, services, alice):
    with services.sessions.begin() as session:
        backfills.begin(session, alice, now=NOON)
        backfills.ensure(session, heron, since=NOON - timedelta(days=365), now=NOON)
        session.execute(update(Backfill).values(stage=Stage.DONE, open_total=4, closed_total=1_200))
    page = shown(client)

    assert "alice/heron 1,204 pull requests Complete" in page


def test_it_tells_what_the_comparison_found(client, administrator, heron, services):
    with services.sessions.begin() as session:
        reconciles.hasten(session, heron, now=NOON)
        claimed = reconciles.claim(session, reconciles.of(session, heron).id, now=NOON, lease=timedelta(seconds=60))
        reconciles.note(session, heron, {Drift.PULL_REQUEST: 2, Drift.BUILD: 1})
        reconciles.finish(session, claimed, now=NOON, next_at=NOON + timedelta(days=1))
    page = shown(client)

    assert "3 changes had come without a webhook, and are in our copy now." in page
    assert "Builds 1" in page
    assert "Pull requests 2" in page
    assert "Found without an event 3 3 ever" in page


def test_what_was_given_up_is_shown_with_its_error_and_a_button(client, administrator, dead):
    answer = client.get(configure())

    assert "repo:push alice/heron received just now · 5 attempts" in text(answer)
    assert "&lt;b&gt;no&lt;/b&gt; number" in answer.get_data(as_text=True)
    assert f'name="delivery" value="{dead}"' in answer.get_data(as_text=True)


def test_a_replay_makes_it_due_and_wakes_a_worker(client, services, alice, dead, opened, token, doorbell):
    answer = client.post(REPLAY, data={"page_token": token, "delivery": dead})

    assert "The delivery is tried again." in text(answer)
    assert doorbell.rung == [("delivery", dead)]
    with services.readers() as session:
        assert inbox.dead_letters(session, alice) == []
        (entry,) = setup_audit.newest(session, alice)
        assert (entry.action, entry.actor_uuid) == (SetupAction.DELIVERY_REPLAYED, BOB)


@pytest.mark.parametrize("delivery", ["", "0", "x", "-1", "1.0", "٣", "9" * 30, "99"])
def test_what_was_not_given_up_is_not_replayed(client, dead, opened, token, doorbell, delivery):
    answer = client.post(REPLAY, data={"page_token": token, "delivery": delivery})

    assert answer.status_code == 422
    assert "That delivery is not among those that were given up." in text(answer)
    assert doorbell.rung == []


def test_nobody_replays_anothers_deliveries(client, services, charlie, opened, token, doorbell):
    with services.sessions.begin() as session:
        row_id = receive(session, charlie, number=1)
        dead = {"state": DeliveryState.DEAD, "next_attempt_at": None, "processed_at": NOON, "error": "no"}
        session.execute(update(Delivery).where(Delivery.id == row_id).values(dead))

    assert client.post(REPLAY, data={"page_token": token, "delivery": row_id}).status_code == 422
    assert doorbell.rung == []


def test_a_comparison_can_be_had_before_the_night(client, services, heron, opened, token, clock, doorbell):
    answer = client.post(COMPARE, data={"page_token": token})

    assert "1 repository is being compared." in text(answer)
    with services.readers() as session:
        row = reconciles.of(session, heron)
    assert row.next_attempt_at == clock.time
    assert doorbell.rung == [("reconcile", row.id)]


def test_impatience_does_not_spend_the_quota(client, services, heron, opened, token, clock):
    with services.sessions.begin() as session:
        reconciles.hasten(session, heron, now=NOON)
        reconciles.claim(session, reconciles.of(session, heron).id, now=NOON, lease=timedelta(seconds=60))

    assert "Our copy was compared a moment ago" in text(client.post(COMPARE, data={"page_token": token}))
    clock.advance(minutes=14)
    again = client.post("/pages/configure/token", headers={"Authorization": f"Bearer {token}"})
    clock.advance(minutes=1)
    answer = client.post(COMPARE, data={"page_token": again.headers["X-Page-Token"]})
    assert "1 repository is being compared." in text(answer)


def test_what_is_not_collected_is_not_compared(client, services, alice, heron, opened, token):
    with services.sessions.begin() as session:
        collecting.stop(session, alice, ALICE_REPOSITORY, by_uuid=BOB, now=NOON)

    assert "Our copy was compared a moment ago" in text(client.post(COMPARE, data={"page_token": token}))


def test_the_page_of_a_repository_tells_of_that_repository_alone(client, administrator, services, alice, heron, dead):
    other = repository_body(uuid=ALICE_OTHER_REPOSITORY)
    with services.sessions.begin() as session:
        facts = RepositoryFacts(ALICE_OTHER_REPOSITORY, full_name="alice/egret", is_private=True)
        repositories.record(session, alice, facts, as_of=NOON, now=NOON)
        for number in range(3):
            receive(session, alice, number=20 + number, repository=other)

    heron_page, egret_page = (
        text(client.get(configure_repository(uuid))) for uuid in (ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY)
    )
    assert "Events in the last hour 1" in heron_page
    assert "Events in the last hour 3" in egret_page
    assert "5 attempts" in heron_page
    assert "5 attempts" not in egret_page
    assert "alice/egret" not in heron_page
