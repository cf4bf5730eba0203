"""Effects on the network: whom the service called, and whom it must not have called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.security.effects.registry import effect

if TYPE_CHECKING:
    from tests.security.performance import Outcome


@effect("no_outbound")
def no_outbound(outcome: Outcome) -> None:
    """Nobody was called at all: neither the pinned host nor any other."""
    assert outcome.api_calls == [], f"Bitbucket was called: {[call['path'] for call in outcome.api_calls]}"
    no_foreign_outbound(outcome)


@effect(
    r"no_outbound except the pinned API host|no request to the foreign host|Authorization never sent to the new host"
)
def no_foreign_outbound(outcome: Outcome) -> None:
    assert outcome.laboratory.egress.foreign() == []


@effect(r"no retry storm: <= (?P<count>\d+) calls")
def few_calls(outcome: Outcome, count: str) -> None:
    # The panel reads several resources side by side; what counts is that none is asked for again and again.
    by_path: dict[str, int] = {}
    for call in outcome.api_calls:
        by_path[call["path"]] = by_path.get(call["path"], 0) + 1
    assert max(by_path.values(), default=0) <= int(count), by_path
