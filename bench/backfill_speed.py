"""How many pages of history a worker stores in a second when the API answers at once, through ledger and projections. One JSON object.

    python -m bench.backfill_speed [--small] [--postgres]

The simulator's repository with 1,200 pull requests is read once, and every answer is kept. Then it is read again into an empty
database, by the same code that workers run, from the answers that were kept: what is counted is our own work for each page,
from the claim to the commit. The limit beside it: the same answers decoded from JSON and nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog

from bench.databases import emptied
from bench.simulated import Clock, laboratory
from models import backfills, repositories
from models.backfill_stages import Stage
from simulator.world import World
from simulator.world.story import tell
from sync.backfill.advancing import advance_next
from sync.backfill.beginning import begin_missing

if TYPE_CHECKING:
    from bench.simulated import Laboratory
    from bitbucket.messages import Response
    from simulator.world.model import Workspace

    Answers = dict[tuple[str, str, bytes | None], Response]

TODAY: Final = date(2026, 11, 24)
CALL_SECONDS: Final = 0.3


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = _options(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    now = datetime.combine(TODAY, datetime.min.time().replace(hour=9), UTC)
    clock = Clock(now)
    world = World(seed=1, site_url="https://bitbucket.org", api_url="https://api.bitbucket.org", now=clock)
    workspace = tell(world, today=TODAY, small=options.small, large=not options.small)
    try:
        answers: Answers = {}
        _read(world, workspace, clock, answers, is_postgres=False)
        clock.now = now
        asked = len(answers)
        pages = _read(world, workspace, clock, answers, is_postgres=options.postgres)
        assert len(answers) == asked, "the second reading asked for the same"
    finally:
        world.close()
    print(json.dumps(_figures(pages, answers), indent=2))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="ten weeks of a repository with 60 pull requests")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server that is started for it")
    return parser.parse_args(arguments)


def _read(
    world: World, workspace: Workspace, clock: Clock, answers: Answers, *, is_postgres: bool
) -> list[tuple[float, float]]:
    """Read a whole history. Returns the seconds of each page, as the clock on the wall and as the processor has them."""
    with (
        emptied(is_postgres=is_postgres) as url,
        laboratory(world, workspace, clock, call_seconds=CALL_SECONDS, database_url=url) as lab,
    ):
        lab.calls.answers = answers
        begin_missing(lab.services)
        pages = []
        while not _is_done(lab):
            began, busy = time.perf_counter(), time.process_time()
            if advance_next(lab.services):
                pages.append((time.perf_counter() - began, time.process_time() - busy))
            else:
                lab.wait_until_due()
        return pages


def _is_done(lab: Laboratory) -> bool:
    with lab.services.readers() as session:
        held = repositories.held(session, lab.installation)
        row = backfills.of_repository(session, held[0]) if held else None
        return row is not None and row.stage is Stage.DONE


def _figures(pages: list[tuple[float, float]], answers: Answers) -> dict[str, Any]:
    taken = [1000 * seconds for seconds, _ in pages]
    began = time.process_time()
    for answer in answers.values():
        json.loads(answer.body or b"null")
    decoding = time.process_time() - began
    busy = sum(processor for _, processor in pages)
    return {
        "pages": len(pages),
        "calls": len(answers),
        "pages_per_second": round(len(pages) / sum(seconds for seconds, _ in pages), 1),
        "pages_per_processor_second": round(len(pages) / busy, 1),
        "milliseconds_per_page": round(statistics.fmean(taken), 2),
        "p95_milliseconds": round(statistics.quantiles(taken, n=20)[-1], 2),
        "processor_milliseconds_per_page": round(1000 * busy / len(pages), 2),
        "json_alone_milliseconds_per_page": round(1000 * decoding / len(pages), 3),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
