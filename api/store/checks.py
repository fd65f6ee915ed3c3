"""Checks of rules: asked for, begun, answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.check_tables import rule_check

Row = sa.Row[Any]
LIVE = ("queued", "running")


def add_check(tx: sa.Connection, now: datetime, **values: object) -> None:
    """A new check, waiting for a worker."""
    tx.execute(rule_check.insert().values(state="queued", attempts=0, progress="", created=now, **values))


def find_check(tx: sa.Connection, id: str) -> Row | None:
    """One check."""
    return tx.execute(sa.select(rule_check).where(rule_check.c.id == id)).one_or_none()


def waiting_checks(tx: sa.Connection) -> Sequence[str]:
    """Ids of checks that nobody has begun, oldest first."""
    query = sa.select(rule_check.c.id).where(rule_check.c.state == "queued").order_by(rule_check.c.created)
    return tx.execute(query).scalars().all()


def change_check(tx: sa.Connection, id: str, **values: object) -> bool:
    """Set columns of a check that has not ended; False when it has."""
    done = tx.execute(rule_check.update().where(rule_check.c.id == id, rule_check.c.state.in_(LIVE)).values(**values))
    return bool(done.rowcount == 1)


def begin_attempt(tx: sa.Connection, id: str) -> bool:
    """Mark a check as running, once more if it was before; False when it has ended."""
    return change_check(tx, id, state="running", attempts=rule_check.c.attempts + 1)
