"""How many calls it takes to read the history of a large repository, by kind, and how long that is under the quota.

    python -m bench.backfill_calls [--small] [--seed 1] [--open 30] [--json]

The simulator tells the year of a repository with 1,200 pull requests and more than 5,000 commits (`--small`: ten weeks of one
with 60). The services read it as workers do, on SQLite, under the default quota; a call is taken to last 0.3 s, and waiting
for the quota costs nothing but simulated time. Before the app is installed, open pull requests are declined until `--open` are left.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import structlog
from rich.console import Console
from rich.table import Table

from bench.simulated import Clock, Laboratory, laboratory, table_of
from models import backfills, repositories
from models.backfill_stages import Stage
from models.backfills import Backfill
from simulator.world import World, actions
from simulator.world.model import Repository
from simulator.world.story import tell
from sync.backfill.advancing import advance_next
from sync.backfill.beginning import begin_missing

CALL_SECONDS: Final = 0.3
TODAY: Final = date(2026, 11, 24)
LIST: Final = "repositories of the workspace"


@dataclass(frozen=True)
class Cost:
    """Calls by kind, and how long they took on the simulated clock."""

    calls: Mapping[str, int]
    took: timedelta

    @property
    def of_repository(self) -> int:
        """The calls but for the list of the workspace's repositories, which all of them share."""
        return sum(self.calls.values()) - self.calls.get(LIST, 0)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = _options(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = Clock(datetime.combine(TODAY, time(9), UTC))
    world = World(seed=options.seed, site_url="https://bitbucket.org", api_url="https://api.bitbucket.org", now=clock)
    workspace = tell(world, today=TODAY, small=options.small, large=not options.small)
    (repository,) = world.in_workspace(workspace)
    _leave_open(world, repository, options.open)
    try:
        with laboratory(world, workspace, clock, call_seconds=CALL_SECONDS) as lab:
            useful, everything = _read(lab)
    finally:
        world.close()
    if options.json:
        print(json.dumps(_described(repository, useful, everything), indent=2))
    else:
        _show(repository, useful, everything)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--open", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _leave_open(world: World, repository: Repository, wanted: int) -> None:
    for one in [one for one in repository.pull_requests.values() if one.state == "OPEN"][wanted:]:
        actions.decline(world, one, actor=one.author)


def _read(lab: Laboratory) -> tuple[Cost, Cost]:
    """Read it all. Returns what it took until a panel has what it needs, and until the end."""
    began = lab.clock()
    begin_missing(lab.services)
    useful: Cost | None = None
    while (row := _row(lab)) is None or row.stage is not Stage.DONE:
        if row is not None and useful is None and not row.stage.is_before_first_use:
            useful = Cost(Counter(lab.calls.by_kind), lab.clock() - began)
        if not advance_next(lab.services):
            lab.wait_until_due()
    everything = Cost(Counter(lab.calls.by_kind), lab.clock() - began)
    return useful or everything, everything


def _row(lab: Laboratory) -> Backfill | None:
    with lab.services.readers() as session:
        held = repositories.held(session, lab.installation)
        return backfills.of_repository(session, held[0]) if held else None


def _described(repository: Repository, useful: Cost, everything: Cost) -> dict[str, object]:
    return {
        "pull_requests": len(repository.pull_requests),
        "open": sum(one.state == "OPEN" for one in repository.pull_requests.values()),
        "commits": len(list(repository.git.commits(list(repository.git.branches().values())))),
        "until_useful": {
            "calls": useful.of_repository,
            "seconds": useful.took.total_seconds(),
            "by_kind": dict(useful.calls),
        },
        "everything": {
            "calls": everything.of_repository,
            "hours": round(everything.took / timedelta(hours=1), 2),
            "by_kind": dict(everything.calls),
        },
    }


def _show(repository: Repository, useful: Cost, everything: Cost) -> None:
    told = _described(repository, useful, everything)
    console = Console()
    console.print(
        f"{told['pull_requests']:,} pull requests, {told['open']} of them open; {told['commits']:,} commits",
        markup=False,
    )
    table = Table("calls for", "until Pulse is useful", "everything")
    for kind, calls in table_of(everything.calls):
        first = sum(useful.calls.values()) if kind == "together" else useful.calls.get(kind, 0)
        table.add_row(kind, f"{first:,}", f"{calls:,}")
    table.add_row("of the repository alone", f"{useful.of_repository:,}", f"{everything.of_repository:,}")
    table.add_row("after", f"{useful.took.total_seconds():.0f} s", f"{everything.took / timedelta(hours=1):.1f} h")
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
