"""What the set-up of a workspace keeps: who did what, where collecting was stopped, and what was deleted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UUID = sa.String(38)


def upgrade() -> None:
    """Bring the schema forward."""
    _create_setup_audit()
    _create_collecting_stops()
    _create_deletions()


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("deletions")
    op.drop_table("collecting_stops")
    op.drop_table("setup_audit")


def _create_setup_audit() -> None:
    action = sa.Enum(
        "settings_changed",
        "exported",
        "deletion_asked",
        "collecting_resumed",
        "delivery_replayed",
        name="setupaction",
        native_enum=False,
        length=24,
        create_constraint=True,
    )
    op.create_table(
        "setup_audit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_uuid", UUID),
        sa.Column("action", action, nullable=False),
        sa.Column("repository_uuid", UUID),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(64)),
        _of_installation("setup_audit"),
        sa.PrimaryKeyConstraint("id", name="pk_setup_audit"),
    )
    op.create_index("ix_setup_audit_installation_id_at", "setup_audit", ["installation_id", "at"])


def _create_collecting_stops() -> None:
    op.create_table(
        "collecting_stops",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("repository_uuid", UUID, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=False),
        sa.Column("stopped_by_uuid", UUID),
        _of_installation("collecting_stops"),
        sa.PrimaryKeyConstraint("id", name="pk_collecting_stops"),
        sa.UniqueConstraint(
            "installation_id", "repository_uuid", name="uq_collecting_stops_installation_id_repository_uuid"
        ),
    )


def _create_deletions() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("repository_uuid", UUID),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_uuid", UUID),
        sa.Column("rows_deleted", sa.Integer(), nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
        _of_installation("deletions"),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_installation_id_asked_at", "deletions", ["installation_id", "asked_at"])
    op.create_index("ix_deletions_next_attempt_at", "deletions", ["next_attempt_at"])


def _of_installation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["installation_id"], ["installations.id"], name=f"fk_{table}_installation_id_installations"
    )
