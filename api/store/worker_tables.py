"""The table of workers; the others are in `api.store.tables`."""

from __future__ import annotations

import sqlalchemy as sa

from api.store.people_tables import metadata
from api.store.tables import Instant, solve

__all__ = ["metadata", "worker"]

RUNNING = sa.text("state = 'running'")
sa.Index(
    "ix_solve_one_at_a_time",
    *(solve.c.community, solve.c.round),
    unique=True,
    sqlite_where=RUNNING,
    postgresql_where=RUNNING,
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True, comment="its executor id in the queue"),
    sa.Column("host", sa.String(255), nullable=False, comment="the machine, for people"),
    sa.Column("beats", sa.BigInteger, nullable=False, comment="grows as long as it lives"),
    sa.Column("started", Instant, nullable=False),
    sa.Column("seen", Instant, nullable=False, comment="by its own clock, for people; nothing is decided by it"),
    comment="Workers that live, or were heard of a moment ago.",
)
