"""Transactions that collide on PostgreSQL: the server ends one of them, which changes nothing, and asks for it once more.

With the locks that Bittern takes in one order that hardly happens; it does where an operator has set a stricter isolation.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import OperationalError

T = TypeVar("T")

MOST_TRIES: Final = 3
"""Then whoever asked has to ask again."""

_COLLISIONS: Final = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected (PostgreSQL, appendix A)."""


def is_collision(error: OperationalError) -> bool:
    """Whether the same transaction may do well at the next try."""
    return getattr(error.orig, "sqlstate", None) in _COLLISIONS


def tried_again(transact: Callable[[], T]) -> T:
    """Run a whole transaction, and again where it has collided, three times at most. Raises what the last one does."""
    for _ in range(MOST_TRIES - 1):
        try:
            return transact()
        except OperationalError as error:
            if not is_collision(error):
                raise
    return transact()
