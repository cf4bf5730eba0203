"""Which tests run in one process, one after the other, when several processes share the work: those that open the same dear thing.

xdist's own mark for it, `xdist_group`, says nothing any more since pytest 9.2: it writes a member that pytest no longer reads.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    (r"tests/security/test_attacks\.py.*\[postgres-", "laboratory on PostgreSQL"),
    (r"tests/security/test_attacks\.py", "laboratory"),
    (r"tests/faults/test_(?:web_workers_killed|burst|noisy_neighbours)\.py", "faults 1"),
    (r"tests/faults/", "faults 2"),
    (r"tests/scale_out/", "scale-out"),
    (r"tests/end_to_end/|tests/simulator/host/test_browser\.py", "browser"),
    (r"tests/demo/test_whole_demo\.py", "demo"),
)


class Together(LoadScopeScheduling):
    """Hands out the tests of a group as one piece of work, the largest first, and every other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The group that a test is in, or itself."""
    return next((name for pattern, name in TOGETHER if re.match(pattern, nodeid)), nodeid)
