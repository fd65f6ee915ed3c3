"""What was done: answers kept for a repeated request, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import idempotency, log

Row = sa.Row[Any]


def find_answer(tx: sa.Connection, caller: str, key: str) -> Row | None:
    """The answer that was given under this key."""
    query = sa.select(idempotency).where(idempotency.c.caller == caller, idempotency.c.key == key)
    return tx.execute(query).one_or_none()


def keep_answer(tx: sa.Connection, now: datetime, **values: object) -> None:
    """Keep an answer under its key, in the transaction that did the deed."""
    tx.execute(idempotency.insert().values(created=now, **values))


def note(tx: sa.Connection, now: datetime, community: str, *, caller: str, action: str, subject: str) -> None:
    """One line of the log."""
    tx.execute(log.insert().values(at=now, community=community, caller=caller, action=action, subject=subject))


def done_by(tx: sa.Connection, caller: str) -> Sequence[Row]:
    """The lines of the log that name a caller, in order."""
    return tx.execute(sa.select(log).where(log.c.caller == caller).order_by(log.c.at, log.c.id)).all()
