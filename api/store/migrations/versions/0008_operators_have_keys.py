"""Keys with which operators' programs write for an owner; only their hashes are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owner_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the key, which is not kept"),
        sa.Column("communities", sa.Text(), nullable=False, comment="JSON list: those that it may write to"),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_owner_key_hash")),
        comment="Keys with which operators' programs write for an owner.",
    )


def downgrade() -> None:
    op.drop_table("owner_key")
