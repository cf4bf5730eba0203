"""The branches that may go, and a script that a person may run. Nothing here deletes anything.

Source: panels.md 5.4, "Clean-up": a list, and a ready ``git push origin --delete`` script, as the app has no right to write.
"""

import shlex
from collections.abc import Iterable

from insights.branches.classes import Branch, BranchClass

LEFT_OVER = frozenset({BranchClass.MERGED_LEFTOVER, BranchClass.STALE})


def may_go(branches: Iterable[Branch], classes: frozenset[BranchClass] = LEFT_OVER) -> tuple[Branch, ...]:
    """Return the branches of the classes that are chosen; one with a pull request open or long-lived never goes."""
    return tuple(
        branch
        for branch in branches
        if branch.branch_class in classes
        and branch.branch_class is not BranchClass.LONG_LIVED
        and branch.open_pull_request is None
    )


def clean_up_script(branches: Iterable[Branch]) -> str:
    """Return a POSIX shell script that deletes some branches.

    Each deletion holds only while the branch is where we saw it (``--force-with-lease``), and each line's comment says how
    to bring it back. Names are quoted, and given as full references so that none is taken for an option.
    """
    return "".join(f"{_line(branch)}\n" for branch in branches)


def _line(branch: Branch) -> str:
    reference = f"refs/heads/{branch.name}"
    lease = shlex.quote(f"--force-with-lease={reference}:{branch.tip}")
    # The tip is a hash; were it anything else, a line break in it must not start a command.
    undo = f"git push origin {branch.tip}:{reference}".replace("\n", " ").replace("\r", " ")
    return f"git push origin --delete {lease} {shlex.quote(reference)}  # undo: {undo}"
