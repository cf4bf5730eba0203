"""How large files are, as far as their known changes tell: there is no clone in which they could be counted.

Unit: lines, those added less those removed in all known changes; one at least. Only the order of sizes is used, for the
hotspot score: a file that was large before the first known change ranks too low.
"""

from collections.abc import Iterable

from insights.facts.pull_requests import FileStatus
from insights.files.changes import Change


def known_sizes(changes: Iterable[Change]) -> dict[str, int]:
    """Return the size of every file that is still there, from changes under present names, the newest first."""
    sizes: dict[str, int] = {}
    gone: set[str] = set()
    for change in changes:
        for file in change.files:
            if file.path not in sizes and file.status is FileStatus.REMOVED:
                gone.add(file.path)
            sizes[file.path] = sizes.get(file.path, 0) + file.lines_added - file.lines_removed
    return {path: max(lines, 1) for path, lines in sizes.items() if path not in gone}
