"""The parts of `make bench`: each is one command that prints one JSON object, or writes it to the file that it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = "{file}"
"""In a command: the file to write to. A command without it prints."""


@dataclass(frozen=True)
class Part:
    """One benchmark. `quick` are the arguments of a short run that shows that it works; `minutes` is what a whole one takes."""

    name: str
    title: str
    module: str
    whole: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    minutes: float = 1
    is_usual: bool = True
    """Whether it runs when no part is named."""

    def arguments(self, *, is_quick: bool) -> tuple[str, ...]:
        """What follows `python -m MODULE`."""
        return self.quick if is_quick else self.whole

    def command(self, *, is_quick: bool) -> str:
        """The command as people type it."""
        arguments = [one for one in self.arguments(is_quick=is_quick) if one not in {"--json", FILE}]
        return " ".join(("python -m", self.module, *arguments))


PARTS: Final = (
    Part(
        name="panel_requests",
        title="Signed panel requests a second, beside the Express framework's and plain Flask's",
        module="bench.panel_requests",
        whole=("--seconds", "5", "--json", FILE),
        quick=("--seconds", "1", "--rounds", "1", "--json", FILE),
        minutes=5,
    ),
    Part(
        name="webhooks",
        title="Webhooks acknowledged a second, beside the bare database",
        module="bench.webhooks",
        whole=("--seconds", "4", "--rounds", "2", "--json", FILE),
        quick=("--seconds", "1", "--rounds", "1", "--burst", "500", "--json", FILE),
        minutes=3,
    ),
    Part(
        name="panels",
        title="Panel time by number of pull requests, on SQLite",
        module="bench.panels",
        whole=("--sizes", "1000", "10000", "100000", "--views", "120"),
        quick=("--sizes", "1000", "--views", "12"),
        minutes=2,
    ),
    Part(
        name="panels_postgresql",
        title="Panel time by number of pull requests, on PostgreSQL",
        module="bench.panels",
        whole=("--sizes", "1000", "10000", "100000", "--views", "120", "--postgres"),
        quick=("--sizes", "1000", "--views", "12", "--postgres"),
        minutes=2.5,
    ),
    Part(
        name="million",
        title="Panel time at a million pull requests, on SQLite",
        module="bench.panels",
        whole=("--sizes", "1000000", "--views", "120"),
        quick=("--sizes", "10000", "--views", "12"),
        minutes=5,
    ),
    Part(
        name="million_postgresql",
        title="Panel time at a million pull requests, on PostgreSQL",
        module="bench.panels",
        whole=("--sizes", "1000000", "--views", "120", "--postgres"),
        quick=("--sizes", "10000", "--views", "12", "--postgres"),
        minutes=8,
        is_usual=False,
    ),
    Part(
        name="tenants",
        title="Panel time by number of installations and of repositories, on SQLite",
        module="bench.tenants",
        whole=("--views", "80"),
        quick=("--counts", "1", "20", "--views", "12"),
        minutes=3,
    ),
    Part(
        name="tenants_postgresql",
        title="Panel time by number of installations and of repositories, on PostgreSQL",
        module="bench.tenants",
        whole=("--counts", "1", "10000", "--views", "80", "--postgres"),
        quick=("--counts", "1", "20", "--views", "12", "--postgres"),
        minutes=15,
        is_usual=False,
    ),
    Part(
        name="backfill_speed",
        title="Pages of history a second, the API answering at once",
        module="bench.backfill_speed",
        quick=("--small",),
        minutes=3,
    ),
    Part(
        name="backfill_calls",
        title="Calls until Pulse is useful, and for everything",
        module="bench.backfill_calls",
        whole=("--json",),
        quick=("--small", "--json"),
        minutes=1.5,
    ),
    Part(
        name="steady_day",
        title="Calls of a steady day",
        module="bench.steady_day",
        whole=("--json",),
        quick=("--json",),
        minutes=0.5,
    ),
    Part(
        name="rest_client",
        title="The REST client over requests alone",
        module="bench.rest_client",
        quick=("--calls", "400"),
        minutes=0.2,
    ),
    Part(
        name="footprint",
        title="Start-up and memory of web, worker and commands",
        module="bench.footprint",
        quick=("--rounds", "1"),
        minutes=0.7,
    ),
    Part(
        name="scale_out",
        title="Two machines against one",
        module="bench.scale_out",
        whole=("--json", FILE),
        quick=("--seconds", "2", "--rounds", "1", "--json", FILE),
        minutes=3,
    ),
)


def chosen(names: Sequence[str]) -> list[Part]:
    """The parts of these names, in the order of the suite; without names, the usual ones. Raises KeyError."""
    known = {part.name for part in PARTS}
    for name in names:
        if name not in known:
            raise KeyError(name)
    return [part for part in PARTS if (part.name in names if names else part.is_usual)]
