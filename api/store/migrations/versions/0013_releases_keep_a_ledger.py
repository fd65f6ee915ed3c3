"""A release says what each body is owed after it: the ledger with which the next round begins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Releases from before have none: whoever asked in them is as new as everybody else in the next round.
    op.add_column("release", sa.Column("ledger", sa.Text(), nullable=True, comment=COMMENT))


def downgrade() -> None:
    op.drop_column("release", "ledger")


COMMENT = "JSON: what each body asked, got and is owed after it; none: released before there were ledgers"
