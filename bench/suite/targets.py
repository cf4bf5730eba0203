"""The table of what Bittern must reach: target, figure, and the command or the test that the figure comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench.suite.markdown import PANELS, number, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.suite.results import Outcome

    Found = Mapping[str, Outcome]

NOT_MEASURED: Final = "not measured yet"


def rows(found: Found) -> str:
    """The whole table."""
    return table(("what", "target", "figure", "where from"), [_row(found, *one) for one in _ROWS]).replace(
        "---:", "---"
    )


def _row(
    found: Found, what: str, target: str, figure: Callable[[Found], str], source: str
) -> tuple[str, str, str, str]:
    try:
        told = figure(found)
    except KeyError:
        told = NOT_MEASURED
    return what, target, told, source


def _asserted(_found: Found) -> str:
    """What a test holds: there is no figure without it."""
    return "asserted"


def _worst(found: Found, part: str, size: int) -> tuple[float, str]:
    """The slowest panel after an event, by p95 of processor time."""
    figures = found[part].figures
    return max((figures[panel][str(size)]["after_event"]["processor_p95"], label) for panel, label in PANELS.items())


def _panel_time(found: Found) -> str:
    (sqlite, on_sqlite), (postgres, on_postgres) = (
        _worst(found, part, 10_000) for part in ("panels", "panels_postgresql")
    )
    return f"p95 {sqlite:.0f} ms on SQLite ({on_sqlite}), {postgres:.0f} ms on PostgreSQL ({on_postgres})"


def _grown(found: Found, part: str, small: int, large: int, *, large_part: str = "") -> str:
    """How many times as long each panel takes at a large size as at a small one."""
    first, last = found[part].figures, found[large_part or part].figures
    factors = {
        label: last[panel][str(large)]["after_event"]["processor_p95"]
        / first[panel][str(small)]["after_event"]["processor_p95"]
        for panel, label in PANELS.items()
    }
    return ", ".join(f"{label} {factor:.1f}" for label, factor in factors.items())


def _others(found: Found) -> str:
    figures = found["tenants"].figures["installations"]
    return ", ".join(
        f"{label} {figures[panel]['10000']['after_event']['processor_p95'] / figures[panel]['1']['after_event']['processor_p95']:.2f}"
        for panel, label in PANELS.items()
    )


def _requests(server: str, key: str, form: str) -> Callable[[Found], str]:
    return lambda found: form.format(found["panel_requests"].figures[server][key])


def _to_express(server: str, key: str) -> Callable[[Found], str]:
    def figure(found: Found) -> str:
        servers = found["panel_requests"].figures
        return f"{servers[server][key] / servers['express'][key]:.2f} times"

    return figure


def _memory_of_each_of_two(found: Found) -> str:
    servers = found["panel_requests"].figures
    both = servers["bittern-gunicorn-2-processes"]["pss_megabytes"]
    return f"{both / 2 / servers['express']['pss_megabytes']:.2f} times"


def _webhooks(server: str) -> Callable[[Found], str]:
    def figure(found: Found) -> str:
        one = found["webhooks"].figures[server]
        share = one["to_commits_of_1"]
        return f"{number(one['per_second'])} a second, {number(one['per_processor_second'])} a processor second; {share:.2f} times the bare commits of one writer"

    return figure


def _burst(found: Found) -> str:
    servers = {name: one for name, one in found["webhooks"].figures.items() if "burst_p99_ms" in one}
    return ", ".join(f"{name} {one['burst_p99_ms']:.0f} ms" for name, one in servers.items())


def _over_requests(found: Found) -> str:
    one = found["rest_client"].figures
    return f"{one['ratio']:.2f} times ({one['client_us']:.0f} µs against {one['requests_us']:.0f}); a page of 50 decoded in {one['decode_ms']:.1f} ms"


def _useful(found: Found) -> str:
    one: Any = found["backfill_calls"].figures["until_useful"]
    return f"{one['calls']} calls, {one['seconds']:.0f} s at 0.3 s a call"


def _calls(found: Found) -> str:
    one, day = found["backfill_calls"].figures["everything"], found["steady_day"].figures
    return f"{number(one['calls'])} calls in {one['hours']:.1f} h; {day['calls']} for a day with {day['webhooks']} webhooks"


def _speed(found: Found) -> str:
    one = found["backfill_speed"].figures
    return f"{one['pages_per_second']:.0f} pages a second, {one['milliseconds_per_page']:.1f} ms each"


_ROWS: Final = (
    (
        "from install to a useful Pulse (30 open pull requests)",
        "under 2 min, at most 91 calls",
        _useful,
        "`backfill_calls`",
    ),
    ("calls for everything (1,200 pull requests), and for a steady day", "-", _calls, "`backfill_calls`, `steady_day`"),
    (
        "Bitbucket calls per view of Pulse, Turn, Flow, Branches",
        "0",
        _asserted,
        "`tests/web/panels` with the network closed; `panels` refuses every call",
    ),
    ("panel, server side, 10,000 pull requests", "p95 under 50 ms", _panel_time, "`panels`, `panels_postgresql`"),
    (
        "100,000 pull requests to 1,000, SQLite",
        "at most 2 times",
        lambda found: _grown(found, "panels", 1_000, 100_000),
        "`panels`",
    ),
    (
        "the same on PostgreSQL",
        "at most 2 times",
        lambda found: _grown(found, "panels_postgresql", 1_000, 100_000),
        "`panels_postgresql`",
    ),
    (
        "1,000,000 pull requests to 1,000, SQLite",
        "at most 3 times",
        lambda found: _grown(found, "panels", 1_000, 1_000_000, large_part="million"),
        "`panels`, `million`",
    ),
    ("10,000 installations to 1", "no slower", _others, "`tenants`"),
    (
        "panel requests per core to the Express framework's, gunicorn",
        "at least 1.3 times",
        _requests("bittern-gunicorn", "per_core_to_express", "{:.2f} times"),
        "`panel_requests`",
    ),
    (
        "the same on granian",
        "at least 2 times",
        _requests("bittern-granian", "per_core_to_express", "{:.2f} times"),
        "`panel_requests`",
    ),
    (
        "share of Flask's hello world, same server: gunicorn",
        "at least 75 %",
        _requests("bittern-gunicorn", "per_core_to_hello", "{:.0%}"),
        "`panel_requests`",
    ),
    (
        "the same on granian",
        "at least 75 %",
        _requests("bittern-granian", "per_core_to_hello", "{:.0%}"),
        "`panel_requests`",
    ),
    (
        "p99 to the Express framework's: gunicorn",
        "at most half",
        _to_express("bittern-gunicorn", "p99_ms"),
        "`panel_requests`",
    ),
    (
        "memory to the Express framework's: gunicorn",
        "at most half",
        _to_express("bittern-gunicorn", "pss_megabytes"),
        "`panel_requests`",
    ),
    (
        "p99 to the Express framework's: granian",
        "at most half",
        _to_express("bittern-granian", "p99_ms"),
        "`panel_requests`",
    ),
    (
        "memory to the Express framework's: granian",
        "at most half",
        _to_express("bittern-granian", "pss_megabytes"),
        "`panel_requests`",
    ),
    (
        "memory of each process, where there are two as by default: gunicorn",
        "at most half",
        _memory_of_each_of_two,
        "`panel_requests`",
    ),
    (
        "memory of the packages alone that it is made of, plain gunicorn with one process",
        "the limit",
        _to_express("packages-alone", "pss_megabytes"),
        "`panel_requests`",
    ),
    (
        "webhooks acknowledged per second and core, each committed with fsync: gunicorn, SQLite",
        "at least 1,000",
        _webhooks("sqlite-gunicorn"),
        "`webhooks`",
    ),
    ("the same with 16 threads", "at least 1,000", _webhooks("sqlite-gunicorn-16-threads"), "`webhooks`"),
    ("granian, SQLite", "at least 1,000", _webhooks("sqlite-granian"), "`webhooks`"),
    ("gunicorn, PostgreSQL", "at least 1,000", _webhooks("postgres-gunicorn"), "`webhooks`"),
    ("granian, PostgreSQL", "at least 1,000", _webhooks("postgres-granian"), "`webhooks`"),
    ("p99 of a burst of 10,000 webhooks", "under 500 ms", _burst, "`webhooks`"),
    ("pages of history stored, the API answering at once", "-", _speed, "`backfill_speed`"),
    ("REST client per call over requests alone", "-", _over_requests, "`rest_client`"),
    (
        "webhook to panel",
        "under 5 s",
        _asserted,
        "`tests/end_to_end` in Chromium: an approval shows in the open panel within 5 s",
    ),
    ("acknowledged webhooks lost under SIGKILL", "0", _asserted, "`make faults`, in its short form in `make test`"),
    ("a killed worker's page", "taken up in under 10 s, 0 done twice", _asserted, "`make faults`"),
    ("page weight of a panel, compressed", "at most 50 kB", _asserted, "`tests/end_to_end`"),
    (
        "lines of a file, of a function (95th percentile), of the median function",
        "400; 40; 10",
        _asserted,
        "`make figures`",
    ),
)
