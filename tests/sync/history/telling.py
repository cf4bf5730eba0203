"""Telling a repository's history to our rows: deliveries in any order, any number of times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from models import inbox
from models.inbox import Delivery
from sync import events
from tests.tenants import NOON

RECEIVED = NOON + timedelta(days=1)


def tell(session, installation, deliveries, *, now=RECEIVED):
    """Apply deliveries in this order; the same one may come again, under another id. Returns what was said to each."""
    said = []
    for number, delivery in enumerate(deliveries, start=1):
        another = replace(delivery, delivery_uuid=str(UUID(int=number)))
        row_id = inbox.add(session, installation, another, now=now)
        said.append(events.apply(session, installation, session.get(Delivery, row_id), now=now))
    session.flush()
    return said
