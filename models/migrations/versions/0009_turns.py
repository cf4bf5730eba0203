"""Whose turn it is at what one worker does for all."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009_from_0008"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "turns",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("taken_until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("name", name="uq_turns_name"),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("turns")
