"""What rules would do before they take force: asked for, and answered by a worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_check",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False, comment="as it is now"),
        sa.Column("proposal", sa.String(length=64), nullable=True, comment="whose plan is in force; none: no plan"),
        sa.Column(
            "asks",
            sa.String(length=10),
            nullable=False,
            comment="effects of rules to come, or costs of those in a plan",
        ),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON list of the rules that are asked about"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False, comment="JSON: how far it is"),
        sa.Column("outcome", sa.Text(), nullable=True, comment="JSON: the effects, or why there are none"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_rule_check_state")),
        sa.CheckConstraint("asks IN ('effects', 'costs')", name=op.f("ck_rule_check_asks")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_rule_check_community")),
        sa.ForeignKeyConstraint(["problem"], ["problem.fingerprint"], name=op.f("fk_rule_check_problem")),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.id"], name=op.f("fk_rule_check_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_check")),
        comment="What rules would do, or have cost: asked for, and answered by a worker.",
    )
    op.create_index(op.f("ix_rule_check_state_created"), "rule_check", ["state", "created"])


def downgrade() -> None:
    op.drop_table("rule_check")
