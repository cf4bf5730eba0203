"""What was asked of Bitbucket about single branches and files, and is kept so that it is asked once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite counts up in its own INTEGER only.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
HASHES = sa.String(4100)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "branch_comparisons",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("branch", sa.String(255), nullable=False),
        sa.Column("tip", sa.String(40), nullable=False),
        sa.Column("base", sa.String(255), nullable=False),
        sa.Column("base_tip", sa.String(40), nullable=False),
        sa.Column("ahead", HASHES, nullable=False),
        sa.Column("behind", HASHES, nullable=False),
        sa.Column("compared_at", MOMENT, nullable=False),
        _of_repository("branch_comparisons"),
        sa.PrimaryKeyConstraint("id", name="pk_branch_comparisons"),
        sa.UniqueConstraint("repository_id", "branch", name="uq_branch_comparisons_repository_id_branch"),
    )
    op.create_table(
        "file_histories",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("path", sa.String(600), nullable=False),
        sa.Column("commits", HASHES, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        _of_repository("file_histories"),
        sa.PrimaryKeyConstraint("id", name="pk_file_histories"),
        sa.UniqueConstraint("repository_id", "path", name="uq_file_histories_repository_id_path"),
    )
    op.create_table(
        "code_owner_files",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("text", sa.String(60_000), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        _of_repository("code_owner_files"),
        sa.PrimaryKeyConstraint("id", name="pk_code_owner_files"),
        sa.UniqueConstraint("repository_id", name="uq_code_owner_files_repository_id"),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("code_owner_files")
    op.drop_table("file_histories")
    op.drop_table("branch_comparisons")


def _of_repository(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["repository_id"], ["repositories.id"], name=f"fk_{table}_repository_id_repositories"
    )
