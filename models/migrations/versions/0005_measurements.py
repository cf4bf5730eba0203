"""What was measured of pull requests, and with which settings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    _create_measurements()
    _create_measurings()
    _create_nightly_figures()


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("nightly_figures")
    op.drop_table("measurings")
    op.drop_table("measurements")


def _create_measurements() -> None:
    op.create_table(
        "measurements",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_measurements_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measurements"),
        sa.UniqueConstraint("repository_id", "number", name="uq_measurements_repository_id_number"),
    )
    op.create_index("ix_measurements_repository_id_closed_at", "measurements", ["repository_id", "closed_at"])
    op.create_index("ix_measurements_repository_id_version", "measurements", ["repository_id", "version"])


def _create_measurings() -> None:
    op.create_table(
        "measurings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("main_branch", sa.String(255), nullable=False),
        sa.Column("code_version", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", MOMENT),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_measurings_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measurings"),
        sa.UniqueConstraint("repository_id", name="uq_measurings_repository_id"),
    )


def _create_nightly_figures() -> None:
    op.create_table(
        "nightly_figures",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_nightly_figures_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_nightly_figures"),
        sa.UniqueConstraint("repository_id", name="uq_nightly_figures_repository_id"),
    )
