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

TABLES = ("quotas", "call_counts")


def upgrade() -> None:
    """Bring the schema forward."""
    _create_quotas()
    _create_call_counts()


def downgrade() -> None:
    """Take the schema back."""
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


def _choice(choices: Sequence[str], *, name: str, length: int = 16) -> sa.Enum:
    return sa.Enum(*choices, native_enum=False, length=length, create_constraint=True, name=name)
