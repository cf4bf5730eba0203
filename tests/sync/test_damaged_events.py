"""Webhooks that were taken in, with a fault or two in what they say: each is applied, ignored or called unusable, on both databases.

An error of any other kind is tried again until the delivery is a dead letter, and says nothing that an operator can use.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from connect.errors import PayloadInvalid
from connect.webhooks import WebhookDelivery
from models.inbox import Delivery
from sync import events
from sync.errors import DeliveryUnusable
from tests.damaged_json import damaged, written
from tests.faults.figures import Figures
from tests.sync.bodies import news
from tests.sync.test_events import ACTIVITY, FACTS, RECEIVED
from tests.tenants import receive, repository_body

SHORT_CASES, LONG_CASES = 40, 20_000
READ_SHARE = 0.3


@st.composite
def deliveries(draw):
    """A delivery that the door lets in; None where it does not."""
    event = draw(st.sampled_from([*ACTIVITY, *FACTS, "repo:deleted"]))
    data = {"repository": repository_body(), **news(event, draw(st.integers(1, 9)))}
    headers = {"X-Event-Key": event, "X-Request-UUID": str(draw(st.uuids(version=4)))}
    try:
        return WebhookDelivery.from_http(headers, written(draw(damaged(data))))
    except PayloadInvalid:
        return None


@pytest.mark.fault("S2")
def test_whatever_an_event_says_it_is_applied_ignored_or_unusable(services, alice, request, record_property):
    said = {"applied": 0, "ignored": 0, "unusable": 0, "refused at the door": 0}
    asked = request.config.getoption("--fuzz-examples")
    cases = asked or (LONG_CASES if request.config.option.long else SHORT_CASES)

    @seed(request.config.option.seed)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(deliveries(), min_size=1, max_size=3))
    def every_one(some):
        with services.sessions() as session:
            for delivery in some:
                said[outcome_of(session, alice, delivery)] += 1
            session.rollback()

    every_one()
    told = {name: str(count) for name, count in said.items()}
    Figures(record_property, title=__doc__.partition(":")[0]).row(**{"database": services.engine.dialect.name} | told)
    assert said["applied"] >= READ_SHARE * sum(said.values())


def outcome_of(session, installation, delivery):
    if delivery is None:
        return "refused at the door"
    row_id = receive(session, installation, delivery, now=RECEIVED)
    if row_id is None:
        return "ignored"
    row = session.get(Delivery, row_id)
    try:
        with session.begin_nested():
            because = events.apply(session, installation, row, now=RECEIVED)
    except DeliveryUnusable:
        return "unusable"
    return "ignored" if because else "applied"
