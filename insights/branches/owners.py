"""Whom to ask about a branch: the person who made its newest commit, else the author of its pull request.

Source: panels.md 5.4, "Owner".
"""

from insights.branches.pull_requests_of_branch import PullRequestsOfBranch
from insights.facts.repository import BranchFacts
from insights.people.bots import Directory


def owner_of(branch: BranchFacts, known: PullRequestsOfBranch, directory: Directory) -> str | None:
    """Return the owner of a branch; None where only bots, or nobody known, have been at it."""
    people = (who for who in (branch.tip_author, known.author) if who is not None and not directory.is_bot(who))
    return next(people, None)
