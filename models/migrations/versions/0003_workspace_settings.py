"""The settings of workspaces."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "workspace_settings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_uuid", sa.String(38)),
        sa.ForeignKeyConstraint(
            ["installation_id"], ["installations.id"], name="fk_workspace_settings_installation_id_installations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_workspace_settings"),
        sa.UniqueConstraint("installation_id", name="uq_workspace_settings_installation_id"),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("workspace_settings")
