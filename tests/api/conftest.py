"""A service in this process, on databases of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from api.store import Store, migrate
from tests.api.inside import Inside, inside
from tests.api.postgres import empty_postgres_url, postgres, postgres_url

__all__ = ["client", "empty_postgres_url", "postgres", "postgres_url", "store"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A migrated database."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Inside]:
    """The whole service without its worker."""
    with inside(Settings(home=tmp_path / "home")) as client:
        yield client
