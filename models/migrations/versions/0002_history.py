"""The history of repositories: people, pull requests and all that happens to them, commits, refs, builds, deployments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
HASH = sa.String(40)
SHORT_HASH = sa.String(12)
BRANCH = sa.String(255)
PATH = sa.String(600)

PULL_REQUEST_STATES = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")
CLOSING_SOURCES = ("activity", "merge_commit", "event", "resource")
REVIEW_STATES = ("approved", "changes_requested")
FILE_STATUSES = ("added", "removed", "modified", "renamed")
BUILD_STATES = ("SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED")
EVENT_KINDS = (
    *("opened", "pushed", "force_pushed", "approvals_reset", "changes_requests_reset", "drafted", "readied"),
    *("unapproved", "changes_request_removed", "thread_resolved", "thread_reopened", "commented"),
    *("changes_requested", "approved", "merged", "declined", "superseded"),
)
FOLLOW_UP_KINDS = (
    *("pull_request", "activity", "diffstat", "pull_request_commits", "tasks", "pushed_commits", "deployments"),
)

TABLES = (
    "people",
    "pull_requests",
    "pull_request_participants",
    "pull_request_sightings",
    "pull_request_events",
    "pull_request_comments",
    "pull_request_tasks",
    "pull_request_files",
    "pull_request_commits",
    "commits",
    "commit_files",
    "refs",
    "ref_moves",
    "build_reports",
    "deployments",
    "follow_ups",
)


def upgrade() -> None:
    """Bring the schema forward."""
    _create_people()
    _create_pull_requests()
    _create_parts_of_pull_requests()
    _create_contents_of_pull_requests()
    _create_commits()
    _create_refs()
    _create_builds()
    _create_follow_ups()


def downgrade() -> None:
    """Take the schema back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("uuid", sa.String(326), nullable=False),
        sa.Column("account_id", sa.String(128)),
        sa.Column("display_name", sa.String(255)),
        sa.Column("nickname", sa.String(255)),
        sa.Column("avatar_url", sa.String(1024)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_people_installation_id_installations"
        ),
        sa.UniqueConstraint("installation_id", "uuid", name="uq_people_installation_id_uuid"),
        _one_of("kind", ("user", "app_user", "team"), name="accountkind"),
    )


