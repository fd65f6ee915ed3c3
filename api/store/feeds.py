"""Calendars as bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.store.engine import Store
from api.store.tables import feed

FeedRow = tuple[bytes, bytes, str, str, datetime]
"""body, gzip_body, etag, gzip_etag, last_modified"""

KEPT_BYTES = 64 * 2**20
"""Of calendars in memory, for each web process."""

MARKET_SCOPES = ("vendors", "markets")

_ONE = """
    SELECT body, gzip_body, etag, gzip_etag, last_modified FROM feed
    WHERE community = ? AND scope = ? AND id = ?
"""


def replace_feeds(tx: sa.Connection, community: str, rows: Sequence[dict[str, Any]]) -> None:
    """All calendars of a community, rendered from its new release; those of its market stay."""
    _replace(tx, community, feed.c.scope.not_in(MARKET_SCOPES), rows)


def replace_market_feeds(tx: sa.Connection, community: str, rows: Sequence[dict[str, Any]]) -> None:
    """All calendars of a community's market."""
    _replace(tx, community, feed.c.scope.in_(MARKET_SCOPES), rows)


def _replace(tx: sa.Connection, community: str, scopes: sa.ColumnElement[bool], rows: Sequence[dict[str, Any]]) -> None:
    tx.execute(feed.delete().where(feed.c.community == community, scopes))
    if rows:
        tx.execute(feed.insert(), rows)


def all_feeds(tx: sa.Connection, community: str) -> Sequence[tuple[str, str, bytes]]:
    """(scope, id, bytes) of every calendar of a community, in order."""
    query = sa.select(feed.c.scope, feed.c.id, feed.c.body).where(feed.c.community == community)
    return [(row[0], row[1], row[2]) for row in tx.execute(query.order_by(feed.c.scope, feed.c.id))]


def feed_reader(store: Store) -> Callable[[str, str, str], FeedRow | None]:
    """A function (community, scope, id) -> calendar, for the event loop: one plain statement, no ORM.

    SQLite answers from one read-only connection that is kept open, and what it has read is kept until anybody has
    written anything: to ask that takes a hundredth of the time of reading a large calendar. Other databases answer
    from the pool.
    """
    if store.engine.dialect.name != "sqlite":
        return lambda community, scope, id: _from_pool(store, community, scope, id)
    path = Path(store.engine.url.database or "").absolute()
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout = 1000")
    kept: dict[tuple[str, str, str], FeedRow] = {}
    version, size = None, 0

    def read(community: str, scope: str, id: str) -> FeedRow | None:
        nonlocal version, size
        (now,) = connection.execute("PRAGMA data_version").fetchone()
        if now != version or size > KEPT_BYTES:
            kept.clear()
            version, size = now, 0
        found = kept.get((community, scope, id))
        if found is not None:
            return found
        row = connection.execute(_ONE, (community, scope, id)).fetchone()
        if row is None:
            return None
        found = row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]).replace(tzinfo=UTC)
        kept[community, scope, id] = found
        size += len(row[0]) + len(row[1])
        return found

    return read


def _from_pool(store: Store, community: str, scope: str, id: str) -> FeedRow | None:
    query = sa.select(feed.c.body, feed.c.gzip_body, feed.c.etag, feed.c.gzip_etag, feed.c.last_modified)
    with store.reading() as tx:
        row = tx.execute(
            query.where(feed.c.community == community, feed.c.scope == scope, feed.c.id == id)
        ).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])
