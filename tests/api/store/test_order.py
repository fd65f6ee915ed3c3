"""The database itself refuses a round out of order, a release without proof, a version skipped: raw SQL."""

# ruff: noqa: S608 - raw SQL, made of constants of this file, is what is tested
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from api.store import Store
from tests.api.store.rows import CLOSED, NOW, OPENED, ROWS, begin_release

pytestmark = pytest.mark.both_databases

RELEASED = "UPDATE round SET released_at = '2026-09-01 08:00:00'"


def refused(store: Store, code: str, statement: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=code), store.writing() as tx:
        tx.exec_driver_sql(statement)


def done(store: Store, statement: str) -> None:
    with store.writing() as tx:
        tx.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "times",
    [
        "opens_at = NULL",
        "closes_at = opens_at",
        "closes_at = '2026-07-31 08:00:00'",
        "published_at = '2026-08-19 08:00:00'",
        "closes_at = NULL, published_at = '2026-08-21 08:00:00'",
        "released_at = '2026-08-20 07:59:59'",
        "closes_at = NULL, released_at = '2026-09-01 08:00:00'",
    ],
)
def test_a_round_opens_then_closes_then_is_published_then_released(store: Store, times: str) -> None:
    begin_release(store, release="")
    refused(store, "closes_later|published_after_closing|gongshi: round_disorder", f"UPDATE round SET {times}")
    columns, values = zip(*(each.split(" = ") for each in times.split(", ")), strict=True)
    fields = {"opens_at": f"'{OPENED}'", "closes_at": f"'{CLOSED}'", **dict(zip(columns, values, strict=True))}
    fields["closes_at"] = fields["closes_at"].replace("opens_at", fields["opens_at"])
    refused(
        store,
        "closes_later|published_after_closing|gongshi: round_disorder",
        f"INSERT INTO round (community, id, revision, document, created, modified, {', '.join(fields)})"
        f" VALUES ('c', 'r2', 1, '{{}}', '{NOW}', '{NOW}', {', '.join(fields.values())})",
    )


def test_a_round_in_order_is_taken(store: Store) -> None:
    begin_release(store, release="")
    done(store, f"UPDATE round SET published_at = '{CLOSED}', released_at = '{CLOSED}'")


@pytest.mark.parametrize("later", ["NULL", "'2026-09-02 08:00:00'"])
def test_that_a_round_was_released_is_not_taken_back(store: Store, later: str) -> None:
    begin_release(store)
    done(store, RELEASED)
    refused(store, "gongshi: round_taken_back", f"UPDATE round SET released_at = {later}")


@pytest.mark.parametrize(
    ("table", "statement", "code"),
    [
        ("round", ROWS["round"].replace(CLOSED, "2026-09-01 08:00:01"), "round_not_closed"),
        ("proposal", ROWS["proposal"].replace("true", "false"), "release_not_proved"),
        ("release", ROWS["release"].replace("'c', 1,", "'c', 2,"), "release_number_skipped"),
    ],
)
def test_no_release_of_an_open_round_without_proof_or_out_of_turn(
    store: Store, table: str, statement: str, code: str
) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"gongshi: {code}"):
        begin_release(store, **{table: statement})


def test_a_release_is_of_the_problem_that_was_proved(store: Store) -> None:
    begin_release(store, release="")
    done(store, f"INSERT INTO problem VALUES ('g', '{{}}', '{NOW}')")
    refused(store, "gongshi: release_not_proved", ROWS["release"].replace("'f'", "'g'"))


@pytest.mark.parametrize("number", [2, -1])
def test_no_version_is_skipped(store: Store, number: int) -> None:
    begin_release(store)
    refused(store, "gongshi: release_skipped", f"UPDATE community SET in_force = {number}")
    done(store, "UPDATE community SET in_force = 1")
    refused(store, "gongshi: release_skipped", "UPDATE community SET in_force = 0")
    refused(store, "gongshi: release_skipped", "UPDATE community SET in_force = 2")


def test_of_many_releases_at_once_one_has_the_number(store: Store) -> None:
    writers = 8
    begin_release(store, release="")
    together = Barrier(writers)

    def write(_: int) -> bool:
        together.wait(60)
        try:
            with store.engine.begin() as tx:
                tx.exec_driver_sql(ROWS["release"])
        except sa.exc.IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        assert sum(pool.map(write, range(writers))) == 1
