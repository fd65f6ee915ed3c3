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

    SQLite answers from one read-only connection that is kept open; other databases from the pool.
    """
    if store.engine.dialect.name != "sqlite":
        return lambda community, scope, id: _from_pool(store, community, scope, id)
    path = Path(store.engine.url.database or "").absolute()
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout = 1000")

    def read(community: str, scope: str, id: str) -> FeedRow | None:
        row = connection.execute(_ONE, (community, scope, id)).fetchone()
        if row is None:
            return None
        return row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]).replace(tzinfo=UTC)

    return read


def _from_pool(store: Store, community: str, scope: str, id: str) -> FeedRow | None:
    query = sa.select(feed.c.body, feed.c.gzip_body, feed.c.etag, feed.c.gzip_etag, feed.c.last_modified)
    with store.reading() as tx:
        row = tx.execute(
            query.where(feed.c.community == community, feed.c.scope == scope, feed.c.id == id)
        ).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])
