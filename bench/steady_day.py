"""How many calls a day of ordinary work costs, once a history is held: what webhooks leave open, and the nightly comparison.

    python -m bench.steady_day [--seed 1] [--pull-requests 6] [--json]

The simulator tells ten weeks of a repository, the services read them, and then a day is lived from nine to nine: so many pull
requests are opened, each with three pushes, two builds a push, six comments, two approvals and a task, and merged in the
afternoon. Every webhook arrives.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import structlog
from rich.console import Console
from rich.table import Table

from bench.simulated import Clock, Laboratory, laboratory, table_of
from connect.webhooks import WebhookDelivery
from models import backfills, inbox
from models.backfill_stages import Stage
from simulator.world import Event, World, actions
from simulator.world.model import PullRequest, Repository, User
from simulator.world.story import tell

CALL_SECONDS: Final = 0.3
TODAY: Final = date(2026, 11, 24)
KEYS: Final = ("unit-tests", "lint")
DAY: Final = timedelta(hours=24)

Deed = Callable[[], object]


class Day:
    """What happens, and when: a deed for each moment."""

    def __init__(self, world: World, repository: Repository, *, seed: int) -> None:
        self._world = world
        self._repository = repository
        self._chance = random.Random(seed)
        self._people: list[User] = [user for user in world.users.values() if user.uuid in repository.workspace.members]
        self._opened: dict[int, PullRequest] = {}

    def deeds(self, pull_requests: int) -> list[tuple[timedelta, Deed]]:
        """All deeds of the day with their time from its beginning, the earliest first."""
        made = [deed for number in range(pull_requests) for deed in self._life(number)]
        return sorted(made, key=lambda one: one[0])

    def _life(self, number: int) -> Iterator[tuple[timedelta, Deed]]:
        """One pull request, from its first push to its merge."""
        author, *others = self._chance.sample(self._people, 4)
        branch, begin = f"day/{number}", timedelta(minutes=self._chance.randrange(240))
        yield begin, lambda: self._push(branch, author)
        yield begin + timedelta(minutes=5), lambda: self._open(number, branch, author, others)
        for push in range(1, 3):
            yield begin + timedelta(minutes=90 * push), lambda: self._push(branch, author)
        for comment in range(6):
            at = begin + timedelta(minutes=20 + 30 * comment, seconds=self._chance.randrange(600))
            yield at, lambda who=others[comment % 3]: self._comment(number, who)  # type: ignore[misc]
        yield begin + timedelta(minutes=40), lambda: self._add_task(number, others[0])
        for place, reviewer in enumerate(others[:2]):
            yield begin + timedelta(minutes=200 + 20 * place), lambda who=reviewer: self._approve(number, who)  # type: ignore[misc]
        yield begin + timedelta(minutes=260), lambda: self._merge(number, author)

    def _push(self, branch: str, actor: User) -> None:
        made = actions.push_commit(self._world, self._repository, actor=actor, branch=branch, message="Go on")
        for key in KEYS:
            for state in ("INPROGRESS", "SUCCESSFUL"):
                actions.set_build_status(
                    self._world,
                    self._repository,
                    actor=actor,
                    commit=made.hash,
                    key=key,
                    state=state,
                )

    def _open(self, number: int, branch: str, author: User, reviewers: list[User]) -> None:
        self._opened[number] = actions.open_pull_request(
            self._world, self._repository, author=author, title=f"Day {number}", source=branch, reviewers=reviewers
        )

    def _comment(self, number: int, actor: User) -> None:
        actions.comment(self._world, self._opened[number], actor=actor, text="Why?")

    def _add_task(self, number: int, actor: User) -> None:
        actions.add_task(self._world, self._opened[number], actor=actor, text="Please mend this")

    def _approve(self, number: int, actor: User) -> None:
        actions.approve(self._world, self._opened[number], actor=actor)

    def _merge(self, number: int, actor: User) -> None:
        actions.merge(self._world, self._opened[number], actor=actor, close_source_branch=True)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = _options(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = Clock(datetime.combine(TODAY, time(9), UTC))
    world = World(seed=options.seed, site_url="https://bitbucket.org", api_url="https://api.bitbucket.org", now=clock)
    events: list[Event] = []
    workspace = tell(world, today=TODAY, small=True)
    (repository,) = world.in_workspace(workspace)
    try:
        with laboratory(world, workspace, clock, call_seconds=CALL_SECONDS) as lab:
            _settle(lab)
            world.listeners.append(events.append)
            told = _live(lab, Day(world, repository, seed=options.seed).deeds(options.pull_requests), events)
    finally:
        world.close()
    if options.json:
        print(json.dumps(told, indent=2))
    else:
        _show(told)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pull-requests", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _settle(lab: Laboratory) -> None:
    """Read the history, and have the first comparison behind us."""
    end = lab.clock() + DAY
    while lab.clock() < end:
        lab.work()
        lab.wait_until_due(at_most=end)
    with lab.services.readers() as session:
        assert backfills.count_by_stage(session)[Stage.DONE] == 1


def _live(lab: Laboratory, deeds: list[tuple[timedelta, Deed]], events: list[Event]) -> dict[str, object]:
    before, began = Counter(lab.calls.by_kind), lab.clock()
    for after, deed in [*deeds, (DAY, lambda: None)]:
        while lab.clock() < began + after:
            lab.wait_until_due(at_most=began + after)
            lab.work()
            _deliver(lab, events)
        deed()
        _deliver(lab, events)
        lab.work()
    calls = lab.calls.by_kind - before
    return {
        "webhooks": lab.delivered,
        "calls": calls.total(),
        "by_kind": dict(table_of(calls)[:-1]),
    }


def _deliver(lab: Laboratory, events: list[Event]) -> None:
    """Bring everything that was sent into the inbox, as the web server does."""
    for event in events:
        lab.delivered += 1
        headers = {
            "X-Event-Key": event.key,
            "X-Request-UUID": str(UUID(int=lab.delivered)),
            "X-Attempt-Number": "1",
            "X-Event-Time": event.occurred_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        }
        body = json.dumps({"event": event.key, "data": event.body}).encode()
        with lab.services.sessions.begin() as session:
            inbox.add(session, lab.installation, WebhookDelivery.from_http(headers, body), now=lab.clock())
    events.clear()


def _show(told: dict[str, object]) -> None:
    console = Console()
    console.print(f"{told['webhooks']} webhooks, {told['calls']} calls in a day")
    table = Table("calls for", "a day")
    by_kind = told["by_kind"]
    assert isinstance(by_kind, dict)
    for name, calls in (*by_kind.items(), ("together", told["calls"])):
        table.add_row(str(name), f"{calls:,}")
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
