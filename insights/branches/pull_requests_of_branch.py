"""What pull requests say of the branches that they come from."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.facts.pull_requests import PullRequestFacts, PullRequestState


class PullRequestsOfBranch(Struct, frozen=True):
    """What pull requests from a branch say about it: one open now, and the heads at which others were merged."""

    open: int | None = None
    author: str | None = None
    merged_heads: frozenset[str] = frozenset()


NO_PULL_REQUEST = PullRequestsOfBranch()


def by_branch(pull_requests: Iterable[PullRequestFacts]) -> Mapping[str, PullRequestsOfBranch]:
    """Gather what pull requests say of their source branches; a fork's branches are not this repository's."""
    gathered: dict[str, PullRequestsOfBranch] = {}
    for facts in sorted(pull_requests, key=lambda one: one.id):
        if facts.is_from_fork:
            continue
        known = gathered.get(facts.source_branch, NO_PULL_REQUEST)
        is_merged = facts.state is PullRequestState.MERGED and facts.head is not None
        gathered[facts.source_branch] = PullRequestsOfBranch(
            open=facts.id if facts.is_open else known.open,
            author=facts.author or known.author,
            merged_heads=known.merged_heads | ({facts.head} if is_merged and facts.head else set()),
        )
    return gathered
