"""Alembic's entry: run by `api.store.migrate`, which hands over an open connection."""

from __future__ import annotations

from alembic import context

from api.store.worker_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
