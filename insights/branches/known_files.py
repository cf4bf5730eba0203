"""The files of a branch's commits, where pull requests tell them: few commits' own diffstats are ever read.

Source: panels.md 5.4, "stored file lists".
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from insights.facts.pull_requests import FileChange, PullRequestFacts
from insights.facts.repository import CommitFacts

T = TypeVar("T")


def with_known_files(commits: Sequence[CommitFacts], pull_requests: Iterable[PullRequestFacts]) -> list[CommitFacts]:
    """Give each commit the files that are known of it, so that together they have every file that is known of them all.

    A pull request whose merge commit or newest commit is among the commits lends its files to that one; its other commits
    then need none of their own. A commit that nothing is known of keeps None.
    """
    told: dict[str, tuple[FileChange, ...]] = {}
    among = {commit.hash for commit in commits}
    for facts in pull_requests:
        carrier = next((one for one in (facts.merge_commit, facts.head) if one in among), None)
        if carrier is not None and facts.files is not None:
            told[carrier] = facts.files
            told |= {one: told.get(one, ()) for one in facts.commits if one != carrier}
    return [commit if commit.files is not None else _with(commit, told.get(commit.hash)) for commit in commits]


def _with(commit: CommitFacts, files: tuple[FileChange, ...] | None) -> CommitFacts:
    return commit if files is None else replace(commit, files=files)
