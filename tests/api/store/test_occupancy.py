"""The database itself refuses a double booking, whoever writes: raw SQL against a migrated database.

On PostgreSQL also without EXCLUDE: some of its descendants lack it, and have the triggers alone.
"""

# ruff: noqa: S608 - raw SQL, made of constants of this file, is what is tested
from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa

from api.store import Store
from tests.api.store.rows import NOW, begin_release

TRIGGERS_ALONE = "postgresql without EXCLUDE"
pytestmark = pytest.mark.databases("sqlite", "postgresql", TRIGGERS_ALONE)

BOOKING = sa.text(
    "INSERT INTO booking (release, uid, sequence, created, modified, status, round, request, session,"
    " use, applicant, space, layout, headcount, starts, ends)"
    f" VALUES (1, :uid, 0, '{NOW}', '{NOW}', 'confirmed', 'r', 'R', 1, 'U', 'O', 'A', 'l', 1, '{NOW}',"
    " '2027-01-01 00:00:00')"
)
OCCUPANCY = sa.text(
    'INSERT INTO occupancy (release, atom, booking, cell, "from", "until", mode, pool, seats, people, host)'
    " VALUES (1, :atom, :uid, :cell, :start, :end, :mode, :pool, :seats, :people, :host)"
)


@pytest.fixture(autouse=True)
def release(store: Store, database: str) -> None:
    """Release 1 of a community `c`, not yet in force."""
    begin_release(store)
    if database == TRIGGERS_ALONE:
        with store.writing() as tx:
            tx.exec_driver_sql("ALTER TABLE occupancy DROP CONSTRAINT occupancy_exclusive")


def row(uid: str, start: int, end: int, mode: str = "exclusive", **more: object) -> dict[str, object]:
    """One row of occupancy, hours as whole numbers."""
    row = {"atom": "A", "people": 1, "pool": None, "seats": None, "host": None, **more}
    if mode == "shared":
        row = {**row, "pool": row["pool"] or "l", "seats": row["seats"] or 48}
    return {**row, "uid": uid, "start": start, "end": end, "mode": mode, "cell": 65536 + ord(str(row["atom"]))}


def put(store: Store, uid: str, start: int, end: int, mode: str = "exclusive", **more: object) -> None:
    """One booking with one row of occupancy."""
    with store.writing() as tx:
        tx.execute(BOOKING, {"uid": uid})
        tx.execute(OCCUPANCY, row(uid, start, end, mode, **more))


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
    # Both are so; which is told depends on the order in which a database asks its triggers.
    refused(store, "(hosted_without_host|double_booking)", "x", 22, 23, "hosted", host="market")


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


@pytest.mark.parametrize("mode", ["exclusive", "shared"])
def test_of_many_writers_at_once_one_wins(store: Store, mode: str) -> None:
    """Eight connections of eight threads want one place, twenty-five times: 30 of 48 seats, or the whole of it."""
    writers, turns = 8, 25
    with store.writing() as tx:
        for turn in range(turns):
            for writer in range(writers):
                tx.execute(BOOKING, {"uid": f"{turn}-{writer}"})
    together = Barrier(writers)

    def write(writer: int) -> list[str]:
        """What each turn came to: won, or why not."""
        told = []
        for turn in range(turns):
            together.wait(60)
            try:
                with store.engine.begin() as tx:  # not `writing()`, which lets one in at a time
                    tx.execute(OCCUPANCY, row(f"{turn}-{writer}", 2 * turn, 2 * turn + 1, mode, people=30))
                told.append("won")
            except sa.exc.IntegrityError as error:
                told.append("refused" if "gongshi: " in str(error) else str(error))
        return told

    with ThreadPoolExecutor(writers) as pool:
        ends = [sorted(each) for each in zip(*pool.map(write, range(writers)), strict=True)]
    assert ends == [["refused"] * (writers - 1) + ["won"]] * turns
    assert count(store) == turns


@pytest.mark.databases("postgresql", TRIGGERS_ALONE)
@pytest.mark.parametrize("mode", ["exclusive", "shared"])
@pytest.mark.parametrize("commits", [True, False])
def test_a_second_writer_waits_for_what_the_first_does(store: Store, mode: str, commits: bool) -> None:
    """The one place is taken, but not committed: who also wants it waits, and is refused only if it is."""
    with store.writing() as tx:
        tx.execute(BOOKING, [{"uid": "a"}, {"uid": "b"}])
    with store.engine.connect() as first, store.engine.connect() as second, ThreadPoolExecutor(1) as pool:
        first.execute(OCCUPANCY, row("a", 10, 12, mode, people=30))
        second.execute(sa.text("SELECT 1"))
        waiting = pool.submit(second.execute, OCCUPANCY, row("b", 11, 13, mode, people=30))
        until_it_waits(store, waiting)
        if commits:
            first.commit()
            with pytest.raises(sa.exc.IntegrityError, match="gongshi: "):
                waiting.result(20)
        else:
            first.rollback()
            waiting.result(20)
            second.commit()
    assert count(store) == 1


def until_it_waits(store: Store, waiting: Future[Any]) -> None:
    """A connection waits for a lock that another one has."""
    limit = monotonic() + 20
    while True:
        with store.reading() as tx:
            if tx.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                return
        assert not waiting.done()
        assert monotonic() < limit
        sleep(0.02)


@pytest.mark.databases("postgresql", TRIGGERS_ALONE)
@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_who_could_not_see_other_writers_may_not_write(store: Store, isolation: str) -> None:
    """Two transactions that began before either wrote would both find the room free."""
    with store.writing() as tx:
        tx.execute(BOOKING, {"uid": "a"})
    blind = store.engine.execution_options(isolation_level=isolation)
    with pytest.raises(sa.exc.IntegrityError, match="gongshi: transaction_is_blind"), blind.begin() as tx:
        tx.execute(OCCUPANCY, row("a", 10, 12))


def test_the_cell_may_lie(store: Store) -> None:
    """PostgreSQL's constraint knows an atom by its number; the triggers by its name, whatever number is written."""
    put(store, "a", 10, 12)
    with store.writing() as tx:
        tx.execute(BOOKING, {"uid": "b"})
    with pytest.raises(sa.exc.IntegrityError, match="gongshi: double_booking"), store.writing() as tx:
        tx.execute(OCCUPANCY, {**row("b", 10, 12), "cell": 1})
