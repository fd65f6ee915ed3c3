"""How the databases are opened, and the two kinds of transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_TIMEOUT_SECONDS = 30


def open_engine(url: str) -> sa.Engine:
    """An engine for SQLite (WAL, foreign keys, explicit transactions) or PostgreSQL."""
    # What statements carry is what people wrote: it is not for the log.
    engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    return engine


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


class Store:
    """The main database: `reading()` and `writing()` give a connection for one transaction."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._writer = self.engine.execution_options(gongshi_write=True)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view; nothing is kept."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """All or nothing: committed at the end, rolled back on any error."""
        with self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
