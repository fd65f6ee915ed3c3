"""Where operators' programs want to be told of changes, and each telling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False, comment="whose changes are told; empty: all"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column(
            "secret", sa.String(length=100), nullable=False, comment="what is told is signed with it, so it is kept"
        ),
        sa.Column("cursor", sa.Integer(), nullable=False, comment="changes up to here have their deliveries"),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        comment="Where operators' programs want to be told of changes.",
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook", sa.String(length=64), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="not tried before"),
        sa.Column("told", sa.Text(), nullable=False, comment="what the last attempt came to"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_webhook_delivery_change")),
        sa.ForeignKeyConstraint(["webhook"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook", "change", name=op.f("uq_webhook_delivery_webhook_change")),
        comment="One change for one webhook: tried until it is taken, or given up as a dead letter.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_delivery_state_next_at"), "webhook_delivery", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
