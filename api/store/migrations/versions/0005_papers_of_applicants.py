"""Papers that applicants owe: written once, never changed; the last word counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("applicant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False, comment="such as a certificate of registration"),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('present', 'missing', 'waived')", name=op.f("ck_paper_status")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_paper_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        comment="Required papers of an applicant; the last row of a name counts. Append-only.",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER paper_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER paper_no_{verb.lower()} BEFORE {verb} ON paper "
            "BEGIN SELECT RAISE(ABORT, 'gongshi: append_only paper'); END"
        )


def downgrade() -> None:
    raise NotImplementedError("what was handed in is not given up again")
