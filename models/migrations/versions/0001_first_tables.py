"""Installations, repositories, the inbox and the audit trail."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UUID = sa.String(38)


def upgrade() -> None:
    """Bring the schema forward."""
    _create_installations()
    _create_lifecycle_audit()
    _create_repositories()
    _create_webhook_deliveries()


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("webhook_deliveries")
    op.drop_table("repositories")
    op.drop_table("lifecycle_audit")
    op.drop_table("installations")


def _create_installations() -> None:
    op.create_table(
        "installations",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("client_key", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("principal_uuid", UUID, nullable=False),
        sa.Column("principal_kind", sa.String(16), nullable=False),
        sa.Column("principal_name", sa.String(255)),
        sa.Column("principal_slug", sa.String(255)),
        sa.Column("actor_uuid", UUID),
        sa.Column("sealed_secret", sa.String(1024), nullable=False),
        sa.Column("sealed_previous_secret", sa.String(1024)),
        sa.Column("lifecycle_at", sa.BigInteger()),
        sa.Column("descriptor_version", sa.String(64)),
        sa.Column("installed_at", MOMENT, nullable=False),
        sa.Column("proven_at", MOMENT),
        sa.Column("proof_attempts", sa.Integer(), nullable=False),
        sa.Column("proof_error", sa.String(500)),
        sa.Column("credentials_refused_at", MOMENT),
        sa.Column("uninstalled_at", MOMENT),
        sa.Column("purge_after", MOMENT),
        sa.Column("purged_at", MOMENT),
        sa.Column("served_at", MOMENT, nullable=False),
        *_lease_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_installations"),
        sa.UniqueConstraint("client_key", name="uq_installations_client_key"),
        sa.CheckConstraint("state IN ('pending', 'active', 'uninstalled')", name="installationstate"),
        sa.CheckConstraint("principal_kind IN ('workspace', 'user')", name="principalkind"),
    )
    op.create_index("ix_installations_next_attempt_at", "installations", ["next_attempt_at"])
    op.create_index("ix_installations_purge_after", "installations", ["purge_after"])


def _create_lifecycle_audit() -> None:
    op.create_table(
        "lifecycle_audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("client_key", sa.String(255), nullable=False),
        sa.Column("installation_id", ROW_ID),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("actor_uuid", UUID),
        sa.Column("request_id", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_lifecycle_audit"),
        _to_installations("lifecycle_audit", ondelete="SET NULL"),
    )
    op.create_index("ix_lifecycle_audit_client_key_at", "lifecycle_audit", ["client_key", "at"])
    op.create_index("ix_lifecycle_audit_installation_id", "lifecycle_audit", ["installation_id"])


def _create_repositories() -> None:
    op.create_table(
        "repositories",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("installation_id", ROW_ID, nullable=False),
        sa.Column("uuid", UUID, nullable=False),
        sa.Column("workspace_uuid", UUID, nullable=False),
        sa.Column("slug", sa.String(255)),
        sa.Column("name", sa.String(255)),
        sa.Column("full_name", sa.String(511)),
        sa.Column("is_private", sa.Boolean()),
        sa.Column("main_branch", sa.String(255)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts_at", MOMENT, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_repositories"),
        _to_installations("repositories"),
        sa.UniqueConstraint("installation_id", "uuid", name="uq_repositories_installation_id_uuid"),
        sa.CheckConstraint("state IN ('held', 'gone')", name="repositorystate"),
    )


def _create_webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("installation_id", ROW_ID, nullable=False),
        sa.Column("delivery_uuid", UUID, nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("event_key", sa.String(64), nullable=False),
        sa.Column("repository_uuid", UUID),
        sa.Column("workspace_uuid", UUID),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("event_time", MOMENT),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("processed_at", MOMENT),
        sa.Column("error", sa.String(500)),
        *_lease_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        _to_installations("webhook_deliveries"),
        sa.UniqueConstraint("installation_id", "delivery_uuid", "body_sha256", name="uq_webhook_deliveries_delivery"),
        sa.CheckConstraint("state IN ('pending', 'done', 'ignored', 'dead')", name="deliverystate"),
    )
    pending, dead = sa.text("state = 'pending'"), sa.text("state = 'dead'")
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["installation_id", "next_attempt_at", "id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index(
        "ix_webhook_deliveries_dead",
        "webhook_deliveries",
        ["installation_id"],
        sqlite_where=dead,
        postgresql_where=dead,
    )
    op.create_index("ix_webhook_deliveries_processed_at", "webhook_deliveries", ["processed_at"])


def _lease_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
    )


def _to_installations(table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_installation_id_installations"
    return sa.ForeignKeyConstraint(["installation_id"], ["installations.id"], name=name, ondelete=ondelete)
