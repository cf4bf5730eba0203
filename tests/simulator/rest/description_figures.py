"""Prints how much of REST 2.0 the simulator serves, how much of it is held against the description's schemas, and what differs.

`python -m tests.simulator.rest.description_figures`; needs ../shared/bitbucket/openapi.json.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.rest.resources import ROUTES
from simulator.rest.v1 import ROUTES as OLD_ROUTES
from tests.simulator import tidepool
from tests.simulator.rest.description import DIFFERENCES, STATUSES, UNDESCRIBED, VALIDATED, Judge, description, skeleton
from tests.simulator.rest.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable

# Served by simulator/connect/addon.py, with a Connect token: 204, and no body to validate (tests/simulator/connect/test_addon.py).
BESIDE = {("PUT", "/addon"), ("DELETE", "/addon")}


def walked() -> Walk:
    """A walk through a tidepool of its own."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "shells.git"
        tidepool.build_git(template)
        pool = tidepool.build(Path(folder) / "tidepool", template)
        try:
            return Walk.through_everything(tidepool.Client(pool), Judge(description()))
        finally:
            pool.world.close()


def main() -> None:
    walk = walked()
    described = set(walk.judge.operations)
    served = ({(route.method, skeleton(route.address)) for route in ROUTES} | BESIDE) & described
    outcomes = Counter(walk.outcomes.values()) + Counter({"answered with 204 and no body": len(BESIDE)})
    print(f"operations served      {len(served)} of {len(described)}")
    print(f"validated              {outcomes.pop(VALIDATED)} against the schema of their answer")
    for outcome, count in sorted(outcomes.items(), key=lambda one: -one[1]):
        print(f"                       {count} {outcome}: status checked")
    print(f"REST 1.0               {len(OLD_ROUTES)} operations of 4 resources, which no description describes")
    print(f"deliberate differences {len(DIFFERENCES) + len(STATUSES) + len(UNDESCRIBED)}")
    for line in (*_from_schemas(walk.judge), *_of_statuses(), *_undescribed()):
        print(f"  {line}")


def _from_schemas(judge: Judge) -> Iterable[str]:
    for (where, what), source in DIFFERENCES.items():
        yield f"at {where or 'the top'}, {what}: {source} ({judge.excused[where, what]} times)"


def _of_statuses() -> Iterable[str]:
    for (method, address), (status, source) in STATUSES.items():
        yield f"{method} {address} answers {status}: {source}"


def _undescribed() -> Iterable[str]:
    for (method, address), source in UNDESCRIBED.items():
        yield f"{method} {address} is served and not described: {source}"


if __name__ == "__main__":
    main()
