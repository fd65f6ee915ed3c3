"""The migrations give the tables that the code believes in, and lose nothing on the way there and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.rights import Role
from api.store import Store, keys, migrate, rules
from api.store.migrate import PLACE, config_of
from api.store.worker_tables import metadata
from tests.api.store.history import add_rows, contents

pytestmark = pytest.mark.both_databases

VERSIONS = sorted(each.revision for each in ScriptDirectory(str(PLACE)).walk_revisions())
MOVED: dict[str, tuple[str, dict[str, str]]] = {"owner_key": ("api_key", {"owner": "subject"})}
"""What has another name by now: of a table, and of its columns."""
FIRST_TO_GO_BACK_TO = "0005"
"""What 0002 refuses, it refuses for good, and what 0003 to 0005 kept is not thrown away: no way back behind them."""


@pytest.fixture
def empty(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A database without a table."""
    sqlite = database == "sqlite"
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}" if sqlite else request.getfixturevalue("empty_postgres_url")
    store = Store(url)
    yield store
    store.close()


def test_the_migrated_database_is_the_one_that_the_code_describes(empty: Store) -> None:
    assert migrate(empty)
    assert not migrate(empty)
    with empty.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_rows_of_every_version_come_to_the_newest_and_back(empty: Store, version: str) -> None:
    """Whatever a version kept is in the newest as it was, column by column, and in the old one again after it."""
    with empty.writing() as tx:
        command.upgrade(config_of(tx), version)
        add_rows(tx)
        before = contents(tx)
    assert all(len(rows) == 1 for rows in before.values())
    migrate(empty)
    with empty.writing() as tx:
        now = contents(tx)
        for table, [row] in before.items():
            place, names = MOVED.get(table, (table, {}))
            assert [{name: new[names.get(name, name)] for name in row} for new in now[place]] == [row], table
        if version >= FIRST_TO_GO_BACK_TO:
            command.downgrade(config_of(tx), version)
            assert contents(tx) == before
            command.upgrade(config_of(tx), "head")
            places = [MOVED.get(name, (name, {}))[0] for name in before]
            assert {name: contents(tx)[name] for name in places} == {name: now[name] for name in places}


def test_there_is_no_way_back_behind_what_was_handed_in(empty: Store) -> None:
    migrate(empty)
    with pytest.raises(NotImplementedError), empty.writing() as tx:
        command.downgrade(config_of(tx), "0004")
    assert not migrate(empty)


def test_rules_that_were_there_get_a_first_version(empty: Store) -> None:
    """Up, down and up again: what was a rule before its history began is its first version."""
    with empty.writing() as tx:
        command.upgrade(config_of(tx), "0006")
        for number, place in ((3, "released"), (0, "new")):
            tx.execute(
                sa.text("INSERT INTO community VALUES (:id, 1, '{}', :number, :at, :at)"),
                {"id": place, "number": number, "at": "2026-01-01 00:00:00.000000"},
            )
            tx.execute(
                sa.text(
                    "INSERT INTO entity (community, kind, id, position, revision, owner, external_ref, document,"
                    " created, modified) VALUES (:id, 'constraint', 'c1', 1, 1, 'canteen', 'X', '{\"a\": 1}', :at, :at)"
                ),
                {"id": place, "at": "2026-01-01 00:00:00.000000"},
            )
    for _ in range(2):
        with empty.writing() as tx:
            command.upgrade(config_of(tx), "0007")
            told = [
                (row.community, row.version, row.state, row.in_force_from_release, row.owner, row.external_ref)
                for row in rules.rules(tx)
            ]
            assert told == [
                ("new", 1, "accepted", None, "canteen", "X"),
                ("released", 1, "in_force", 3, "canteen", "X"),
            ]
            command.downgrade(config_of(tx), "0006")
            assert not sa.inspect(tx).has_table("constraint_version")


def test_checks_that_were_asked_before_are_kept(empty: Store) -> None:
    """Up and down: a table is made again for what it may be asked; answers stay where they have a place."""
    insert = sa.text(
        "INSERT INTO rule_check VALUES "
        "(:id, 'c', 'p', NULL, :asks, '[]', 'done', 1, '', '{}', '2026-01-01 00:00:00.000000', NULL)"
    )
    with empty.writing() as tx:
        command.upgrade(config_of(tx), "0011")
        tx.exec_driver_sql(
            "INSERT INTO community VALUES ('c', 1, '{}', 0, '2026-01-01 00:00:00.0', '2026-01-01 00:00:00.0')"
        )
        tx.exec_driver_sql(
            "INSERT INTO problem (fingerprint, document, created) VALUES ('p', '{}', '2026-01-01 00:00:00.0')"
        )
        tx.execute(insert, {"id": "k1", "asks": "costs"})
        command.upgrade(config_of(tx), "0012")
        tx.execute(insert, {"id": "k2", "asks": "contradiction"})
        kept = tx.exec_driver_sql("SELECT id, asks FROM rule_check ORDER BY id").all()
        assert [tuple(each) for each in kept] == [("k1", "costs"), ("k2", "contradiction")]
        command.downgrade(config_of(tx), "0011")
        assert [tuple(each) for each in tx.exec_driver_sql("SELECT id, asks FROM rule_check")] == [("k1", "costs")]


def test_keys_of_owners_become_keys_of_operators_and_go_back(empty: Store) -> None:
    """They open what they opened; on the way down goes whatever the older form cannot say."""
    now = datetime(2026, 9, 1, tzinfo=UTC)
    with empty.writing() as tx:
        command.upgrade(config_of(tx), "0013")
        tx.execute(
            sa.text("INSERT INTO owner_key VALUES ('k1', 'canteen', :hash, '[\"tiny\"]', 'token', :at, NULL)"),
            {"hash": keys.hash_of("gsk_1"), "at": "2026-01-01 00:00:00.000000"},
        )
        command.upgrade(config_of(tx), "0014")
        row = keys.find_key(tx, "gsk_1", now)
        assert row is not None
        assert (row.role, row.subject, row.communities, row.scopes) == ("operator", "canteen", '["tiny"]', None)
        keys.add_key(tx, keys.Order(Role.AUDITOR), caller="test", now=now)
        keys.add_key(tx, keys.Order(Role.OPERATOR, "canteen"), caller="test", now=now)
        command.downgrade(config_of(tx), "0013")
        assert [tuple(each) for each in tx.execute(sa.text("SELECT id, owner, communities FROM owner_key"))] == [
            ("k1", "canteen", '["tiny"]')
        ]
