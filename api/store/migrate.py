"""Brings the main database to the present form. Several processes may ask at once: one does it, all wait."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.store.engine import Store

PLACE = Path(__file__).parent / "migrations"
PG_LOCK = 0x676F6E67  # any number that is ours: "gong"


def config_of(connection: sa.Connection) -> Config:
    """What Alembic needs to work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(PLACE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(store: Store) -> bool:
    """Apply what is missing, all or nothing.

    Returns:
        Whether anything was missing.
    """
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PG_LOCK})
        config = config_of(connection)
        if is_present(connection):
            return False
        command.upgrade(config, "head")
        return True


def is_present(connection: sa.Connection) -> bool:
    """Whether the database has the form that this version of ours works with."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory(str(PLACE)).get_current_head()
