"""The trail says why, and what was there before and after; lines of the last 180 days cannot be removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

REASON = "why, as they say"
BEFORE = "SHA-256 of what was there; none: nothing was"
AFTER = "the same of what is there since"
WAS, IS = "Who did what. Append-only.", "The trail: who did what, when, why. Append-only, for 180 days at least."
KEPT_DAYS = 180


def upgrade() -> None:
    op.add_column("log", sa.Column("reason", sa.Text(), nullable=False, server_default="", comment=REASON))
    op.add_column("log", sa.Column("before", sa.String(length=64), nullable=True, comment=BEFORE))
    op.add_column("log", sa.Column("after", sa.String(length=64), nullable=True, comment=AFTER))
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("log", IS, existing_comment=WAS)
        op.execute("DROP TRIGGER log_append_only ON log")
        op.execute(
            "CREATE TRIGGER log_append_only BEFORE UPDATE OR TRUNCATE ON log "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )
        op.execute(
            "CREATE FUNCTION log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF OLD.at >= now() - interval '{KEPT_DAYS} days' THEN "
            "RAISE EXCEPTION 'gongshi: append_only log' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "RETURN OLD; END $$"
        )
        op.execute("CREATE TRIGGER log_is_kept BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION log_is_kept()")
    else:
        op.execute("DROP TRIGGER log_no_delete")
        op.execute(
            f"CREATE TRIGGER log_no_delete BEFORE DELETE ON log WHEN OLD.at >= datetime('now', '-{KEPT_DAYS} days') "
            "BEGIN SELECT RAISE(ABORT, 'gongshi: append_only log'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("log", WAS, existing_comment=IS)
        op.execute("DROP TRIGGER log_is_kept ON log")
        op.execute("DROP FUNCTION log_is_kept()")
        op.execute("DROP TRIGGER log_append_only ON log")
        op.execute(
            "CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )
    else:
        op.execute("DROP TRIGGER log_no_delete")
        op.execute(
            "CREATE TRIGGER log_no_delete BEFORE DELETE ON log "
            "BEGIN SELECT RAISE(ABORT, 'gongshi: append_only log'); END"
        )
    for column in ("after", "before", "reason"):
        op.drop_column("log", column)
