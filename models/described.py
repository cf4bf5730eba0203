"""What is stored, table by table and column by column, in the words that stand beside them in the source.

The words cannot be about another schema than this one, and a test sees that no column is without.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Boolean, DateTime, Enum, Integer, TypeDecorator
from sqlalchemy.types import TypeEngine

from models.audit import LifecycleAudit
from models.base import Base
from models.history.deletion import HISTORY_TABLES
from models.installations import Installation
from models.purges import OWNED_TABLES

HISTORY: Final = "history"
WORK: Final = "work"
WORKSPACE: Final = "workspace"

# What each table is for, in words for whoever reads about their data and has not seen the source.
_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "pull_requests": (HISTORY, "Each pull request: title, branches, author, when it was made and closed, and how."),
    "pull_request_events": (HISTORY, "What happened to a pull request: opened, pushed, answered, approved, merged."),
    "pull_request_sightings": (HISTORY, "What a pull request looked like at one moment."),
    "pull_request_participants": (HISTORY, "Who is asked for a review of a pull request, and what they said."),
    "pull_request_comments": (
        HISTORY,
        "That somebody commented, when, and whether the thread is resolved. Never the text.",
    ),
    "pull_request_tasks": (HISTORY, "Tasks of a pull request: open or done. Never the text."),
    "pull_request_files": (HISTORY, "Which files a pull request changes, and how many lines of each."),
    "pull_request_commits": (HISTORY, "Which commits belong to a pull request."),
    "commits": (HISTORY, "Commits: hash, author, time and message."),
    "commit_files": (HISTORY, "Which files a commit changes, and how many lines of each."),
    "build_reports": (HISTORY, "What builds said about commits."),
    "deployments": (HISTORY, "Which commit went to which environment, and when."),
    "refs": (HISTORY, "Branches and tags, and the newest commit of each."),
    "ref_moves": (HISTORY, "When a branch or tag was made, moved on, rewritten or deleted."),
    "branch_comparisons": (HISTORY, "How far a branch is ahead of and behind another, where somebody asked."),
    "file_histories": (HISTORY, "Which commits changed a file, where somebody asked."),
    "code_owner_files": (HISTORY, "The repository's CODEOWNERS file, where somebody asked."),
    "measurements": (HISTORY, "The figures of each pull request: its stages, size and rounds."),
    "measurings": (WORK, "With which settings the pull requests of a repository were measured last."),
    "nightly_figures": (HISTORY, "Figures that are worked out in the night, such as what has clearly changed."),
    "repositories": (WORKSPACE, "Each repository of the workspace: its name, and whether it is still there."),
    "people": (
        WORKSPACE,
        "Accounts that took part: names and pictures as Bitbucket shows them, and authors known to git alone.",
    ),
    "workspace_settings": (WORKSPACE, "The settings of this page."),
    "setup_audit": (WORKSPACE, "What administrators have done on this page."),
    "collecting_stops": (WORKSPACE, "Where nothing is collected, because an administrator said so."),
    "deletions": (WORKSPACE, "What administrators have had deleted, and how far that is."),
    "installations": (WORKSPACE, "That the app is installed here, and the secret that signs requests, encrypted."),
    "lifecycle_audit": (WORKSPACE, "When the app was installed, updated and removed."),
    "webhook_deliveries": (WORK, "Webhooks that came. The body is emptied once it is applied."),
    "follow_ups": (WORK, "What is still to be asked of Bitbucket."),
    "backfills": (WORK, "How far the history of each repository has been read."),
    "repository_listings": (WORK, "How far the list of repositories has been read."),
    "reconciles": (WORK, "The nightly comparisons with Bitbucket, and what they found."),
    "censuses": (WORK, "When the list of repositories was last compared."),
    "quotas": (WORK, "What the next calls to Bitbucket have to wait for."),
    "call_counts": (WORK, "How many calls to Bitbucket were made."),
}

# What a column is called nearly everywhere says what it is; where that is not so, the table's own words go first.
_COMMON: Final[Mapping[str, str]] = {
    "account_id": "Atlassian's id of the account.",
    "action": "What was done.",
    "actor_id": "Who did it, as a row of `people`.",
    "actor_uuid": "Who did it: the account's UUID.",
    "asked_at": "When it was asked for.",
    "at": "When it happened.",
    "attempt_number": "Which attempt to send it this was.",
    "attempts": "How often it was tried.",
    "author_id": "Who wrote it, as a row of `people`.",
    "avatar_url": "Where Bitbucket keeps the account's picture.",
    "base": "The branch that it was compared with.",
    "base_tip": "The newest commit of that branch.",
    "basis": "A name for the settings that it was measured with.",
    "body": "The row's content, as JSON.",
    "body_sha256": "A checksum of the body, to know a delivery that comes twice.",
    "branch": "The branch's name.",
    "calls": "How many calls were made.",
    "changed_at": "When it was last changed.",
    "changed_by_uuid": "Who changed it last: the account's UUID.",
    "client_key": "Bitbucket's name for the installation.",
    "closed_at": "When it was merged or declined.",
    "closed_at_source": "Where that time is known from.",
    "closed_by_id": "Who merged or declined it, as a row of `people`.",
    "comment_count": "How many comments Bitbucket counts.",
    "commit": "The commit's hash.",
    "commits_as_of": "When the list of its commits was true.",
    "committed_at": "When it was committed.",
    "compared_at": "When the two were compared.",
    "completed_at": "When it ended.",
    "created_at": "When it was made.",
    "creator_id": "Who made it, as a row of `people`.",
    "credentials_refused_at": "When Bitbucket first refused the secret.",
    "cursor": "Where the reading goes on.",
    "delivery_uuid": "Bitbucket's id of the delivery.",
    "descriptor_version": "Which version of the app's descriptor Bitbucket has.",
    "destination_branch": "The branch that it goes into.",
    "display_name": "The name as Bitbucket shows it.",
    "environment": "The environment's name.",
    "environment_type": "What kind of environment that is.",
    "error": "What went wrong last, in a sentence.",
    "event_key": "What the delivery is about, as Bitbucket names it.",
    "event_time": "When Bitbucket says that it happened.",
    "files_as_of": "When the list of its files was true.",
    "finished_at": "When it ended.",
    "first_commit_at": "When its first commit was written.",
    "first_seen_at": "When we first heard of it.",
    "form": "Which version of the figures this is.",
    "full_name": "Workspace and repository, as in the address.",
    "hash": "The commit's hash.",
    "id": "The number of the row.",
    "installation_id": "The installation that the row belongs to.",
    "installed_at": "When the app was installed.",
    "is_deleted": "Whether it was deleted in Bitbucket.",
    "is_draft": "Whether it is a draft.",
    "is_forced": "Whether the push rewrote history.",
    "is_from_fork": "Whether its source is a fork.",
    "is_private": "Whether the repository is private.",
    "is_reviewer": "Whether the person was asked for a review.",
    "key": "The build's key.",
    "kind": "What kind of thing the row is about.",
    "lease_owner": "The worker that is at it.",
    "lease_until": "Until when that worker has it for itself.",
    "lines_added": "Lines added.",
    "lines_removed": "Lines removed.",
    "made_at": "When it was worked out.",
    "main_branch": "The name of the main branch.",
    "merge_commit": "The hash of the merge commit.",
    "message": "The commit message, cut where it is long.",
    "name": "The name.",
    "next_attempt_at": "When it is tried next.",
    "nickname": "The nickname as Bitbucket has it.",
    "number": "The number of the pull request.",
    "old_path": "The path before a rename.",
    "open_total": "How many open pull requests there were, as far as they were counted.",
    "participants_as_of": "When the list of participants was true.",
    "participants_updated_at": "When Bitbucket last changed the participants.",
    "participated_at": "When the person last took part.",
    "path": "The file's path.",
    "payload": "The body of the webhook, emptied once it is applied.",
    "person_id": "The person, as a row of `people`.",
    "principal_kind": "Whether a workspace or a person has installed the app.",
    "principal_name": "The workspace's name.",
    "principal_slug": "The workspace as in the address.",
    "principal_uuid": "The workspace's UUID.",
    "processed_at": "When the delivery was applied or given up.",
    "proof_attempts": "How often the secret was tried out.",
    "proof_error": "Why the secret could not be proved.",
    "proven_at": "When the secret was proved to be the workspace's.",
    "pull_request": "The number of the pull request.",
    "purge_after": "When the data goes after an uninstall.",
    "purged_at": "When the data went.",
    "purpose": "What the calls were made for.",
    "read_at": "When it was read.",
    "reason": "Why it was decided so, as a code.",
    "received_at": "When it was received.",
    "repository_id": "The repository that the row belongs to.",
    "repository_uuid": "The repository's UUID.",
    "request_id": "The request, as the log names it.",
    "resolved_at": "When it was resolved.",
    "resolved_by_id": "Who resolved it, as a row of `people`.",
    "rests_until": "Until when no calls are made after failures.",
    "sealed_previous_secret": "The secret before that, encrypted.",
    "sealed_secret": "The secret that signs requests, encrypted.",
    "settings_version": "Which version of the settings it was made with.",
    "slug": "The repository as in the address.",
    "source_branch": "The branch that it comes from.",
    "stage": "How far it has come.",
    "stage_started_at": "When this stage began.",
    "started_at": "When it began.",
    "state": "What has become of it.",
    "status": "What happened to the file.",
    "subject": "What exactly the row is about.",
    "tasks_as_of": "When the list of tasks was true.",
    "tip": "The newest commit of the branch.",
    "tip_author_id": "Who wrote its newest commit, as a row of `people`.",
    "title": "The title of the pull request.",
    "uninstalled_at": "When the app was removed.",
    "updated_at": "When the row last changed.",
    "uuid": "Bitbucket's UUID of it.",
    "version": "Moves with every change.",
    "was_successful": "Whether it succeeded.",
    "workspace_uuid": "The workspace's UUID.",
}


class ColumnDescription(Struct, frozen=True):
    """A column, what kind of value it holds, and what about; empty where its name says it."""

    name: str
    kind: str
    about: str


class TableDescription(Struct, frozen=True):
    """A table, what it is for, and its columns in their order. `area` is the history, the workspace, or our own work."""

    name: str
    area: str
    about: str
    columns: tuple[ColumnDescription, ...]


@cache
def described_tables() -> tuple[TableDescription, ...]:
    """Every table that holds something of an installation, the history first."""
    tables: Sequence[type[Base]] = (*HISTORY_TABLES, *OWNED_TABLES, Installation, LifecycleAudit)
    return tuple(_described(table) for table in dict.fromkeys(tables))


def _described(table: type[Base]) -> TableDescription:
    words = _words_of(table)
    columns = tuple(
        ColumnDescription(column.name, _kind(column.type), words.get(column.name) or _COMMON.get(column.name, ""))
        for column in table.__table__.columns
    )
    area, about = _PLAIN.get(table.__tablename__, (WORK, inspect.cleandoc(table.__doc__ or "")))
    return TableDescription(table.__tablename__, area, about, columns)


def _kind(of: TypeEngine[Any]) -> str:
    if isinstance(of, TypeDecorator):
        return _kind(of.impl_instance)
    if isinstance(of, Enum):
        return " | ".join(of.enums)
    return next((name for kind, name in _KINDS if isinstance(of, kind)), "text")


_KINDS: Final = ((Boolean, "yes or no"), (Integer, "number"), (DateTime, "time"))


def _words_of(table: type[Base]) -> dict[str, str]:
    """The text under each attribute of a class, its parents' too."""
    found: dict[str, str] = {}
    for parent in reversed(table.__mro__):
        if parent.__module__.startswith("models."):
            found.update(_texts(parent))
    return found


def _texts(parent: type) -> Iterator[tuple[str, str]]:
    body = _class_body(parent)
    for statement, after in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            yield statement.target.id, inspect.cleandoc(after.value.value)


def _class_body(parent: type) -> Sequence[ast.stmt]:
    source = Path(sys.modules[parent.__module__].__file__ or "").read_text(encoding="utf-8")
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return next((node.body for node in classes if node.name == parent.__name__), [])
