"""Find due work, and histories that nobody has asked for, without looking at the tenants that have none."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010_from_0009"
down_revision: str | None = "0009_from_0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = sa.text("next_attempt_at IS NOT NULL")
NOT_ASKED = sa.text("history_asked_at IS NULL")


def upgrade() -> None:
    """Bring the schema forward. The sweep marks what was asked for before, and what older code asks for meanwhile: it asks again."""
    for table, columns in (
        ("backfills", ("installation_id", "next_attempt_at")),
        ("repository_listings", ("installation_id",)),
    ):
        op.create_index(f"ix_{table}_waiting", table, list(columns), sqlite_where=WAITING, postgresql_where=WAITING)
    op.add_column("repositories", sa.Column("history_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_repositories_not_asked", "repositories", ["id"], sqlite_where=NOT_ASKED, postgresql_where=NOT_ASKED
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_repositories_not_asked", "repositories")
    op.drop_column("repositories", "history_asked_at")
    op.drop_index("ix_repository_listings_waiting", "repository_listings")
    op.drop_index("ix_backfills_waiting", "backfills")
