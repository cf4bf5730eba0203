"""What must hold after every entry, whatever it was: the file's global invariants, each checked for real."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.security.laboratory import Laboratory
    from tests.security.performance import Outcome
    from tests.security.wire import Answer

CHECKED = (
    "no 5xx for any input except an injected dependency fault",
    "every 401 has the same public body",
    "no outbound connection except to the pinned API host",
    "no fixture secret or token in any output",
    "tenant B's rows and caches byte-identical before and after every A-side attack",
)


def check_invariants(outcome: Outcome) -> None:
    """Raises AssertionError where one does not hold."""
    laboratory = outcome.laboratory
    check_no_server_fault(outcome.answers, outcome.entry)
    check_one_public_401(laboratory.unauthorized_bodies)
    assert laboratory.egress.foreign() == [], "somebody else than the pinned host was called"
    check_nothing_leaks(outcome)
    check_b_is_untouched(outcome)


def check_no_server_fault(answers: Iterable[Answer], entry: Mapping[str, Any]) -> None:
    """A 5xx that the entry lists belongs to a dependency that it makes fail, or to the HTTP server's own refusal."""
    listed = entry["expect"]["status"]
    assert all(answer.status < 500 or answer.status in listed for answer in answers), "a 5xx"


def check_one_public_401(bodies: Mapping[str, set[bytes]]) -> None:
    for content_type, seen in bodies.items():
        assert len(seen) == 1, f"401 bodies of {content_type} tell refusals apart: {sorted(seen)}"


def check_b_is_untouched(outcome: Outcome) -> None:
    """After every A-side attack: not after a check of the whole system, nor once an effect has let B do something itself."""
    if outcome.entry["target"] == "system" or outcome.has_served_b:
        return
    key = outcome.laboratory.cast.tenant("B").client_key
    if outcome.latest.fingerprints.get(key) != outcome.before.fingerprints.get(key):
        now = outcome.laboratory.ledger.rows_of(key)
        changed = [table for table, rows in now.items() if repr(rows) != outcome.before.tables_of_b.get(table)]
        raise AssertionError(f"rows of B changed, in {changed}")


def check_nothing_leaks(outcome: Outcome) -> None:
    """Neither logs, nor answers, nor the database file hold a secret in clear, or a token."""
    laboratory = outcome.laboratory
    secrets = spellings(laboratory.cast.all_secrets())
    texts = {"the log": laboratory.journal.text, "an answer": "\n".join(one.whole_text for one in outcome.answers)}
    for where, text in texts.items():
        # A test never prints what it found: a report is an output too.
        assert not any(secret in text for secret in secrets), f"a secret stands in {where}"
    # A page's own token is renewed by its answers, and within one second the fresh one is the same.
    is_session = "session" in (outcome.entry.get("token") or {})
    carried = {exchange.token for exchange in outcome.exchanges if exchange.token and len(exchange.token) > 20}
    sent = set() if is_session else carried
    own = {token for token in laboratory.tokens if len(token) > 20}
    assert not any(token in texts["the log"] for token in carried | own), "a token stands in the log"
    assert not any(token in texts["an answer"] for token in sent), "a token stands in an answer"
    check_no_secret_at_rest(laboratory, secrets)


def check_no_secret_at_rest(laboratory: Laboratory, secrets: set[str]) -> None:
    for path in laboratory.ledger.files:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in secrets), f"a secret stands in {path.name}"


def spellings(secrets: Iterable[str]) -> set[str]:
    """Each secret as it is, and as base64 in both alphabets."""
    found = set()
    for secret in secrets:
        raw = secret.encode()
        encoded = {base64.b64encode(raw), base64.urlsafe_b64encode(raw)}
        found |= {secret} | {text.decode().rstrip("=") for text in encoded}
    return found
