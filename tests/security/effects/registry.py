"""Finds the check for an effect by its wording."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.security.recipes.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.security.performance import Outcome

_CHECKS: list[tuple[re.Pattern[str], Callable[..., None]]] = []


def effect(wording: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a check for a wording, a regular expression for the whole text; its groups become arguments."""

    def register(check: Callable[..., None]) -> Callable[..., None]:
        _CHECKS.append((re.compile(wording), check))
        return check

    return register


def check_effect(text: str, outcome: Outcome) -> None:
    """Raises AssertionError where the effect does not hold, NotUnderstood where no check has this wording."""
    if _check(text, outcome):
        return
    parts = [part.strip() for part in text.split(";")]
    if len(parts) == 1:
        raise NotUnderstood("effect", text)
    for part in parts:
        check_effect(part, outcome)


def _check(text: str, outcome: Any) -> bool:
    for wording, check in _CHECKS:
        if (match := wording.fullmatch(text)) is not None:
            check(outcome, **match.groupdict())
            return True
    return False
