"""Two machines against one, and a machine lost in the middle. One JSON object.

    python -m bench.scale_out [--seconds 8] [--rounds 2] [--json FILE]

A machine is the Procfile under honcho: a web process with one gunicorn worker, and a worker. PostgreSQL, Redis and nginx with the
configuration of deploy/nginx stand in front and behind, as in tests/scale_out, whose parts are used here. Measured on one machine
and on two, turn by turn:

- `views`: Pulse of a small repository, signed, through nginx;
- `webhooks`: acknowledged, through nginx, each committed with fsync, while the workers apply what has come;
- `pages`: pages of history that the workers read from the simulator and store, from the install to the end.

Where all of it runs on one computer, machines share its cores with the database, nginx and whoever asks: then what can be
compared is the processor time that each request costs, which must stay the same; the factor is what this computer allows.

Then two machines work at a history and at webhooks, and the worker of one of them is killed, or every process of it at once: seconds
until the other has taken up each piece of work that was under way there, and what became of requests meanwhile. Of a whole
machine, what it was answering is cut off: reads are asked for again by nginx, webhooks by Bitbucket.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from bench.scale_out_loss import lose_a_machine, lose_a_worker
from demo.waiting import wait_until
from models.backfill_stages import Stage
from models.backfills import Backfill
from models.inbox import DeliveryState
from tests.faults.books import count, drain
from tests.faults.senders import Senders, without_end
from tests.faults.workspaces import Tenant, story
from tests.scale_out.busy import settle
from tests.scale_out.load import views, webhook
from tests.scale_out.site import command_line, descendants, site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.scale_out.site import Site

TENANTS: Final = [Tenant(number) for number in range(1, 5)]
SENDERS: Final = 8
TICKS: Final = os.sysconf("SC_CLK_TCK")
PARTS: Final = {"web": b"gunicorn", "worker": b"worker.py", "nginx": b"nginx", "postgres": b"postgres"}


@dataclass(frozen=True)
class Turn:
    """What was done in how many seconds, and the processor seconds of each part."""

    done: int
    failed: int
    seconds: float
    processor: dict[str, float]

    def told(self, per: str) -> dict[str, float]:
        """Return rates and costs; `per` names what was done."""
        costs = {f"{part}_ms_per_{per}": 1000 * spent / max(1, self.done) for part, spent in self.processor.items()}
        return {"per_second": self.done / self.seconds, "done": self.done, "failed": self.failed, **costs}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(arguments)
    rounds: dict[int, list[dict[str, dict[str, float]]]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for machines, found in rounds.items():
            found.append(_round(machines, seconds=options.seconds))
            _say(f"{machines} machines: {json.dumps(found[-1])}")
    medians = {machines: _medians(found) for machines, found in rounds.items()}
    report = {
        "computer": {"cores": os.cpu_count(), "load_average": os.getloadavg()[0]},
        "one": medians[1],
        "two": medians[2],
        "factor": {name: medians[2][name]["per_second"] / medians[1][name]["per_second"] for name in medians[1]},
        "worker_lost": lose_a_worker(),
        "machine_lost": lose_a_machine(),
    }
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale_out", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=8, help="how long each kind of request is sent (8)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each has its turn; the median counts (2)")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    return parser.parse_args(arguments)


def _medians(rounds: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    return {
        name: {figure: round(statistics.median(one[name][figure] for one in rounds), 3) for figure in rounds[0][name]}
        for name in rounds[0]
    }


def _round(machines: int, *, seconds: float) -> dict[str, dict[str, float]]:
    with site(machines=machines) as made:
        settle(made, TENANTS)
        made.house.start_bitbucket("--small")
        made.start()
        return {
            "webhooks": _webhooks(made, seconds).told("webhook"),
            "views": _views(made, seconds).told("view"),
            "pages": _pages(made).told("page"),
        }


def _webhooks(made: Site, seconds: float) -> Turn:
    told = story(seed=1, events=200)
    endless = without_end(lambda number: webhook(made, TENANTS[number % len(TENANTS)], told[number % len(told)]))
    turn = _sent(made, endless, seconds)
    drain(made.house, within=600)
    return turn


def _views(made: Site, seconds: float) -> Turn:
    asked = views(TENANTS, base_url=made.base_url)
    with Senders(made.house.port, asked, threads=2) as warm:  # type: ignore[arg-type]  # whatever has a request
        wait_until(lambda: warm.acknowledged > 20 * len(made.machines), what="first answers", timeout_seconds=120)
    return _sent(made, asked, seconds)


def _sent(made: Site, requests: Iterator[Any], seconds: float) -> Turn:
    with _spent(made) as spent, Senders(made.house.port, requests, threads=SENDERS) as senders:
        threading.Event().wait(seconds)
        done, took = len(senders.sent), spent.stop()
    failed = sum(not one.is_acknowledged for one in senders.sent)
    return Turn(done, failed, took, spent.processor)


def _pages(made: Site) -> Turn:
    """The whole history of the simulator's repository, from the install to the end."""
    page = made.house.bitbucket.main_page()
    with _spent(made) as spent:
        made.house.bitbucket.install(descriptor_url=f"{made.base_url}/atlassian-connect.json", workspace=page.workspace)
        wait_until(lambda: _is_read(made), what="the whole history", timeout_seconds=1200)
        took = spent.stop()
    assert count(made.house, DeliveryState.DEAD) == 0
    with made.house.readers() as session:
        return Turn(session.scalar(select(func.sum(Backfill.pages))) or 0, 0, took, spent.processor)


def _is_read(made: Site) -> bool:
    """The simulator's repository is read; those of the tenants above are nobody's, and stay as they are."""
    with made.house.readers() as session:
        return session.scalar(select(func.count()).where(Backfill.stage == Stage.DONE, Backfill.pages > 0)) == 1


class Spent:
    """Seconds on the clock, and of the processor by part, from the beginning until `stop`."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = list(roots)
        self._began, self._before = time.monotonic(), self._now()
        self.processor: dict[str, float] = {}

    def stop(self) -> float:
        """Take what was spent. Returns the seconds on the clock."""
        after = self._now()
        self.processor = {part: after[part] - self._before[part] for part in PARTS}
        return time.monotonic() - self._began

    def _now(self) -> dict[str, float]:
        spent = dict.fromkeys(PARTS, 0.0)
        for pid in {pid for root in self._roots for pid in (root, *descendants(root))}:
            line = command_line(pid)
            part = next((part for part, word in PARTS.items() if word in line), None)
            if part is not None:
                spent[part] += processor_seconds(pid)
        return spent


@contextlib.contextmanager
def _spent(made: Site) -> Iterator[Spent]:
    yield Spent(
        [made.postgres_pid, *(made.house.pid_of(name) for name in ("nginx", *(one.name for one in made.machines)))]
    )


def processor_seconds(pid: int) -> float:
    """Return what a process has used until now, the children that it has waited for included; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
