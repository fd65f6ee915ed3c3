"""People may sign in with a code that is sent to them, good once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="HMAC of the code by the service's secret"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_one_time_code_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_one_time_code")),
        comment="The last code that was sent to a person and not used.",
    )


def downgrade() -> None:
    op.drop_table("one_time_code")
