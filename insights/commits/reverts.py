"""What was taken back: commits that say "This reverts commit …", as git writes it.

Source: git-revert(1); panels.md 5.6.
"""

import re
from collections.abc import Iterable, Mapping

from insights.facts.repository import CommitFacts

_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)


def reverted_hashes(message: str) -> tuple[str, ...]:
    """Return the hashes, perhaps shortened, that a commit message says it reverts."""
    return tuple(_REVERTS.findall(message))


def reverted_by(commits: Iterable[CommitFacts]) -> Mapping[str, str]:
    """Return for each reverted commit the commit that reverted it, the first to do so.

    A shortened hash counts where exactly one known commit begins with it. A revert that was itself reverted still counts:
    the passport of the revert says so.
    """
    known = sorted(commits, key=lambda commit: (commit.committed_at, commit.hash))
    hashes = {commit.hash for commit in known}
    found: dict[str, str] = {}
    for commit in known:
        for said in reverted_hashes(commit.message):
            whole = _whole(said, hashes)
            if whole is not None and whole != commit.hash:
                found.setdefault(whole, commit.hash)
    return found


def _whole(said: str, hashes: Iterable[str]) -> str | None:
    if said in hashes:
        return said
    matching = [known for known in hashes if known.startswith(said)]
    return matching[0] if len(matching) == 1 else None
