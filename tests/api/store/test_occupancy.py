"""The database itself refuses a double booking, whoever writes: raw SQL against a migrated database."""

# ruff: noqa: S608 - raw SQL, made of constants of this file, is what is tested
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.store import Store, migrate

NOW = "2026-09-01 08:00:00"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    migrate(store)
    with store.writing() as tx:
        for statement in (
            f"INSERT INTO community VALUES ('c', 1, '{{}}', 0, '{NOW}', '{NOW}')",
            f"INSERT INTO problem VALUES ('f', '{{}}', '{NOW}')",
            "INSERT INTO round (community, id, revision, document, created, modified)"
            f" VALUES ('c', 'r', 1, '{{}}', '{NOW}', '{NOW}')",
            f"INSERT INTO proposal VALUES ('p', 'c', 'r', 'f', '{{}}', '{{}}', 1, '{NOW}')",
            "INSERT INTO release (id, community, number, round, proposal, problem, engine, seed, audit,"
            " report, catalogue, note, released_at)"
            f" VALUES (1, 'c', 1, 'r', 'p', 'f', '', 0, 0, '', '', '', '{NOW}')",
        ):
            tx.exec_driver_sql(statement)
    yield store
    store.close()


def put(store: Store, uid: str, start: int, end: int, mode: str = "exclusive", **more: object) -> None:
    """One booking with one row of occupancy, hours as whole numbers."""
    row = {"atom": "A", "people": 1, "pool": None, "seats": None, "host": None, **more}
    if mode == "shared":
        row = {**row, "pool": row["pool"] or "l", "seats": row["seats"] or 48}
    with store.writing() as tx:
        tx.exec_driver_sql(
            "INSERT INTO booking (release, uid, sequence, created, modified, status, round, request, session,"
            " use, applicant, space, layout, headcount, starts, ends)"
            " VALUES (1, ?, 0, ?, ?, 'confirmed', 'r', 'R', 1, 'U', 'O', 'A', 'l', 1, ?, ?)",
            (uid, NOW, NOW, NOW, "2026-09-02 08:00:00"),
        )
        tx.exec_driver_sql(
            'INSERT INTO occupancy (release, atom, booking, cell, "from", "until", mode, pool, seats, people,'
            " host) VALUES (1, ?, ?, 65536, ?, ?, ?, ?, ?, ?, ?)",
            (row["atom"], uid, start, end, mode, row["pool"], row["seats"], row["people"], row["host"]),
        )


def refused(store: Store, code: str, *args: object, **more: object) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"gongshi: {code}"):
        put(store, *args, **more)  # type: ignore[arg-type]  # fields of any type


def count(store: Store) -> int:
    with store.reading() as tx:
        return int(tx.exec_driver_sql("SELECT count(*) FROM occupancy").scalar_one())


@pytest.mark.parametrize(("start", "end"), [(10, 12), (9, 11), (11, 13), (10, 11), (9, 13)])
def test_an_exclusive_row_excludes_every_overlap(store: Store, start: int, end: int) -> None:
    put(store, "a", 10, 12)
    refused(store, "double_booking", "b", start, end)
    refused(store, "double_booking", "b", start, end, "shared")
    refused(store, "double_booking", "b", start, end, "host")
    assert count(store) == 1


def test_intervals_are_half_open_and_other_atoms_free(store: Store) -> None:
    put(store, "a", 10, 12)
    put(store, "b", 12, 14)
    put(store, "c", 8, 10)
    put(store, "d", 10, 12, atom="B")
    assert count(store) == 4


def test_shared_rows_go_together_up_to_the_seats(store: Store) -> None:
    put(store, "library", 9, 20, "shared", people=40)
    put(store, "study", 10, 12, "shared", people=8)
    refused(store, "too_many_people", "one_more", 11, 13, "shared", people=1)
    put(store, "after", 12, 13, "shared", people=8)


def test_shared_sums_are_taken_at_every_moment_not_over_the_whole_time(store: Store) -> None:
    put(store, "early", 9, 11, "shared", people=30)
    put(store, "late", 11, 13, "shared", people=30)
    put(store, "both", 9, 13, "shared", people=18)
    refused(store, "too_many_people", "b2", 9, 13, "shared", people=1)


def test_one_sharer_alone_obeys_the_seats_too(store: Store) -> None:
    refused(store, "too_many_people", "a", 9, 10, "shared", people=49)


def test_sharers_under_different_rules_exclude_each_other(store: Store) -> None:
    put(store, "a", 9, 10, "shared")
    refused(store, "double_booking", "b", 9, 10, "shared", pool="other")
    refused(store, "double_booking", "b", 9, 10, "shared", seats=1000)
    refused(store, "double_booking", "b", 9, 10)


def test_a_host_excludes_all_but_those_who_name_it(store: Store) -> None:
    put(store, "market", 17, 22, "host")
    put(store, "stall", 18, 21, "hosted", host="market")
    refused(store, "double_booking", "x", 18, 19)
    refused(store, "double_booking", "x", 18, 19, "shared")
    refused(store, "double_booking", "x", 18, 19, "host")
    put(store, "other market", 22, 23, "host")
    refused(store, "hosted_without_host", "x", 22, 23, "hosted", host="market")


def test_hosted_rows_exclude_each_other(store: Store) -> None:
    put(store, "market", 17, 22, "host")
    put(store, "stall", 18, 20, "hosted", host="market")
    refused(store, "double_booking", "stall2", 19, 21, "hosted", host="market")
    put(store, "stall3", 20, 21, "hosted", host="market")


def test_a_hosted_row_lies_within_its_host(store: Store) -> None:
    put(store, "market", 17, 22, "host")
    refused(store, "hosted_without_host", "stall", 21, 23, "hosted", host="market")
    refused(store, "hosted_without_host", "stall", 8, 9, "hosted", host="nobody")


@pytest.mark.parametrize("table", ["problem", "proposal", "release", "booking", "occupancy", "log"])
def test_what_was_released_is_never_changed(store: Store, table: str) -> None:
    put(store, "a", 10, 12)
    with store.writing() as tx:
        tx.exec_driver_sql(
            f"INSERT INTO log (at, community, caller, action, subject) VALUES ('{NOW}', 'c', '', 'x', 'y')"
        )
    column = {"problem": "document", "proposal": "round", "log": "caller"}.get(table, "release")
    column = "number" if table == "release" else column
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.IntegrityError, match="append_only"), store.writing() as tx:
            tx.exec_driver_sql(statement)


def test_nothing_is_added_to_a_release_in_force(store: Store) -> None:
    put(store, "a", 10, 12)
    with store.writing() as tx:
        tx.exec_driver_sql("UPDATE community SET in_force = 1")
    with pytest.raises(sa.exc.IntegrityError, match="release_is_sealed"):
        put(store, "b", 14, 15)
