"""Which OAuth scope an operation needs, said beside the operation.

The API description names no scope for reading a workspace or a user, while `account` is described as the right to read them.
As the scopes of an installation cannot be widened later, we declare `account` for both.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

_Operation = TypeVar("_Operation", bound=Callable[..., Any])


def needs(*scopes: str) -> Callable[[_Operation], _Operation]:
    """Declare the scopes without which Bitbucket answers 403 to this operation; none for what any credential may do."""

    def declare(operation: _Operation) -> _Operation:
        operation.scopes = frozenset(scopes)  # type: ignore[attr-defined]
        return operation

    return declare


def scopes_of(operations: Iterable[Callable[..., Any]]) -> frozenset[str]:
    """All the scopes that these operations need together. Raises AttributeError for one that does not declare any."""
    return frozenset(scope for operation in operations for scope in operation.scopes)  # type: ignore[attr-defined]
