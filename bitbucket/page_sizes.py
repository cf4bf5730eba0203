"""How many items a page may hold. Bitbucket says that the sizes are no part of its API; these are the ones known to work."""

import re
from typing import Final

MOST_PER_PAGE: Final = 100
MOST_PULL_REQUESTS_PER_PAGE: Final = 50
"""51 gets a 400 "Invalid pagelen" on a list of pull requests (last seen in 2026-03)."""

_PULL_REQUEST_LISTS: Final = re.compile(r"/pullrequests(/activity|/[^/]+/activity|/[^/]+)?/?\Z")


def most_per_page(path: str) -> int:
    """The largest `pagelen` for the collection at `path`; the query does not matter."""
    return MOST_PULL_REQUESTS_PER_PAGE if _PULL_REQUEST_LISTS.search(path.partition("?")[0]) else MOST_PER_PAGE
