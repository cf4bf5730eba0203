"""Effects of webhooks: how many took effect, what they left in the rows, what died."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from demo.errors import WaitedTooLong
from demo.waiting import wait_until
from models.history.pull_requests import PullRequest as PullRequestTable
from models.inbox import Delivery, DeliveryState
from models.repositories import Repository
from tests.security.effects.registry import effect
from tests.security.invariants import check_b_is_untouched
from tests.security.laboratory import panel_entry
from tests.security.recipes.bodies import FORGED
from tests.security.recipes.cast import repository_name
from tests.security.stage import accept, push_entry

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.performance import Outcome

TRUTH_SECONDS = 30.0
DONE = {DeliveryState.DONE, DeliveryState.IGNORED}
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
    """In no row but the inbox's, which keeps what came as it came, and not on the page."""
    laboratory = outcome.laboratory
    tenant = laboratory.cast.tenant("A")
    rows = laboratory.ledger.rows_of(tenant.client_key)
    kept = {name: found for name, found in rows.items() if name != Delivery.__tablename__}
    assert FORGED not in json.dumps(kept, default=str), "a body was believed"
    assert FORGED not in laboratory.ask(panel_entry("A", "A.user_member")).text, "a body is shown"


@effect(r"state = API (?:truth|state)")
def state_is_what_the_api_says(outcome: Outcome) -> None:
    """Names of repositories, and titles of the pull requests that the entry is about, become what the API says."""
    laboratory = outcome.laboratory
    try:
        wait_until(lambda: _is_the_truth(laboratory), what="the API's truth", timeout_seconds=TRUTH_SECONDS)
    except WaitedTooLong as problem:
        raise AssertionError("our rows say something else than the API") from problem


def _is_the_truth(laboratory: Laboratory) -> bool:
    tenant = laboratory.cast.tenant("A")
    rows = laboratory.ledger.rows_of(tenant.client_key)
    names = {row["uuid"]: row["name"] for row in rows[Repository.__tablename__]}
    is_named = all(names.get(uuid) == repository_name(tenant, fact) for fact, uuid in tenant.repositories.items())
    titles = {row["title"] for row in rows[PullRequestTable.__tablename__]}
    return is_named and "As it was" not in titles


@effect("at most one API re-read")
def at_most_one_read(outcome: Outcome) -> None:
    reads = [call for call in outcome.api_calls if call["method"] == "GET"]
    assert len(reads) <= len(outcome.answers), f"{len(reads)} API reads"


@effect("no effect of either event type beyond a re-read")
def nothing_took_effect(outcome: Outcome) -> None:
    assert outcome.latest.fingerprints == outcome.before.fingerprints, "rows of a tenant changed"


@effect(r"other events of A and B processed within (?P<seconds>\d+) s")
def others_are_served(outcome: Outcome, seconds: str) -> None:
    """Beside the one that cannot be applied."""
    for tenant in ("A", "B"):
        _applied_within(outcome, tenant, float(seconds))


@effect(r"(?P<tenant>[A-Z]) job starts within (?P<seconds>\d+) s")
def work_begins(outcome: Outcome, tenant: str, seconds: str) -> None:
    """While the other tenant's backlog is there: otherwise this would say nothing."""
    _applied_within(outcome, tenant, float(seconds))
    assert outcome.laboratory.ledger.pending_deliveries() > 0, "the backlog was gone before this began"


def _applied_within(outcome: Outcome, tenant: str, seconds: float) -> None:
    laboratory = outcome.laboratory
    if tenant == "B":
        check_b_is_untouched(outcome)
        outcome.has_served_b = True
    key = laboratory.cast.tenant(tenant).client_key
    known = {row["id"] for row in laboratory.ledger.deliveries(key)}
    accept(laboratory.ask(push_entry(f"{tenant}.repo_open")), f"a webhook of {tenant}")
    try:
        wait_until(
            lambda: any(row["id"] not in known and row["state"] in DONE for row in laboratory.ledger.deliveries(key)),
            what=f"an event of {tenant}",
            timeout_seconds=seconds,
        )
    except WaitedTooLong as problem:
        raise AssertionError(f"an event of {tenant} waited for more than {seconds:g} s") from problem


@effect(r"(?P<count>\d+) dead letters?")
def dead_letters(outcome: Outcome, count: str) -> None:
    key = outcome.laboratory.cast.tenant("A").client_key
    dead = [row for row in outcome.laboratory.ledger.deliveries(key) if row["state"] == "dead"]
    assert len(dead) == int(count)
