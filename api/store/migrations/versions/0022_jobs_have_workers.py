"""Jobs have the worker that does them, who is heard of; solves have a priority, and one runs in a round at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORKER = "who has it, or had it last"
HANDED = "how often it went back to the queue"
PRIORITY = "the highest is begun first"
RUNNING = "state = 'running'"


def upgrade() -> None:
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=64), nullable=False, comment="its executor id in the queue"),
        sa.Column("host", sa.String(length=255), nullable=False, comment="the machine, for people"),
        sa.Column("beats", sa.BigInteger(), nullable=False, comment="grows as long as it lives"),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="by its own clock, for people; nothing is decided by it",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        comment="Workers that live, or were heard of a moment ago.",
    )
    # Whoever ran a job before there were names for workers is gone, now that the tables change.
    for table in ("solve", "rule_check"):
        op.add_column(table, sa.Column("worker", sa.String(length=64), nullable=True, comment=WORKER))
        op.add_column(table, sa.Column("handed", sa.Integer(), nullable=False, server_default="0", comment=HANDED))
        rows = sa.table(table, sa.column("state"), sa.column("handed"))
        op.execute(rows.update().where(rows.c.state == "running").values(state="queued", handed=1))
    op.add_column("solve", sa.Column("priority", sa.Integer(), nullable=False, server_default="0", comment=PRIORITY))
    op.create_index(
        "ix_solve_one_at_a_time",
        "solve",
        ["community", "round"],
        unique=True,
        sqlite_where=sa.text(RUNNING),
        postgresql_where=sa.text(RUNNING),
    )


def downgrade() -> None:
    op.drop_index("ix_solve_one_at_a_time", "solve")
    op.drop_column("solve", "priority")
    for table in ("solve", "rule_check"):
        op.drop_column(table, "handed")
        op.drop_column(table, "worker")
    op.drop_table("worker")
