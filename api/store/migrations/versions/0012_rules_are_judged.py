"""Before a rule takes force it is judged: a third thing that is asked of rules."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = (10, "effects of rules to come, or costs of those in a plan", ("effects", "costs"))
SINCE = (20, "what is asked of the rules: what they do, cost, break", ("effects", "costs", "contradiction"))


def upgrade() -> None:
    _made_again(*SINCE, "What rules would do, have cost, or contradict: asked for, and answered by a worker.")
    op.create_index(op.f("ix_rule_check_problem"), "rule_check", ["problem"])


def downgrade() -> None:
    _made_again(*BEFORE, "What rules would do, or have cost: asked for, and answered by a worker.")


def _made_again(length: int, said: str, asks: tuple[str, ...], comment: str) -> None:
    """SQLite cannot change a CHECK: the rows are kept, those with a question that the table has, and put back."""
    old = sa.table("rule_check", *map(sa.column, COLUMNS))
    rows: list[dict[str, Any]] = [
        dict(row) for row in op.get_bind().execute(sa.select(old)).mappings() if row["asks"] in asks
    ]
    op.drop_table("rule_check")
    op.create_table(
        "rule_check",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=False, comment="as it is now"),
        sa.Column("proposal", sa.String(length=64), nullable=True, comment="whose plan is in force; none: no plan"),
        sa.Column("asks", sa.String(length=length), nullable=False, comment=said),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON list of the rules that are asked about"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False, comment="JSON: how far it is"),
        sa.Column("outcome", sa.Text(), nullable=True, comment="JSON: the effects, or why there are none"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_rule_check_state")),
        sa.CheckConstraint(f"asks IN ({', '.join(map(repr, asks))})", name=op.f("ck_rule_check_asks")),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name=op.f("fk_rule_check_community")),
        sa.ForeignKeyConstraint(["problem"], ["problem.fingerprint"], name=op.f("fk_rule_check_problem")),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.id"], name=op.f("fk_rule_check_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_check")),
        comment=comment,
    )
    op.create_index(op.f("ix_rule_check_state_created"), "rule_check", ["state", "created"])
    if rows:
        op.bulk_insert(old, rows)


COLUMNS = (
    "id", "community", "problem", "proposal", "asks", "rules",
    "state", "attempts", "progress", "outcome", "created", "finished",
)  # fmt: skip
