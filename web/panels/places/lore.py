"""What is known of a repository's files all together: their changes, sizes and hotspots; worked out once a change.

Changes are merged pull requests, whose files our own copy holds; commits' own diffstats are hardly ever read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from insights.files.changes import Change, Touch, touches_by_file, with_present_names
from insights.files.revisions import Hotspot, hotspots
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

    @property
    def is_cut(self) -> bool:
        """Whether there may be older changes than these."""
        return len(self.changes) >= MOST_CHANGES

    @cached_property
    def touches(self) -> Mapping[str, tuple[Touch, ...]]:
        """What happened to each file."""
        return touches_by_file(self.changes)

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
    return Lore(changes, hotspots(changes, sizes, past.look()), sizes)
