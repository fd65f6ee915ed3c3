"""What else the database itself refuses: a round out of order, a release without proof, a version skipped.

And on PostgreSQL a transaction that could not see what others write: the triggers of 0002 look at what is there, which
one of REPEATABLE READ or SERIALIZABLE does not see once it has begun.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

# A round opens, closes, is published, is released, and that it was released is not taken back. The first two are
# CHECKs of the table already, where nothing is said of a publication without a closing: NULL passes a CHECK.
DISORDER = """
    (NEW.published_at IS NOT NULL AND NEW.closes_at IS NULL)
    OR (NEW.released_at IS NOT NULL AND (NEW.closes_at IS NULL OR NEW.released_at < NEW.closes_at))
"""
TAKEN_BACK = """
    OLD.released_at IS NOT NULL AND (NEW.released_at IS NULL OR NEW.released_at <> OLD.released_at)
"""
NOT_CLOSED = """
    NOT EXISTS (SELECT 1 FROM round r
        WHERE r.community = NEW.community AND r.id = NEW.round AND r.closes_at <= NEW.released_at)
"""
NOT_PROVED = """
    NOT EXISTS (SELECT 1 FROM proposal p
        WHERE p.id = NEW.proposal AND p.holds AND p.problem = NEW.problem
          AND p.community = NEW.community AND p.round = NEW.round)
"""
NOT_NEXT = """
    NEW.number <> 1 + (SELECT COALESCE(MAX(r.number), 0) FROM release r WHERE r.community = NEW.community)
"""
SKIPPED = """
    NEW.in_force <> OLD.in_force AND (NEW.in_force <> OLD.in_force + 1 OR NOT EXISTS (
        SELECT 1 FROM release r WHERE r.community = NEW.id AND r.number = NEW.in_force))
"""

REFUSALS = (
    ("round_disorder", "round", "INSERT", DISORDER),
    ("round_disorder_later", "round", "UPDATE", DISORDER),
    ("round_taken_back", "round", "UPDATE", TAKEN_BACK),
    ("round_not_closed", "release", "INSERT", NOT_CLOSED),
    ("release_not_proved", "release", "INSERT", NOT_PROVED),
    ("release_number_skipped", "release", "INSERT", NOT_NEXT),
    ("release_skipped", "community", "UPDATE", SKIPPED),
)

BLIND = """
    current_setting('transaction_isolation') <> 'read committed'
"""


def _refusals() -> tuple[tuple[str, str, str, str], ...]:
    blind = (("transaction_is_blind", "occupancy", "INSERT", BLIND),)
    return REFUSALS + (blind if op.get_bind().dialect.name == "postgresql" else ())


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, verb, condition in _refusals():
        if postgresql:
            op.execute(
                f"CREATE FUNCTION gongshi_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION 'gongshi: {name}' "
                "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION gongshi_{name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'gongshi: {name}'); END"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, _, _ in _refusals():
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgresql else ""))
        if postgresql:
            op.execute(f"DROP FUNCTION gongshi_{name}()")
