"""Units that people book one by one: study seats, lockers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_booking",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("units", sa.String(length=64), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False, comment="place in the list of blocks, from 0"),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="1, and one more for each that was released before it"),
        sa.Column(
            "code",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of what the holder was told",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_unit_booking_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_booking")),
        sa.UniqueConstraint(
            "community",
            "units",
            "date",
            "block",
            "unit",
            "turn",
            name=op.f("uq_unit_booking_community_units_date_block_unit_turn"),
        ),
        comment="Study seats and lockers, one holder a turn: the database refuses a second one.",
    )


def downgrade() -> None:
    op.drop_table("unit_booking")
