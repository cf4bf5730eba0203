"""Tables and sentences of docs/performance.md, from what the parts found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.suite.results import Outcome

PANELS: Final = {"pulse": "Pulse", "turn": "Turn", "flow": "Flow", "branches": "Branches"}
NOT_KNOWN: Final = "\N{EN DASH}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table: the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def number(value: float | None, digits: int = 0) -> str:
    """A number as people read it."""
    return NOT_KNOWN if value is None else f"{value:,.{digits}f}"


def behind(outcome: Outcome) -> str:
    """The command behind a table, what it was run on, and what is to be minded."""
    changed = " with changes" if outcome.machine["is_changed"] else ""
    where = f"{outcome.measured_on}, commit {outcome.machine['commit']}{changed}, {outcome.machine['cores']} cores"
    reservation = f" **Not to be relied on: {outcome.reservation}.**" if outcome.reservation else ""
    return f"`{outcome.command}` ({where}; {outcome.seconds:.0f} s).{reservation}"


def panel_requests(figures: Mapping[str, Any]) -> str:
    """The servers side by side."""
    head = ("server", "requests/s", "a processor second", "to Express", "to Flask's hello", "p50 ms", "p99 ms", "MB")
    return table(
        head,
        (
            (
                name,
                number(one["requests_per_second"]),
                number(one.get("requests_per_processor_second")),
                number(one.get("per_core_to_express", one.get("to_express")), 2),
                number(one.get("per_core_to_hello"), 2),
                number(one["p50_ms"], 1),
                number(one["p99_ms"], 1),
                number(one.get("pss_megabytes", one.get("memory_megabytes"))),
            )
            for name, one in figures.items()
        ),
    )


def growth(figures: Mapping[str, Any], *, of: str) -> str:
    """Each panel at each size: after an event, and where nothing has happened."""
    rows = []
    for panel, label in PANELS.items():
        sizes = sorted(figures.get(panel, {}), key=int)
        for size in sizes:
            one = figures[panel][size]
            event, quiet = one["after_event"], one["unchanged"]
            first = figures[panel][sizes[0]]["after_event"]["processor_p95"]
            rows.append(
                (
                    label,
                    number(int(size)),
                    number(event["processor_p50"], 1),
                    number(event["processor_p95"], 1),
                    number(event["p95"], 1),
                    number(event["queries_p50"]),
                    number(event["processor_p95"] / first, 2),
                    number(quiet["processor_p50"], 1),
                    number(one["poll"]["processor_p50"], 1),
                    number(one["first"]),
                )
            )
    head = (
        "panel",
        of,
        "p50 ms",
        "p95 ms",
        "p95 on the clock",
        "queries",
        "p95 to the smallest",
        "unchanged p50",
        "304",
        "first",
    )
    return table(head, rows)


def filled(figures: Mapping[str, Any]) -> str:
    """What the databases of the growth curves hold and weigh."""
    head = ("pull requests", "open", "closed a year", "people", "bytes each", "MB", "filled in s")
    rows = (
        (
            number(int(size)),
            number(one["open"]),
            number(one["closed_a_year"]),
            number(one["people"]),
            number(one["bytes_per_pull_request"]),
            number(one["megabytes"]),
            number(one["seconds"]),
        )
        for size, one in sorted(figures.get("filled", {}).items(), key=lambda pair: int(pair[0]))
    )
    return table(head, rows)


def tenants(figures: Mapping[str, Any]) -> str:
    """Each panel by how many others are held."""
    return "\n\n".join(growth(figures[kind], of=kind) for kind in figures)


def grid(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Several of a kind: a row each, with a column for everything that is told of any of them."""
    columns = list(dict.fromkeys(name for one in figures.values() for name in one))
    rows = ((name, *(_short(one.get(column)) for column in columns)) for name, one in figures.items())
    return table(("", *(column.replace("_", " ") for column in columns)), rows)


def _short(value: float | None) -> str:
    return number(value, 2 if value is not None and abs(value) < 10 else 0)


def flat(figures: Mapping[str, Any]) -> str:
    """Any figures: a row each."""
    return table(("what", "figure"), _flat(figures, ""))


def _flat(value: object, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [row for key, one in value.items() for row in _flat(one, f"{name}, {key}" if name else str(key))]
    words = name.replace("_", " ")
    if isinstance(value, float):
        return [(words, number(value, 3 if abs(value) < 10 else 1))]
    return [(words, number(value) if isinstance(value, int) else str(value))]


def section(name: str, outcome: Outcome) -> str:
    """What stands between a part's marks."""
    figures = outcome.figures
    match name:
        case "panel_requests":
            body = panel_requests(figures)
        case "panels" | "panels_postgresql" | "million" | "million_postgresql":
            body = f"{growth(figures, of='pull requests')}\n\n{filled(figures)}"
        case "tenants" | "tenants_postgresql":
            body = tenants(figures)
        case "webhooks" | "footprint":
            body = grid(figures)
        case _:
            body = flat(figures)
    return f"{body}\n\n{behind(outcome)}"
