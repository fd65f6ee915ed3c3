"""Checks of rules: asked for, begun, answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.check_tables import rule_check

Row = sa.Row[Any]
LIVE = ("queued", "running")
CONTRADICTION = "contradiction"
"""What is asked of rules that are about to take force."""


def add_check(tx: sa.Connection, now: datetime, **values: object) -> None:
    """A new check, waiting for a worker."""
    tx.execute(rule_check.insert().values(state="queued", attempts=0, progress="", created=now, **values))


def find_check(tx: sa.Connection, id: str) -> Row | None:
    """One check."""
    return tx.execute(sa.select(rule_check).where(rule_check.c.id == id)).one_or_none()


def find_verdict(tx: sa.Connection, community: str, problem: str, rules: str) -> Row | None:
    """The last verdict on rules beside a problem (its fingerprint), given or on its way; none: it was never asked."""
    query = sa.select(rule_check).where(
        rule_check.c.community == community,
        rule_check.c.problem == problem,
        rule_check.c.asks == CONTRADICTION,
        rule_check.c.rules == rules,
        rule_check.c.state != "failed",
    )
    return tx.execute(query.order_by(rule_check.c.created.desc(), rule_check.c.id).limit(1)).one_or_none()
