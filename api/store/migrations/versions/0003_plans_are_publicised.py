"""Publicity of a plan, the objections to it, and their answers: written once, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("publicity", "objection", "objection_answer")


def upgrade() -> None:
    op.create_table(
        "publicity",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("proposal", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="within the round, from 1"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="half-open"),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_publicity_ends_later")),
        sa.ForeignKeyConstraint(
            ["community", "round"], ["round.community", "round.id"], name=op.f("fk_publicity_community_round")
        ),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_publicity_community")),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.id"], name=op.f("fk_publicity_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
        sa.UniqueConstraint("community", "round", "number", name=op.f("uq_publicity_community_round_number")),
        comment="Plans shown to everybody before their release. Append-only.",
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("publicity", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="within the publicity, from 1"),
        sa.Column("author", sa.Text(), nullable=False, comment="as they call themselves; empty: no name given"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publicity"], ["publicity.id"], name=op.f("fk_objection_publicity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("publicity", "number", name=op.f("uq_objection_publicity_number")),
        comment="What people say against a plan. Append-only.",
    )
    op.create_table(
        "objection_answer",
        sa.Column("objection", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["objection"], ["objection.id"], name=op.f("fk_objection_answer_objection")),
        sa.PrimaryKeyConstraint("objection", name=op.f("pk_objection_answer")),
        comment="The manager's answer, one for each objection. Append-only.",
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
    raise NotImplementedError("what people have said is not given up again")
