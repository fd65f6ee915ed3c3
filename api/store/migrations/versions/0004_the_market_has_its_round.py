"""A market's draws, absences and calendars: written once, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("market_draw", "market_change", "market_entry")


def upgrade() -> None:
    op.create_table(
        "market_draw",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="within the month, from 1; the last one counts"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_market_draw_community")),
        sa.PrimaryKeyConstraint("community", "month", "number", name=op.f("pk_market_draw")),
        comment="Places of a market's months, verified. Append-only.",
    )
    op.create_table(
        "market_change",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("vendor", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stalls", sa.Text(), nullable=False, comment="JSON list of numbers"),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('absent', 'no_show', 'taken')", name=op.f("ck_market_change_kind")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_market_change_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_change")),
        sa.UniqueConstraint(
            "community", "date", "vendor", "kind", name=op.f("uq_market_change_community_date_vendor_kind")
        ),
        comment="Who stayed away on a date, who took a stall instead. Append-only.",
    )
    op.create_table(
        "market_entry",
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1; the last one counts"),
        sa.Column("entries", sa.Text(), nullable=False, comment="JSON: every pitch with its identity"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_market_entry_community")),
        sa.PrimaryKeyConstraint("community", "number", name=op.f("pk_market_entry")),
        comment="What the market's calendars were rendered from. Append-only.",
    )
    _never_changed(op.get_bind().dialect.name == "postgresql")


def _never_changed(postgresql: bool) -> None:
    for table in APPEND_ONLY:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'gongshi: append_only {table}'); END"
            )


def downgrade() -> None:
    raise NotImplementedError("what vendors were promised is not given up again")
