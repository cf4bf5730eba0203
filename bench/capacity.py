"""How many machines, connections and gigabytes so many installations need, and what they cost. Arithmetic only.

    python -m bench.capacity [--installations 100 10000 1000000] [--json]

Takes what a request, an event, a page of history and a pull request cost from bench/results, and from the two commands whose
figures docs/operations.md tells. Everything else is an assumption, named below: change it here and run this again.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"
SECONDS_A_DAY: Final = 86_400
GIGABYTE: Final = 1e9


@dataclass(frozen=True)
class Measured:
    """What was measured, in milliseconds of a processor, calls and bytes. Each with the command that measures it."""

    web_ms_per_view: float
    database_ms_per_view: float
    web_ms_per_webhook: float
    worker_ms_per_webhook: float
    database_ms_per_webhook: float
    worker_ms_per_page: float
    database_ms_per_page: float
    bytes_per_pull_request: float
    # python -m bench.steady_day: a day with six pull requests.
    webhooks_a_day: int = 198
    calls_a_day: int = 99
    # python -m bench.backfill_calls: a repository with 1,200 pull requests.
    calls_for_a_history: int = 3_988
    pull_requests_of_a_history: int = 1_200

    @classmethod
    def read(cls, folder: Path = RESULTS) -> Measured:
        """From what `python -m bench.scale_out` and `python -m bench.row_weight` have written."""
        one = json.loads((folder / "scale_out.json").read_text())["one"]
        weight = json.loads((folder / "row_weight.json").read_text())
        return cls(
            web_ms_per_view=one["views"]["web_ms_per_view"],
            database_ms_per_view=one["views"]["postgres_ms_per_view"],
            web_ms_per_webhook=one["webhooks"]["web_ms_per_webhook"],
            worker_ms_per_webhook=one["webhooks"]["worker_ms_per_webhook"],
            database_ms_per_webhook=one["webhooks"]["postgres_ms_per_webhook"],
            worker_ms_per_page=one["pages"]["worker_ms_per_page"],
            database_ms_per_page=one["pages"]["postgres_ms_per_page"],
            bytes_per_pull_request=weight["bytes_per_pull_request"],
        )


@dataclass(frozen=True)
class Assumed:
    """What nobody has measured. A workspace is taken for a team of ten with one busy repository."""

    views_a_day: int = 100
    """Ten people, ten openings of a page each."""
    busy_hours: float = 8.0
    """A day's work falls into so many hours, all installations at once: the worst case, one time zone."""
    peak_to_busy: float = 3.0
    """The busiest minute against the mean of the busy hours."""
    new_a_day: float = 0.005
    """Of all installations, so many are new each day and have their history read."""
    processor_share: float = 0.5
    """Of each core no more is planned with; the rest is for the moment when a machine is lost."""
    cores_of_a_machine: int = 4
    web_processes_of_a_machine: int = 4
    workers_of_a_machine: int = 2
    connections_of_a_process: int = 10
    """In use at once: its threads and two more. BITTERN_DATABASE_CONNECTIONS is the most."""
    years_kept: float = 2.0
    price_of_a_machine: float = 60.0
    """A month, 4 cores and 8 GB, in US dollars: a price to be replaced by yours."""
    price_of_a_database_core: float = 60.0
    """A month, with 8 GB and a standby."""
    price_of_a_gigabyte: float = 0.25
    """A month, on disk, with its backup."""


@dataclass(frozen=True)
class Needed:
    """For one number of installations."""

    installations: int
    views_a_second: float
    webhooks_a_second: float
    calls_a_second: float
    web_cores: float
    worker_cores: float
    database_cores: float
    machines: int
    connections: int
    commits_a_second: float
    gigabytes: float
    dollars_a_month: float
    dollars_each: float


def needed(installations: int, measured: Measured, assumed: Assumed) -> Needed:
    """Return what so many installations need."""
    busy_seconds = assumed.busy_hours * 3600
    peak = assumed.peak_to_busy / busy_seconds * installations
    views, webhooks = assumed.views_a_day * peak, measured.webhooks_a_day * peak
    history_calls = assumed.new_a_day * measured.calls_for_a_history / SECONDS_A_DAY * installations
    calls = measured.calls_a_day * installations / SECONDS_A_DAY + history_calls
    web = views * measured.web_ms_per_view + webhooks * measured.web_ms_per_webhook
    worker = webhooks * measured.worker_ms_per_webhook + calls * measured.worker_ms_per_page
    database = (
        views * measured.database_ms_per_view
        + webhooks * measured.database_ms_per_webhook
        + calls * measured.database_ms_per_page
    )
    web_cores, worker_cores, database_cores = (
        part / 1000 / assumed.processor_share for part in (web, worker, database)
    )
    machines = max(1 if installations <= 100 else 2, math.ceil((web_cores + worker_cores) / assumed.cores_of_a_machine))
    processes = machines * (assumed.web_processes_of_a_machine + assumed.workers_of_a_machine)
    pull_requests = measured.pull_requests_of_a_history * assumed.years_kept
    gigabytes = installations * pull_requests * measured.bytes_per_pull_request / GIGABYTE
    dollars = (
        machines * assumed.price_of_a_machine
        + max(1, math.ceil(database_cores)) * assumed.price_of_a_database_core
        + gigabytes * assumed.price_of_a_gigabyte
    )
    return Needed(
        installations=installations,
        views_a_second=views,
        webhooks_a_second=webhooks,
        calls_a_second=calls,
        web_cores=web_cores,
        worker_cores=worker_cores,
        database_cores=database_cores,
        machines=machines,
        connections=processes * assumed.connections_of_a_process,
        # One takes a delivery in, two apply it; a page is claimed, charged, noted and stored.
        commits_a_second=3 * webhooks + 4 * calls,
        gigabytes=gigabytes,
        dollars_a_month=dollars,
        dollars_each=dollars / installations,
    )


def table(rows: list[Needed]) -> str:
    """The rows as Markdown, one column for each number of installations."""
    lines = [f"| | {' | '.join(f'{row.installations:,}' for row in rows)} |", f"|---|{'---|' * len(rows)}"]
    for name in list(asdict(rows[0]))[1:]:
        values = [_told(getattr(row, name)) for row in rows]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(values)} |")
    return "\n".join(lines)


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or isinstance(value, int) else f"{value:.2g}"


def main() -> None:
    """Work it out and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--installations", type=int, nargs="+", default=[100, 10_000, 1_000_000])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    measured, assumed = Measured.read(), Assumed()
    rows = [needed(installations, measured, assumed) for installations in chosen.installations]
    told: dict[str, Any] = {
        "measured": asdict(measured),
        "assumed": asdict(assumed),
        "needed": [asdict(row) for row in rows],
    }
    print(json.dumps(told, indent=2) if chosen.json else table(rows))


if __name__ == "__main__":
    main()
