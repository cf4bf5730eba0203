"""Until when somebody was here to take webhooks in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "presences",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("away_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_presences"),
        sa.UniqueConstraint("place", name="uq_presences_place"),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("presences")
