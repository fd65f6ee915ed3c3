"""A service in this process, on databases of its own: SQLite or PostgreSQL.

Modules marked `both_databases` run on both, tests marked `databases` on those that it names. The others run on SQLite,
or on what the environment variable `GONGSHI_TESTED_DATABASE` says: `make test-long` runs them all on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from api.store import Store, migrate
from tests.api.inside import Inside, inside
from tests.api.postgres import empty_postgres_url, postgres, postgres_url

__all__ = ["empty_postgres_url", "postgres", "postgres_url"]

DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each database, where a test is marked so."""
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        named = metafunc.definition.get_closest_marker("databases")
        usual = DATABASES if both else (os.environ.get("GONGSHI_TESTED_DATABASE", DATABASES[0]),)
        kinds = named.args if named is not None else usual
        metafunc.parametrize("database", kinds, indirect=True, scope="function")


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which database the test is on. Settings take it from the environment, in this process and those it starts."""
    kind: str = request.param
    monkeypatch.delenv("GONGSHI_DATABASE_URL", raising=False)
    if kind != DATABASES[0]:
        monkeypatch.setenv("GONGSHI_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return kind


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied: that takes less time than to migrate."""
    path = tmp_path_factory.mktemp("template") / "gongshi.sqlite"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture
def settings(tmp_path: Path, database: str, migrated: Path) -> Settings:
    """Those of a service with a home and a migrated database of its own."""
    settings = Settings(home=tmp_path / "home")
    settings.prepare()
    if database == DATABASES[0]:
        shutil.copyfile(migrated, settings.home / migrated.name)
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A migrated database."""
    store = Store(settings.database)
    yield store
    store.close()


@pytest.fixture
def client(settings: Settings) -> Iterator[Inside]:
    """The whole service without its worker."""
    with inside(settings) as client:
        yield client
