"""The webhook events that a descriptor may name, and the scope that each needs (connect-protocol.md 7.1, 7.2)."""

EVERY_EVENT = "*"

EVENTS = frozenset(
    {
        "issue:comment_created",
        "issue:created",
        "issue:updated",
        "pipeline:span_created",
        "project:updated",
        "pullrequest:approved",
        "pullrequest:changes_request_created",
        "pullrequest:changes_request_removed",
        "pullrequest:comment_created",
        "pullrequest:comment_deleted",
        "pullrequest:comment_reopened",
        "pullrequest:comment_resolved",
        "pullrequest:comment_updated",
        "pullrequest:created",
        "pullrequest:fulfilled",
        "pullrequest:push",
        "pullrequest:rejected",
        "pullrequest:superseded",
        "pullrequest:unapproved",
        "pullrequest:updated",
        "repo:branch_created",
        "repo:branch_deleted",
        "repo:commit_comment_created",
        "repo:commit_status_created",
        "repo:commit_status_updated",
        "repo:created",
        "repo:deleted",
        "repo:fork",
        "repo:imported",
        "repo:push",
        "repo:transfer",
        "repo:updated",
    }
)

_SCOPE_BY_PREFIX = {
    "issue": "issue",
    "pipeline": "pipeline",
    "project": "project",
    "pullrequest": "pullrequest",
    "repo": "repository",
}


def scope_for(event: str) -> str:
    """The scope without which an app does not get `event`."""
    return _SCOPE_BY_PREFIX[event.partition(":")[0]]
