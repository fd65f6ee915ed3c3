"""How the databases are opened, and the two kinds of transaction, which are the same on SQLite and PostgreSQL.

A reader sees one state of the database, whatever others write. There is one writer at a time: what it has read still
holds when it writes. SQLite is so by itself; on PostgreSQL a reader has the isolation REPEATABLE READ, and a writer
takes one lock for the whole database before it reads, then READ COMMITTED shows it all that was written before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_TIMEOUT_SECONDS = 30
ABANDONED_SECONDS = 60
"""PostgreSQL: a transaction that does nothing for so long is of a process that hangs, and gives up its lock."""
ONE_WRITER = 0x676F6E67
"""PostgreSQL: the lock of whoever writes; any number that is ours: "gong"."""


def open_engine(url: str) -> sa.Engine:
    """An engine for SQLite (WAL, foreign keys, explicit transactions) or PostgreSQL."""
    if url.startswith("sqlite"):
        engine = sa.create_engine(url)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args=POSTGRESQL)
        event.listen(engine, "begin", _on_postgresql_begin)
    return engine


POSTGRESQL = {
    "application_name": "gongshi",
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "timezone": "UTC",
            "lock_timeout": f"{BUSY_TIMEOUT_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{ABANDONED_SECONDS}s",
        }.items()
    ),
    # A server that vanished is noticed, and so is a client by the server.
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver's own idea of transactions begins them too late: we begin them ourselves, below.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",  # first, since already the next may have to wait
        "journal_mode = WAL",
        "synchronous = FULL",  # what was answered with 201 is still there after a power cut
        "foreign_keys = ON",
        "recursive_triggers = ON",  # otherwise INSERT OR REPLACE deletes behind the back of the triggers
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: a reader that writes later fails when another wrote in between.
    write = connection.get_execution_options().get("gongshi_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _on_postgresql_begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("gongshi_write", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_WRITER})")


class Store:
    """The main database: `reading()` and `writing()` give a connection for one transaction."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writer = self.engine.execution_options(gongshi_write=True)
        self._reader = self.engine
        if self.engine.dialect.name == "postgresql":
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view; nothing is kept."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """All or nothing: committed at the end, rolled back on any error."""
        with self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
