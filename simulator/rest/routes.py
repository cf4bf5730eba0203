"""The table of what REST serves: method, address, scope, and the function that answers.

A handler takes the `Call` and the parts of the address; it answers a JSON body, or an `Answer` where status, headers or
bytes matter. It never sees Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is more than a 200 with JSON. `hidden`: paths that only `fields` brings out."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    content_type: str = "application/json; charset=utf-8"


Scope = str | tuple[str, ...] | None
"""what a credential must hold: one scope, all of several, or nothing"""
Handler = Callable[Concatenate["Call", ...], "Json | Answer"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    method: str
    address: str
    scope: Scope
    handler: Handler


class Routes:
    """A resource's operations, gathered by decorators."""

    def __init__(self) -> None:
        self.entries: list[Route] = []

    def _add(self, method: str, address: str, scope: Scope) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.entries.append(Route(method, address, scope, handler))
            return handler

        return register

    def get(self, address: str, *, scope: Scope) -> Callable[[Handler], Handler]:
        """GET `address` needs `scope`."""
        return self._add("GET", address, scope)

    def post(self, address: str, *, scope: Scope) -> Callable[[Handler], Handler]:
        """POST to `address` needs `scope`."""
        return self._add("POST", address, scope)

    def put(self, address: str, *, scope: Scope) -> Callable[[Handler], Handler]:
        """PUT to `address` needs `scope`."""
        return self._add("PUT", address, scope)

    def delete(self, address: str, *, scope: Scope) -> Callable[[Handler], Handler]:
        """DELETE of `address` needs `scope`."""
        return self._add("DELETE", address, scope)
