"""Brings the main database to the present form. Several processes may ask at once: one does it, all wait."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.store.engine import Store

PLACE = Path(__file__).parent / "migrations"


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
        config = config_of(connection)
        before = MigrationContext.configure(connection).get_current_revision()
        if before == ScriptDirectory.from_config(config).get_current_head():
            return False
        command.upgrade(config, "head")
        return True
