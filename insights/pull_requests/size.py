"""How large a pull request is.

Source: panels.md 5.2, "Size": lines added plus removed, without generated files. Unit: lines; files without lines (binary) count
none.
"""

from bisect import bisect_left
from collections.abc import Iterable
from enum import StrEnum

from insights.facts.pull_requests import FileChange
from insights.files.generated import GeneratedFiles


class SizeBucket(StrEnum):
    """The five sizes; a limit belongs to the bucket below it (10 lines are XS)."""

    XS = "XS"
    S = "S"
    M = "M"
    L = "L"
    XL = "XL"


_BUCKETS = tuple(SizeBucket)


def handwritten(files: Iterable[FileChange], generated: GeneratedFiles) -> tuple[FileChange, ...]:
    """Return the changes of files that somebody wrote."""
    return tuple(file for file in files if not generated.holds(file.path))


def changed_lines(files: Iterable[FileChange]) -> int:
    """Return the lines added plus the lines removed."""
    return sum(file.lines_added + file.lines_removed for file in files)


def bucket_of(lines: int, limits: tuple[int, int, int, int]) -> SizeBucket:
    """Return the bucket of a number of changed lines."""
    return _BUCKETS[bisect_left(limits, lines)]
