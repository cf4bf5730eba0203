"""Effects on tenants: their state, their secrets, their rows, their audit trail."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from demo.errors import WaitedTooLong
from demo.waiting import wait_until
from tests.security.effects.registry import effect
from tests.security.laboratory import panel_entry
from tests.security.recipes.errors import NotUnderstood

if TYPE_CHECKING:
    from tests.security.performance import Outcome

TENANT = r"(?P<tenant>[A-Z])"
SECRET = r"(?P<secret>[A-Za-z]+(?:\.[a-z_]+)?)"
PROOF_SECONDS = 20.0
STILLNESS_SECONDS = 3.0
# The words of attack files for the states of a tenant, and ours; None stands for no row at all.
STATES: dict[str, set[str | None]] = {
    "active": {"active"},
    "inactive": {"uninstalled", "pending", None},
    "not active": {"uninstalled", "pending", None},
    "never active": {"uninstalled", "pending", None},
    "uninstalled": {"uninstalled"},
    "pending": {"pending"},
    "unproven": {"pending"},
    "quarantined": {"pending"},
    "absent": {None},
    "not stored": {None},
    "unknown": {None},
}


@effect("no_state_change")
def no_state_change(outcome: Outcome) -> None:
    latest = outcome.latest
    assert latest.fingerprints == outcome.before.fingerprints, "rows of a tenant changed"
    assert latest.secrets == outcome.before.secrets


@effect(rf"{TENANT}(?: (?:state|rows|data))? (?:is |are )?unchanged")
def tenant_is_unchanged(outcome: Outcome, tenant: str) -> None:
    key = outcome.laboratory.cast.tenant(tenant).client_key
    assert outcome.latest.fingerprints.get(key) == outcome.before.fingerprints.get(key), f"rows of {tenant} changed"


@effect(rf"(?:{TENANT}\.)?secret (?:is )?unchanged")
def secret_is_unchanged(outcome: Outcome, tenant: str | None) -> None:
    key = outcome.laboratory.cast.tenant(tenant or "A").client_key
    assert outcome.latest.secrets[key] == outcome.before.secrets[key], "the secret changed"


@effect(rf"{TENANT}\.secret (?:==|=|equals|is) {SECRET}")
def secret_equals(outcome: Outcome, tenant: str, secret: str) -> None:
    cast = outcome.laboratory.cast
    assert outcome.latest.secrets[cast.tenant(tenant).client_key] == cast.secret(secret), "another secret is in force"


@effect("secret equals the latest rotation")
def secret_is_the_latest(outcome: Outcome) -> None:
    secret_equals(outcome, "A", "A.secret_new")


@effect(
    rf"(?:final state = |{TENANT} (?:(?:is|stays|remains) )?(?:still )?)(?P<state>{'|'.join(STATES)})(?: with {SECRET})?"
)
def tenant_is(outcome: Outcome, tenant: str | None, state: str, secret: str | None) -> None:
    """A proof may still be under way when the answer is there, so a state is waited for."""
    name = tenant or "A"
    laboratory = outcome.laboratory
    key = laboratory.cast.tenant(name).client_key
    try:
        wait_until(
            lambda: laboratory.ledger.state(key) in STATES[state],
            what=f"{name} being {state}",
            timeout_seconds=PROOF_SECONDS,
        )
    except WaitedTooLong as problem:
        raise AssertionError(f"{name} is {laboratory.ledger.state(key)}, not {state}") from problem
    if secret is not None:
        assert laboratory.ledger.secret(key) == laboratory.cast.secret(secret), "another secret is in force"


@effect(rf"tombstone(?: of {TENANT})? kept")
def tombstone_is_kept(outcome: Outcome, tenant: str | None) -> None:
    """Uninstalled, and with the secret that a re-install will be signed with."""
    laboratory = outcome.laboratory
    subject = laboratory.cast.tenant(tenant or _subject(outcome))
    assert laboratory.ledger.state(subject.client_key) == "uninstalled"
    assert laboratory.ledger.secret(subject.client_key) == outcome.before.secrets[subject.client_key]


@effect("attacker secret gone")
def attacker_secret_is_gone(outcome: Outcome) -> None:
    ledger, cast = outcome.laboratory.ledger, outcome.laboratory.cast
    for tenant in cast.tenants.values():
        assert cast.attacker_secret not in ledger.secrets(tenant.client_key), f"{tenant.name} keeps it"


@effect(rf"{TENANT} data present")
def data_is_present(outcome: Outcome, tenant: str) -> None:
    key = outcome.laboratory.cast.tenant(tenant).client_key
    before, after = outcome.before.repositories[key], outcome.latest.repositories[key]
    assert before, f"{tenant} had no data to begin with, so this says nothing"
    assert after == before, f"data of {tenant} changed or went"


@effect(rf"old data of {TENANT} unreadable")
def old_data_is_unreadable(outcome: Outcome, tenant: str) -> None:
    """Neither the secret that was offered nor the one kept in the tombstone opens a panel."""
    laboratory = outcome.laboratory
    for signer in ("attacker", f"{tenant}.secret"):
        entry = panel_entry(tenant, "A.user_member", signed_with=signer)
        entry["request"]["query"] = [["repo_uuid", "$A.repo_open"], ["user_uuid", "$A.user_member"]]
        answer = laboratory.ask(entry)
        assert answer.status in {401, 403, 404}, f"a panel opens with {signer}"


@effect(r"(?P<count>one|no|\d+) audit rows?")
def audit_rows(outcome: Outcome, count: str) -> None:
    """Rows since the entry began, about the tenant that its body names."""
    wanted = {"one": 1, "no": 0}.get(count)
    wanted = int(count) if wanted is None else wanted
    key = outcome.laboratory.cast.tenant(_subject(outcome)).client_key
    ledger = outcome.laboratory.ledger
    written = ledger.audit(key)[outcome.before.audit_counts[key] :]
    assert len(written) == wanted, f"{len(written)} audit rows: {[row['reason'] for row in written]}"


def _subject(outcome: Outcome) -> str:
    body = str(outcome.entry["request"].get("json", ""))
    if not body.startswith(("$install(", "$uninstall(")):
        raise NotUnderstood("tenant of an entry", outcome.entry["id"])
    return body.partition("(")[2][0]


@effect(rf"0 rows of {TENANT} written after ack \+ (?P<seconds>\d+) s")
def nothing_is_written_later(outcome: Outcome, tenant: str, seconds: str) -> None:
    key = outcome.laboratory.cast.tenant(tenant).client_key
    ledger = outcome.laboratory.ledger
    begin = outcome.answered_at + int(seconds)
    threading.Event().wait(max(0.0, begin - time.monotonic()))
    at_first = ledger.fingerprint(key)
    # Long enough for several rounds of a worker that had not stopped.
    threading.Event().wait(STILLNESS_SECONDS)
    assert ledger.fingerprint(key) == at_first, f"rows of {tenant} are still written"
