"""Everything that can happen in the simulated Bitbucket once it is running.

Each action takes the world, changes it under its lock, and emits the events that Bitbucket would, in Bitbucket's order,
with bodies in the recorded shape. They raise `simulator.world.errors`. `ACTIONS` lists them by name.

They do not ask whether the actor may: REST does that before it calls them.
"""

from collections.abc import Callable
from typing import Any

from simulator.world.actions.comments import (
    add_task,
    comment,
    comment_on_commit,
    delete_comment,
    delete_task,
    reopen_comment,
    resolve_comment,
    update_comment,
    update_task,
)
from simulator.world.actions.issues import change_issue, comment_on_issue, report_issue
from simulator.world.actions.pull_requests import (
    convert_to_draft,
    decline,
    mark_ready,
    merge,
    open_pull_request,
    supersede,
    update_pull_request,
)
from simulator.world.actions.pushes import (
    create_branch,
    create_tag,
    delete_branch,
    delete_tag,
    force_push,
    push_commit,
)
from simulator.world.actions.repositories import (
    create_repository,
    delete_repository,
    fork_repository,
    rename_repository,
    transfer_repository,
    update_project,
    update_repository,
)
from simulator.world.actions.reviews import approve, request_changes, unapprove, withdraw_changes_request
from simulator.world.actions.statuses import set_build_status

ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        change_issue,
        comment_on_issue,
        report_issue,
        add_task,
        approve,
        comment,
        comment_on_commit,
        convert_to_draft,
        create_branch,
        create_repository,
        create_tag,
        decline,
        delete_branch,
        delete_comment,
        delete_repository,
        delete_tag,
        delete_task,
        force_push,
        fork_repository,
        mark_ready,
        merge,
        open_pull_request,
        push_commit,
        rename_repository,
        reopen_comment,
        request_changes,
        resolve_comment,
        set_build_status,
        supersede,
        transfer_repository,
        unapprove,
        update_comment,
        update_project,
        update_pull_request,
        update_repository,
        update_task,
        withdraw_changes_request,
    )
}

__all__ = [
    "ACTIONS",
    "add_task",
    "approve",
    "change_issue",
    "comment",
    "comment_on_commit",
    "comment_on_issue",
    "convert_to_draft",
    "create_branch",
    "create_repository",
    "create_tag",
    "decline",
    "delete_branch",
    "delete_comment",
    "delete_repository",
    "delete_tag",
    "delete_task",
    "force_push",
    "fork_repository",
    "mark_ready",
    "merge",
    "open_pull_request",
    "push_commit",
    "rename_repository",
    "reopen_comment",
    "report_issue",
    "request_changes",
    "resolve_comment",
    "set_build_status",
    "supersede",
    "transfer_repository",
    "unapprove",
    "update_comment",
    "update_project",
    "update_pull_request",
    "update_repository",
    "update_task",
    "withdraw_changes_request",
]
