"""Webhooks and their deliveries."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.store.rule_tables import change, webhook, webhook_delivery

Row = sa.Row[Any]

TOLD = (
    change.c.id.label("cursor"),
    *(change.c[name] for name in ("at", "community", "owner", "kind", "subject", "document")),
)
"""What is told of a change, beside its delivery."""


def add_webhook(tx: sa.Connection, *, owner: str, url: str, cursor: int, caller: str, now: datetime) -> Row:
    """A new webhook, told of what comes behind the cursor; its row has the secret."""
    id, secret = f"webhook-{secrets.token_hex(8)}", f"whsec_{secrets.token_hex(32)}"
    row = {"id": id, "owner": owner, "url": url, "secret": secret, "cursor": cursor, "caller": caller}
    tx.execute(webhook.insert().values(**row, created=now))
    return tx.execute(sa.select(webhook).where(webhook.c.id == id)).one()


def find_webhook(tx: sa.Connection, id: str) -> Row | None:
    """One webhook."""
    return tx.execute(sa.select(webhook).where(webhook.c.id == id)).one_or_none()


def webhooks(tx: sa.Connection, *, live_only: bool = False) -> Sequence[Row]:
    """All webhooks, oldest first."""
    query = sa.select(webhook).order_by(webhook.c.created, webhook.c.id)
    return tx.execute(query.where(webhook.c.stopped_at.is_(None)) if live_only else query).all()


def stop_webhook(tx: sa.Connection, id: str, now: datetime) -> bool:
    """Tell it nothing more; False when it is not there, or stopped already."""
    live = (webhook.c.id == id) & webhook.c.stopped_at.is_(None)
    return bool(tx.execute(webhook.update().where(live).values(stopped_at=now)).rowcount == 1)


def move_cursor(tx: sa.Connection, row: Row, cursor: int) -> bool:
    """Compare and set, so that of two workers one makes the deliveries."""
    still = (webhook.c.id == row.id) & (webhook.c.cursor == row.cursor)
    return bool(tx.execute(webhook.update().where(still).values(cursor=cursor)).rowcount == 1)


def add_deliveries(tx: sa.Connection, webhook: str, changes: Sequence[int], now: datetime) -> None:
    """Changes that are to be told."""
    rows = [
        {"webhook": webhook, "change": each, "state": "pending", "attempts": 0, "next_at": now, "told": ""}
        for each in changes
    ]
    if rows:
        tx.execute(webhook_delivery.insert(), rows)


def due(tx: sa.Connection, now: datetime, limit: int) -> Sequence[Row]:
    """Deliveries that are to be tried now, oldest change first, each with its webhook and change."""
    columns: list[Any] = [*webhook_delivery.c, webhook.c.url, webhook.c.secret, *TOLD]
    query = (
        sa.select(*columns)
        .join(webhook, webhook.c.id == webhook_delivery.c.webhook)
        .join(change, change.c.id == webhook_delivery.c.change)
        .where(webhook_delivery.c.state == "pending", webhook_delivery.c.next_at <= now)
        .where(webhook.c.stopped_at.is_(None))
    )
    return tx.execute(query.order_by(webhook_delivery.c.change, webhook_delivery.c.id).limit(limit)).all()


def claim(tx: sa.Connection, row: Row, next_at: datetime) -> bool:
    """Begin one attempt; of two workers one does. If it is never heard of again, the next comes at `next_at`."""
    mine = (webhook_delivery.c.id == row.id) & (webhook_delivery.c.attempts == row.attempts)
    still = mine & (webhook_delivery.c.state == "pending")
    values = {"attempts": row.attempts + 1, "next_at": next_at}
    return bool(tx.execute(webhook_delivery.update().where(still).values(values)).rowcount == 1)


def conclude(tx: sa.Connection, id: int, state: str, told: str, now: datetime) -> None:
    """What an attempt came to; `pending` when it is to be tried again."""
    finished = None if state == "pending" else now
    row = {"state": state, "told": told, "finished_at": finished}
    tx.execute(webhook_delivery.update().where(webhook_delivery.c.id == id).values(row))


def dead_letters(tx: sa.Connection, webhook: str) -> Sequence[Row]:
    """Deliveries that were given up, oldest first, each with its change."""
    columns: list[Any] = [*(webhook_delivery.c[name] for name in ("attempts", "told", "finished_at")), *TOLD]
    query = (
        sa.select(*columns)
        .join(change, change.c.id == webhook_delivery.c.change)
        .where(webhook_delivery.c.webhook == webhook, webhook_delivery.c.state == "dead")
    )
    return tx.execute(query.order_by(webhook_delivery.c.id)).all()
