"""What was done: answers kept for a repeated request, and the log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the trail.

    Attributes:
        at: when.
        community: where; empty: the whole service.
        caller: who.
        action: what.
        subject: to what.
        reason: why, as they say.
        before: the document that was there, of which the SHA-256 is kept; None: there was none.
        after: the one that is there since.
    """

    at: datetime
    community: str
    caller: str
    action: str
    subject: str
    reason: str = ""
    before: str | None = None
    after: str | None = None


def note(tx: sa.Connection, line: Line) -> None:
    """Add a line to the trail, in the transaction that does what it tells."""
    digests = {"before": _digest(line.before), "after": _digest(line.after)}
    tx.execute(log.insert().values({**asdict(line), **digests}))


def _digest(document: str | None) -> str | None:
    return None if document is None else hashlib.sha256(document.encode()).hexdigest()


def trail(tx: sa.Connection, community: str, *, before: int | None, limit: int) -> Sequence[Row]:
    """Lines of a community's trail, newest first; with `before`, those that came before that line."""
    query = sa.select(log).where(log.c.community == community)
    if before is not None:
        query = query.where(log.c.id < before)
    return tx.execute(query.order_by(log.c.id.desc()).limit(limit)).all()


def forget_before(tx: sa.Connection, moment: datetime) -> int:
    """Remove lines that are older; how many there were. The database refuses it for those of the last 180 days."""
    return int(tx.execute(log.delete().where(log.c.at < moment)).rowcount)


def who(tx: sa.Connection, community: str, action: str, subject: str) -> str:
    """Who did something, by the log; empty: it does not say."""
    query = sa.select(log.c.caller).where(
        log.c.community == community, log.c.action == action, log.c.subject == subject
    )
    return tx.execute(query.order_by(log.c.id.desc()).limit(1)).scalar_one_or_none() or ""


def done_by(tx: sa.Connection, caller: str) -> Sequence[Row]:
    """The lines of the log that name a caller, in order."""
    return tx.execute(sa.select(log).where(log.c.caller == caller).order_by(log.c.at, log.c.id)).all()