def _create_pull_requests() -> None:
    _create(
        "pull_requests",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(512), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("author_id", NUMBER),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("source_branch", BRANCH, nullable=False),
        sa.Column("is_from_fork", sa.Boolean(), nullable=False),
        sa.Column("destination_branch", BRANCH, nullable=False),
        sa.Column("head", HASH),
        sa.Column("merge_commit", HASH),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_at_source", sa.String(16)),
        sa.Column("closed_by_id", NUMBER),
        sa.Column("comment_count", sa.Integer()),
        sa.Column("task_count", sa.Integer()),
        sa.Column("participants_updated_at", MOMENT),
        sa.Column("participants_as_of", MOMENT),
        sa.Column("is_watched", sa.Boolean(), nullable=False),
        sa.Column("activity_as_of", MOMENT),
        sa.Column("files_head", HASH),
        sa.Column("files_as_of", MOMENT),
        sa.Column("commits_head", HASH),
        sa.Column("commits_as_of", MOMENT),
        sa.Column("first_commit_at", MOMENT),
        sa.Column("tasks_as_of", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("pull_requests", "number"),
        _one_of("state", PULL_REQUEST_STATES, name="pullrequeststate"),
        _one_of("closed_at_source", CLOSING_SOURCES, name="closingsource"),
    )
    _index("pull_requests", "number", name="open", where="state = 'OPEN'")
    lost = "state <> 'OPEN' AND closed_at IS NULL"
    _index("pull_requests", "created_at", name="closing_unknown", where=lost)
    for column in ("closed_at", "source_branch", "merge_commit", "version"):
        _index("pull_requests", column)


def _create_parts_of_pull_requests() -> None:
    _create(
        "pull_request_participants",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("is_reviewer", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(24)),
        sa.Column("participated_at", MOMENT),
        _unique("pull_request_participants", "pull_request", "person_id", name="person"),
        _one_of("state", REVIEW_STATES, name="reviewstate"),
    )
    _create(
        "pull_request_sightings",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("head", SHORT_HASH, nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("verdicts", sa.Text()),
        sa.Column("actor_id", NUMBER),
        _unique("pull_request_sightings", "pull_request", "at", "head", "is_draft", name="moment"),
    )
    _create(
        "pull_request_events",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("actor_id", NUMBER),
        _unique("pull_request_events", "pull_request", "kind", "at", "subject", name="event"),
        _one_of("kind", EVENT_KINDS, name="eventkind"),
    )
    _create(
        "pull_request_comments",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("comment", NUMBER, nullable=False),
        sa.Column("parent", NUMBER),
        sa.Column("author_id", NUMBER),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolved_by_id", NUMBER),
        sa.Column("as_of", MOMENT, nullable=False),
        _unique("pull_request_comments", "pull_request", "comment"),
    )
    _create(
        "pull_request_tasks",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("task", NUMBER, nullable=False),
        sa.Column("creator_id", NUMBER),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        _unique("pull_request_tasks", "pull_request", "task"),
    )


def _create_contents_of_pull_requests() -> None:
    _create(
        "pull_request_files",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        *_file_columns(),
        _unique("pull_request_files", "pull_request", "path"),
        _one_of("status", FILE_STATUSES, name="filestatus"),
    )
    _index("pull_request_files", "path")
    _index("pull_request_files", "old_path")
    _create(
        "pull_request_commits",
        sa.Column("pull_request", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commit", HASH, nullable=False),
        _unique("pull_request_commits", "pull_request", "position", name="position"),
    )
    _index("pull_request_commits", "commit")


def _create_commits() -> None:
    _create(
        "commits",
        sa.Column("hash", HASH, nullable=False),
        sa.Column("short_hash", SHORT_HASH, nullable=False),
        sa.Column("author_id", NUMBER),
        sa.Column("committed_at", MOMENT),
        sa.Column("message", sa.String(2000)),
        sa.Column("parents", sa.String(2000)),
        sa.Column("files_known", sa.Boolean(), nullable=False),
        _unique("commits", "hash"),
    )
    _index("commits", "short_hash")
    _index("commits", "committed_at")
    _create(
        "commit_files",
        sa.Column("commit", HASH, nullable=False),
        *_file_columns(),
        _unique("commit_files", "commit", "path"),
        _one_of("status", FILE_STATUSES, name="filestatus"),
    )
    _index("commit_files", "path")


def _create_refs() -> None:
    _create(
        "refs",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", BRANCH, nullable=False),
        sa.Column("tip", HASH),
        sa.Column("tip_author_id", NUMBER),
        sa.Column("tip_at", MOMENT),
        sa.Column("first_seen_at", MOMENT),
        sa.Column("as_of", MOMENT, nullable=False),
        _unique("refs", "kind", "name"),
        _one_of("kind", ("branch", "tag"), name="refkind"),
    )
    _create(
        "ref_moves",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", BRANCH, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("old", HASH, nullable=False),
        sa.Column("new", HASH, nullable=False),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("actor_id", NUMBER),
        _unique("ref_moves", "kind", "name", "at", "old", "new", name="move"),
        _one_of("kind", ("branch", "tag"), name="refkind"),
    )
    _index("ref_moves", "name", name="forced", where="is_forced")


def _create_builds() -> None:
    _create(
        "build_reports",
        sa.Column("commit", HASH, nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("name", sa.String(255)),
        _unique("build_reports", "commit", "key", "at", "state", name="report"),
        _one_of("state", BUILD_STATES, name="buildstate"),
    )
    _index("build_reports", "at")
    _create(
        "deployments",
        sa.Column("uuid", sa.String(38), nullable=False),
        sa.Column("environment", sa.String(255), nullable=False),
        sa.Column("environment_type", sa.String(16), nullable=False),
        sa.Column("commit", HASH, nullable=False),
        sa.Column("completed_at", MOMENT, nullable=False),
        sa.Column("was_successful", sa.Boolean(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        _unique("deployments", "uuid"),
        _one_of("environment_type", ("Test", "Staging", "Production"), name="environmenttype"),
    )
    _index("deployments", "completed_at")


def _create_follow_ups() -> None:
    _create(
        "follow_ups",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
        _unique("follow_ups", "kind", "subject"),
        _one_of("kind", FOLLOW_UP_KINDS, name="followupkind"),
    )
    op.create_index("ix_follow_ups_next_attempt_at", "follow_ups", ["next_attempt_at"])


def _create(table: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of things that belong to a repository."""
    op.create_table(
        table,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name=f"fk_{table}_repository_id_repositories"),
    )


def _file_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("path", PATH, nullable=False),
        sa.Column("old_path", PATH),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("lines_added", sa.Integer(), nullable=False),
        sa.Column("lines_removed", sa.Integer(), nullable=False),
    )


def _unique(table: str, *columns: str, name: str | None = None) -> sa.UniqueConstraint:
    """What tells a repository's rows from each other. Named by hand where the usual name is too long for PostgreSQL."""
    usual = "_".join(("repository_id", *columns))
    return sa.UniqueConstraint("repository_id", *columns, name=f"uq_{table}_{name or usual}")


def _index(table: str, column: str, *, name: str | None = None, where: str | None = None) -> None:
    rows = None if where is None else sa.text(where)
    op.create_index(
        f"ix_{table}_{name or f'repository_id_{column}'}",
        table,
        ["repository_id", column],
        sqlite_where=rows,
        postgresql_where=rows,
    )


def _one_of(column: str, choices: Sequence[str], *, name: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)
