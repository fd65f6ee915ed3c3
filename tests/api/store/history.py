"""A row in every table of any version of the database, and all that is kept, whatever the version."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

INSTANT = datetime(2026, 8, 20, 8, tzinfo=UTC)
TEXT = '{"名": "共室 ’ \\\\ \\" é", "n": 1.50}'
BEFORE, AFTER = INSTANT.replace(day=1), INSTANT.replace(day=25)

OWN: dict[str, dict[str, Any]] = {
    "community": {"in_force": 0},
    "round": {"opens_at": BEFORE, "published_at": INSTANT},
    "entity": {"kind": "request"},
    "solve": {"state": "done"},
    "booking": {"status": "confirmed", "ends": AFTER},
    "occupancy": {"mode": "exclusive", "until": 2, "pool": None, "seats": None, "host": None},
    "publicity": {"ends_at": AFTER},
    "market_change": {"kind": "absent"},
    "paper": {"status": "present"},
    "constraint_version": {"state": "in_force"},
    "webhook_delivery": {"state": "pending"},
    "rule_check": {"state": "done", "asks": "costs"},
}
"""What a column must say that does not take just anything, by table."""


def _anything(column: sa.Column[Any], *, naive: bool) -> Any:
    match column.type:
        case sa.Boolean():
            return True
        case sa.LargeBinary():
            return bytes(range(256))
        case sa.DateTime():
            return INSTANT.replace(tzinfo=None) if naive else INSTANT
        case sa.Date():
            return date(2026, 8, 20)
        case sa.Integer():
            return 1
        case sa.Text():
            return TEXT
    return "x"


def tables(tx: sa.Connection) -> list[sa.Table]:
    """All tables but the version's, those that others refer to first."""
    kept = sa.MetaData()
    kept.reflect(tx)
    return [each for each in kept.sorted_tables if each.name != "alembic_version"]


def add_rows(tx: sa.Connection) -> None:
    """One row into every table."""
    naive = tx.dialect.name == "sqlite"
    for table in tables(tx):
        row = {column.name: _anything(column, naive=naive) for column in table.c} | OWN.get(table.name, {})
        if naive:
            row = {
                name: each.replace(tzinfo=None) if isinstance(each, datetime) else each for name, each in row.items()
            }
        tx.execute(table.insert(), row)


def contents(tx: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, by table and column."""
    return {table.name: [dict(row) for row in tx.execute(sa.select(table)).mappings()] for table in tables(tx)}
