"""A market's draws, absences and calendars."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from api.store.tables import market_change, market_draw, market_entry

Row = sa.Row[Any]


def add_draw(tx: sa.Connection, community: str, month: str, document: str, **values: object) -> int:
    """The next draw of a month; its number. `caller` and `at` besides."""
    mine = (market_draw.c.community == community) & (market_draw.c.month == month)
    last = tx.execute(sa.select(sa.func.coalesce(sa.func.max(market_draw.c.number), 0)).where(mine)).scalar_one()
    row = {"community": community, "month": month, "number": last + 1, "document": document}
    tx.execute(market_draw.insert().values(**row, **values))
    return int(last) + 1


def draws(tx: sa.Connection, community: str) -> Sequence[Row]:
    """The draw that counts of each month, by month."""
    query = sa.select(market_draw).where(market_draw.c.community == community)
    rows = tx.execute(query.order_by(market_draw.c.month, market_draw.c.number)).all()
    return list({row.month: row for row in rows}.values())


def add_change(tx: sa.Connection, community: str, day: date, vendor: str, **values: Any) -> None:
    """Somebody stays away, or takes a stall; `kind`, `stalls`, `caller`, `at`."""
    stalls = json.dumps(list(values.pop("stalls")))
    id = f"market-{secrets.token_hex(8)}"
    tx.execute(
        market_change.insert().values(id=id, community=community, date=day, vendor=vendor, stalls=stalls, **values)
    )


def changes(tx: sa.Connection, community: str) -> Sequence[Row]:
    """All changes in order of time."""
    query = sa.select(market_change).where(market_change.c.community == community)
    return tx.execute(query.order_by(market_change.c.at, market_change.c.id)).all()


def entries(tx: sa.Connection, community: str) -> str | None:
    """The entries that the calendars in force were rendered from, as JSON."""
    query = sa.select(market_entry.c.entries).where(market_entry.c.community == community)
    return tx.execute(query.order_by(market_entry.c.number.desc()).limit(1)).scalar_one_or_none()


def add_entries(tx: sa.Connection, community: str, entries: str, now: datetime) -> int:
    """The next entries; their number."""
    mine = market_entry.c.community == community
    last = tx.execute(sa.select(sa.func.coalesce(sa.func.max(market_entry.c.number), 0)).where(mine)).scalar_one()
    tx.execute(market_entry.insert().values(community=community, number=last + 1, entries=entries, at=now))
    return int(last) + 1
