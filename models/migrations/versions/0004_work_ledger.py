"""The work ledger: backfills, calls made, comparisons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

PURPOSES = ("backfill", "events", "reconcile")

FOLLOW_UP_KINDS = (
    *("pull_request", "activity", "diffstat", "pull_request_commits", "tasks", "pushed_commits", "deployments"),
)
MORE_FOLLOW_UP_KINDS = ("builds", "pull_request_builds", "commit", "ref", "repository")
STAGES = ("waiting", "pull_requests", "refs", "questions")

BACKFILL_STAGES = (
    *("open_pull_requests", "open_activity", "open_diffstats", "open_builds", "main_branch", "closed_pull_requests"),
    *("refs", "open_tasks", "open_commits", "closed_activity", "closed_diffstats", "commits", "merged_commits"),
    *("closed_commits", "builds", "deployments", "closed_tasks", "done"),
)

TABLES = ("quotas", "call_counts", "repository_listings", "backfills")
COMPARISONS = ("reconciles", "censuses")


def upgrade() -> None:
    """Bring the schema forward."""
    _create_quotas()
    _create_call_counts()
    _create_backfills()
    _create_comparisons()
    _make_follow_ups(kinds=(*FOLLOW_UP_KINDS, *MORE_FOLLOW_UP_KINDS), more=[_routine()])
    op.add_column("commits", sa.Column("builds_as_of", MOMENT))
    op.add_column("repositories", sa.Column("gone_at", MOMENT))


def downgrade() -> None:
    """Take the schema back."""
    op.drop_column("repositories", "gone_at")
    op.drop_column("commits", "builds_as_of")
    _make_follow_ups(kinds=FOLLOW_UP_KINDS)
    for table in reversed(COMPARISONS):
        op.drop_table(table)
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_quotas() -> None:
    op.create_table(
        "quotas",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("blocked_until", MOMENT),
        sa.Column("rate_limits", sa.Integer(), nullable=False),
        sa.Column("rests_until", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("backfill_after", MOMENT),
        sa.Column("backfill_served_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_quotas_installation_id_installations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quotas"),
        sa.UniqueConstraint("installation_id", name="uq_quotas_installation_id"),
    )
    op.create_index("ix_quotas_backfill_served_at", "quotas", ["backfill_served_at"])


def _create_call_counts() -> None:
    op.create_table(
        "call_counts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("minute", MOMENT, nullable=False),
        sa.Column("purpose", _choice(PURPOSES, name="purpose"), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_call_counts_installation_id_installations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_call_counts"),
        sa.UniqueConstraint(
            "installation_id", "minute", "purpose", name="uq_call_counts_installation_id_minute_purpose"
        ),
    )
    op.create_index("ix_call_counts_minute", "call_counts", ["minute"])


def _create_backfills() -> None:
    op.create_table(
        "repository_listings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repositories", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(500)),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        *_leased(),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_repository_listings_installation_id_installations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_repository_listings"),
        sa.UniqueConstraint("installation_id", name="uq_repository_listings_installation_id"),
    )
    op.create_table(
        "backfills",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("stage", _choice(BACKFILL_STAGES, name="stage", length=32), nullable=False),
        sa.Column("cursor", sa.Text()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("attempts", "pages", "skipped")),
        *(sa.Column(name, sa.Integer()) for name in ("open_total", "closed_total")),
        sa.Column("error", sa.String(500)),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("since", "asked_at")),
        *(sa.Column(name, MOMENT) for name in ("started_at", "finished_at", "wanted_at")),
        *_leased(),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_backfills_installation_id_installations"
        ),
        sa.ForeignKeyConstraint(["repository_id"], ["repositories.id"], name="fk_backfills_repository_id_repositories"),
        sa.PrimaryKeyConstraint("id", name="pk_backfills"),
        sa.UniqueConstraint("repository_id", name="uq_backfills_repository_id"),
    )
    op.create_index("ix_backfills_installation_id_next_attempt_at", "backfills", ["installation_id", "next_attempt_at"])


def _choice(choices: Sequence[str], *, name: str, length: int = 16) -> sa.Enum:
    return sa.Enum(*choices, native_enum=False, length=length, create_constraint=True, name=name)


def _routine() -> sa.Column[bool]:
    return sa.Column("is_routine", sa.Boolean(), nullable=False)


def _make_follow_ups(*, kinds: Sequence[str], more: Sequence[sa.Column[bool]] = ()) -> None:
    """Make the table anew: what was asked and is not answered yet is asked again by the next comparison."""
    op.drop_table("follow_ups")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_table(
        "follow_ups",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *more,
        *_leased(),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_follow_ups_repository_id_repositories"
        ),
        sa.UniqueConstraint("repository_id", "kind", "subject", name="uq_follow_ups_repository_id_kind_subject"),
        sa.CheckConstraint(f"kind IN ({listed})", name="followupkind"),
    )
    op.create_index("ix_follow_ups_next_attempt_at", "follow_ups", ["next_attempt_at"])


def _create_comparisons() -> None:
    op.create_table(
        "reconciles",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("stage", _choice(STAGES, name="stage"), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        *(sa.Column(name, MOMENT) for name in ("started_at", "stage_started_at", "compared_until", "finished_at")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(500)),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("drift", sa.Text(), nullable=False),
        sa.Column("drift_total", sa.Integer(), nullable=False),
        *_leased(),
        sa.PrimaryKeyConstraint("id", name="pk_reconciles"),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_reconciles_repository_id_repositories"
        ),
        sa.UniqueConstraint("repository_id", name="uq_reconciles_repository_id"),
    )
    op.create_index("ix_reconciles_next_attempt_at", "reconciles", ["next_attempt_at"])
    op.create_table(
        "censuses",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.Column("repositories", sa.Integer()),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(500)),
        *_leased(),
        sa.PrimaryKeyConstraint("id", name="pk_censuses"),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_censuses_installation_id_installations"
        ),
        sa.UniqueConstraint("installation_id", name="uq_censuses_installation_id"),
    )
    op.create_index("ix_censuses_next_attempt_at", "censuses", ["next_attempt_at"])


def _leased() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
    )
