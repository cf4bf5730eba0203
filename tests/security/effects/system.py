"""Effects on the system as a whole: the memory that its processes take, and what a check of it has shown by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.security.effects.registry import effect

if TYPE_CHECKING:
    from tests.security.performance import Outcome

MEBIBYTE = 1024 * 1024


@effect(r"RSS growth < (?P<mebibytes>\d+) MiB")
def memory_is_bounded(outcome: Outcome, mebibytes: str) -> None:
    """Of the process that grew most, at its worst moment since before the entry."""
    assert outcome.memory is not None
    growth = outcome.memory.growth_bytes()
    assert growth < int(mebibytes) * MEBIBYTE, f"a process grew by {growth / MEBIBYTE:.0f} MiB"


SHOWN_BY_CHECKS = (
    "0 hits",
    "ciphertexts differ for equal secrets",
    r"row moved to another tenant fails to decrypt \(AAD = client key\)",
    "0 failed requests",
    "old key removable",
    "generic body with request id only",
    "no Server/X-Powered-By version",
    "0 hits outside the tombstone",
    "purge done in the promised time",
    "difference of medians < 5 % or < 50 us",
)


@effect(f"(?P<text>{'|'.join(SHOWN_BY_CHECKS)})")
def shown_by_the_check(outcome: Outcome, text: str) -> None:
    assert text in outcome.proved, "the check did not show this"
