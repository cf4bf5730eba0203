"""Whose word stood on a pull request at a moment, as a sighting keeps it: `approved:{uuid}` and so on, with blanks between."""

from collections.abc import Mapping
from typing import Final

from insights.facts.pull_requests import ReviewState

NONE_STOOD: Final = ""


def encode(verdicts: Mapping[str, ReviewState]) -> str:
    """The text for some verdicts, by account."""
    return " ".join(f"{state}:{uuid}" for uuid, state in sorted(verdicts.items()))


def decode(text: str) -> Mapping[str, ReviewState]:
    """The verdicts in a text, by account."""
    pairs = (part.partition(":") for part in text.split())
    return {uuid: ReviewState(state) for state, _, uuid in pairs}
