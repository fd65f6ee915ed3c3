"""What operators' programs are told: what became of rules, and releases; in one order, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False, comment="the cursor: later changes have larger"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False, comment="whose rule; empty: of the whole community"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="constraint, release"),
        sa.Column("subject", sa.String(length=64), nullable=False, comment="id of the rule, number of the release"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_change_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        comment="What operators' programs are told, in the order in which it came to hold. Append-only.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_owner"), "change", ["owner"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER change_no_{verb.lower()} BEFORE {verb} ON change "
            "BEGIN SELECT RAISE(ABORT, 'gongshi: append_only change'); END"
        )


def downgrade() -> None:
    op.drop_table("change")
