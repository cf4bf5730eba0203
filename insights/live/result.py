"""What an insight answers with: a value that says how it came about, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """A figure with its provenance.

    ``n`` counts the facts that the value rests on, ``left_out`` those that were seen and not used, by reason.
    ``definition`` names the rule (its page is the *Definitions* tab) and ``version`` moves when the rule does.
    Without a value, ``why_not`` says why in one word.
    """

    value: T | None
    n: int
    definition: str
    version: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    why_not: str | None = None
