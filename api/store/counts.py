"""How many there are of what: for those who watch the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.check_tables import rule_check
from api.store.checks import CONTRADICTION
from api.store.rule_tables import webhook_delivery
from api.store.tables import release, solve


@dataclass(frozen=True)
class Counts:
    """Of all communities.

    Attributes:
        jobs: by kind (solve, check, judge) and state.
        oldest: when the job that waits longest was asked for.
        seconds: solves that ended, by state and whole seconds since their first beginning.
        deliveries: to webhooks, by state.
        releases: that were ever made.
    """

    jobs: dict[tuple[str, str], int]
    oldest: datetime | None
    seconds: dict[tuple[str, int], int]
    deliveries: dict[str, int]
    releases: int


def count_all(tx: sa.Connection) -> Counts:
    """Count in one transaction."""
    number = sa.func.count()
    jobs = {("solve", state): n for state, n in tx.execute(sa.select(solve.c.state, number).group_by(solve.c.state))}
    judged = sa.case((rule_check.c.asks == CONTRADICTION, "judge"), else_="check").label("kind")
    checks = sa.select(judged, rule_check.c.state, number).group_by(judged, rule_check.c.state)
    jobs |= {(kind, state): n for kind, state, n in tx.execute(checks)}
    waiting = [
        tx.execute(sa.select(sa.func.min(table.c.created)).where(table.c.state == "queued")).scalar_one()
        for table in (solve, rule_check)
    ]
    lasted = _seconds(tx, solve.c.started, solve.c.finished).label("lasted")
    ended = sa.select(solve.c.state, lasted, number).where(solve.c.started.is_not(None), solve.c.finished.is_not(None))
    seconds = {(state, int(length)): n for state, length, n in tx.execute(ended.group_by(solve.c.state, lasted))}
    told = sa.select(webhook_delivery.c.state, number).group_by(webhook_delivery.c.state)
    return Counts(
        jobs=jobs,
        oldest=min((each for each in waiting if each is not None), default=None),
        seconds=seconds,
        deliveries={row[0]: row[1] for row in tx.execute(told)},
        releases=tx.execute(sa.select(number).select_from(release)).scalar_one(),
    )


def _seconds(tx: sa.Connection, begins: sa.Column[Any], ends: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Whole seconds from one moment to another, as each database says it."""
    if tx.dialect.name == "postgresql":
        return sa.cast(sa.extract("epoch", ends - begins), sa.Integer)
    days = sa.func.julianday(ends, type_=sa.Float) - sa.func.julianday(begins, type_=sa.Float)
    return sa.cast(sa.func.round(days * 86_400), sa.Integer)
