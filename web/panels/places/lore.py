"""What is known of a repository's files all together: their changes, sizes and hotspots; worked out once a change.

Changes are merged pull requests, whose files our own copy holds; commits' own diffstats are hardly ever read.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from insights.clock.windows import YEAR_DAYS
from insights.files.changes import Change, with_present_names, within
from insights.files.co_change import LEAST_SHARED
from insights.files.revisions import Hotspot, hotspots, revision_counts
from insights.files.sizes import known_sizes
from insights.result import Result
from models.history import merged_changes
from web.panels.past import Past

MOST_CHANGES: Final = 5_000
"""The merged pull requests that figures about files look at, the newest: of a longer history the beginning is left out."""


@dataclass
class Lore:
    """The files of one repository at one time."""

    changes: tuple[Change, ...]
    """Under the names that the files have today, the newest first."""
    hottest: Result[tuple[Hotspot, ...]]
    sizes: Mapping[str, int]
    counts: Counter[str]
    """How often each file was changed in the window of the hotspots."""

    @property
    def is_cut(self) -> bool:
        """Whether there may be older changes than these."""
        return len(self.changes) >= MOST_CHANGES

    @cached_property
    def by_file(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of each file, the newest first."""
        found: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            for path in {file.path for file in change.files}:
                found[path].append(change)
        return {path: tuple(changes) for path, changes in found.items()}

    def around(self, path: str) -> tuple[Change, ...]:
        """The changes of a file and of those that often change with it: all that their degrees depend on."""
        own = self.by_file.get(path, ())
        often = Counter(file for change in own for file in {one.path for one in change.files})
        near = {file for file, number in often.items() if number >= LEAST_SHARED} | {path}
        return tuple({change.key: change for file in near for change in self.by_file.get(file, ())}.values())

    @cached_property
    def hotspot_of(self) -> Mapping[str, Hotspot]:
        """The score of each file."""
        return {spot.path: spot for spot in self.hottest.value or ()}


def lore_of(past: Past) -> Lore:
    """Return what is known of the files."""
    return past.figure_of_year("lore", lambda: _read(past))


def _read(past: Past) -> Lore:
    told = merged_changes.newest(past.session, past.repository, at_most=MOST_CHANGES)
    changes = tuple(with_present_names(told))
    generated = past.context.generated
    sizes = {path: lines for path, lines in known_sizes(changes).items() if not generated.holds(path)}
    look = past.look()
    counts = revision_counts(within(changes, look.last_days(YEAR_DAYS)))
    return Lore(changes, hotspots(changes, sizes, look), sizes, counts)
