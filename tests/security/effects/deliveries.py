"""Effects of webhooks: how many took effect, what they left in the rows, what died."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.security.effects.registry import effect
from tests.security.recipes.bodies import FORGED
from tests.security.recipes.cast import repository_name

if TYPE_CHECKING:
    from tests.security.performance import Outcome

NUMBERS = {"no": 0, "one": 1, "exactly one": 1, "two": 2}


@effect(r"(?P<count>no|one|exactly one|two|\d+) effects?")
def effects(outcome: Outcome, count: str) -> None:
    """An effect of a webhook is a row in the inbox: everything later comes from there."""
    key = outcome.laboratory.cast.tenant("A").client_key
    wanted = NUMBERS[count] if count in NUMBERS else int(count)
    new = outcome.latest.delivery_counts[key] - outcome.before.delivery_counts[key]
    assert new == wanted, f"{new} deliveries were taken in, not {wanted}"
    dead = [row for row in outcome.laboratory.ledger.deliveries(key) if row["state"] == "dead"]
    assert not dead, "a delivery could not be applied"


@effect("forged values appear nowhere")
def forged_values_appear_nowhere(outcome: Outcome) -> None:
    key = outcome.laboratory.cast.tenant("A").client_key
    rows = outcome.laboratory.ledger.repositories(key)
    assert FORGED not in json.dumps(rows, default=str), "a body was believed"


@effect(r"state = API (?:truth|state)")
def state_is_what_the_api_says(outcome: Outcome) -> None:
    tenant = outcome.laboratory.cast.tenant("A")
    names = {row["uuid"]: row["name"] for row in outcome.laboratory.ledger.repositories(tenant.client_key)}
    for fact, uuid in tenant.repositories.items():
        if uuid in names:
            assert names[uuid] == repository_name(tenant, fact)


@effect("at most one API re-read")
def at_most_one_read(outcome: Outcome) -> None:
    reads = [call for call in outcome.api_calls if call["method"] == "GET"]
    assert len(reads) <= len(outcome.answers), f"{len(reads)} API reads"


@effect(r"(?P<count>\d+) dead letters?")
def dead_letters(outcome: Outcome, count: str) -> None:
    key = outcome.laboratory.cast.tenant("A").client_key
    dead = [row for row in outcome.laboratory.ledger.deliveries(key) if row["state"] == "dead"]
    assert len(dead) == int(count)
