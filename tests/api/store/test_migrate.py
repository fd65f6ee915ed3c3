"""The migrations give the tables that the code believes in."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from api.store import Store, migrate
from api.store.tables import metadata


def test_the_migrated_database_is_the_one_that_the_code_describes(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    assert migrate(store)
    assert not migrate(store)
    with store.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.close()
