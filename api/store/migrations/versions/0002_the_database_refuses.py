"""What the database itself refuses: double bookings, and changes to what was released."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("problem", "proposal", "release", "booking", "occupancy", "log")

# Two rows of one atom that overlap exclude each other, unless both share under one rule, or one is the host
# that the other names.
CLASH = """
    EXISTS (SELECT 1 FROM occupancy o
        WHERE o.release = NEW.release AND o.atom = NEW.atom
          AND o."from" < NEW."until" AND o."until" > NEW."from"
          AND NOT (o.mode = 'shared' AND NEW.mode = 'shared' AND o.pool = NEW.pool AND o.seats = NEW.seats)
          AND NOT (o.mode = 'host' AND NEW.mode = 'hosted' AND NEW.host = o.booking)
          AND NOT (o.mode = 'hosted' AND NEW.mode = 'host' AND o.host = NEW.booking))
"""

# The sum of people changes only where a row begins, so it is enough to look at these moments.
TOO_MANY = """
    NEW.mode = 'shared' AND EXISTS (
        SELECT 1 FROM (
            SELECT NEW."from" AS moment
            UNION SELECT b."from" FROM occupancy b
            WHERE b.release = NEW.release AND b.atom = NEW.atom AND b.mode = 'shared'
              AND b."from" > NEW."from" AND b."from" < NEW."until") m
        WHERE NEW.people + (
            SELECT COALESCE(SUM(o.people), 0) FROM occupancy o
            WHERE o.release = NEW.release AND o.atom = NEW.atom AND o.mode = 'shared'
              AND o."from" <= m.moment AND o."until" > m.moment) > NEW.seats)
"""

HOMELESS = """
    NEW.mode = 'hosted' AND NOT EXISTS (SELECT 1 FROM occupancy o
        WHERE o.release = NEW.release AND o.atom = NEW.atom AND o.mode = 'host' AND o.booking = NEW.host
          AND o."from" <= NEW."from" AND o."until" >= NEW."until")
"""

SEALED = """
    EXISTS (SELECT 1 FROM release r JOIN community c ON c.id = r.community
        WHERE r.id = NEW.release AND c.in_force >= r.number)
"""

REFUSALS = (
    ("double_booking", "occupancy", CLASH),
    ("too_many_people", "occupancy", TOO_MANY),
    ("hosted_without_host", "occupancy", HOMELESS),
    ("release_is_sealed", "occupancy", SEALED),
    ("release_is_sealed", "booking", SEALED),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    for name, table, condition in REFUSALS:
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'gongshi: {name}'); END"
        )
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'gongshi: append_only {table}'); END"
            )


def _postgresql() -> None:
    # Exclusive rows by an index: safe against any number of sessions. `cell` is release and atom in one
    # integer, so that no extension is needed for "equal". A PostgreSQL derivative without EXCLUDE still has
    # the triggers, which take a lock per release: two sessions cannot both look before either has written.
    op.execute(
        "DO $$ BEGIN ALTER TABLE occupancy ADD CONSTRAINT occupancy_exclusive EXCLUDE USING gist ("
        'int8range(cell, cell, \'[]\') WITH &&, int8range("from", "until") WITH &&) '
        "WHERE (mode = 'exclusive'); "
        "EXCEPTION WHEN feature_not_supported OR syntax_error THEN "
        "RAISE NOTICE 'no EXCLUDE here: triggers only'; END $$"
    )
    for name, table, condition in REFUSALS:
        op.execute(
            f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM pg_advisory_xact_lock(NEW.release); IF {condition} THEN "
            f"RAISE EXCEPTION 'gongshi: {name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()"
        )
    op.execute(
        "CREATE FUNCTION gongshi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'gongshi: append_only %', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gongshi_append_only()"
        )


def downgrade() -> None:
    raise NotImplementedError("what was released is not given up again")
