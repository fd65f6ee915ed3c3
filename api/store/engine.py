"""How the databases are opened, and the two kinds of transaction, which are the same on SQLite and PostgreSQL.

A reader sees one state of the database, whatever others write. There is one writer at a time: what it has read still
holds when it writes. SQLite is so by itself; on PostgreSQL a reader has the isolation REPEATABLE READ, and a writer
takes one lock for the whole database before it reads, then READ COMMITTED shows it all that was written before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_TIMEOUT_SECONDS = 10
"""So long a transaction waits for others; then whoever asked is told to come again."""
ABANDONED_SECONDS = 60
"""PostgreSQL: a transaction that does nothing for so long is of a process that hangs, and gives up its lock."""
CONNECTIONS_KEPT, CONNECTIONS_MORE = 5, 27
"""Of one process; more are opened only while they are needed, and closed again."""
ONE_WRITER = 0x676F6E67
"""PostgreSQL: the lock of whoever writes; any number that is ours: "gong"."""


def open_engine(url: str) -> sa.Engine:
    """An engine for SQLite (WAL, foreign keys, explicit transactions) or PostgreSQL."""
    # What statements carry is what people wrote: it is not for the log.
    sqlite = url.startswith("sqlite")
    engine = sa.create_engine(
        url,
        pool_pre_ping=not sqlite,
        hide_parameters=True,
        connect_args={} if sqlite else POSTGRESQL,
        pool_size=CONNECTIONS_KEPT,
        max_overflow=CONNECTIONS_MORE,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
    )
    if sqlite:
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
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
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": BUSY_TIMEOUT_SECONDS * 1000,
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
    options = connection.get_execution_options()
    if options.get("gongshi_write", False):
        if options.get("gongshi_patient", False):
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
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
    def writing(self, *, patient: bool = False) -> Iterator[sa.Connection]:
        """All or nothing: committed at the end, rolled back on any error. `patient`: however long others take."""
        with self._writer.execution_options(gongshi_patient=patient).begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def what_failed(error: sa.exc.SQLAlchemyError) -> str | None:
    """Why a database did not do what it was asked to: `full`, `away` or `busy`; None: it is no such failure."""
    if isinstance(error, sa.exc.TimeoutError):
        return "busy"
    if not isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return None
    original = error.orig
    if isinstance(original, sqlite3.Error):
        name = getattr(original, "sqlite_errorname", "")
        return "full" if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) else "busy"
    state = getattr(original, "sqlstate", None)
    if state == "53100":  # disk_full (PostgreSQL, appendix A)
        return "full"
    # Classes 08 and 57: connection exceptions, and a server that shuts down or starts. No state: it never answered.
    return "away" if state is None or state[:2] in {"08", "57"} else "busy"
