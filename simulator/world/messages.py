"""The messages that Bitbucket itself writes into git."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import PullRequest


def merge_message(pull_request: PullRequest) -> str:
    """Bitbucket's own message: the branch, the title, and who approved (repo-push.toolchain--pr-merge.json)."""
    lines = [f"Merged in {pull_request.source_branch} (pull request #{pull_request.id})", "", pull_request.title]
    approvers = [one.user for one in pull_request.participants if one.approved]
    if approvers:
        lines += ["", *(f"Approved-by: {user.display_name}" for user in approvers)]
    return "\n".join(lines) + "\n"
