"""Objections: while the publicity runs, by anybody, answered once; a release waits for both."""

# ruff: noqa: S608 - raw SQL, made of constants of this file
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.errors import Refused
from api.flow.objections import MOST_OBJECTIONS, answer, object_to, why_not_yet
from api.flow.rounds import Deed
from api.store import Store, publicity
from api.store.tables import objection

pytestmark = pytest.mark.both_databases
BEGAN = datetime(2026, 9, 1, 2, tzinfo=UTC)
ENDS = BEGAN + timedelta(days=3)
BEFORE, LAST = BEGAN - timedelta(seconds=1), ENDS - timedelta(seconds=1)
DEED = Deed("token", LAST)


@pytest.fixture
def do(store: Store) -> Callable[..., Any]:
    """Run a function in a transaction, on a community `c` whose plan is publicised as `pub`."""
    now = "2026-08-01 08:00:00"
    with store.writing() as tx:
        for statement in (
            f"INSERT INTO community VALUES ('c', 1, '{{}}', 0, '{now}', '{now}')",
            f"INSERT INTO community VALUES ('d', 1, '{{}}', 0, '{now}', '{now}')",
            f"INSERT INTO problem VALUES ('f', '{{}}', '{now}')",
            "INSERT INTO round (community, id, revision, document, created, modified)"
            f" VALUES ('c', 'r', 1, '{{}}', '{now}', '{now}')",
            f"INSERT INTO proposal VALUES ('p', 'c', 'r', 'f', '{{}}', '{{}}', true, '{now}')",
        ):
            tx.exec_driver_sql(statement)
        publicity.add_publicity(tx, "c", "r", id="pub", proposal="p", starts_at=BEGAN, ends_at=ENDS, caller="token")

    def run(act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with store.writing() as tx:
            return act(tx, *arguments, **named)

    return run


def only(do: Callable[..., Any]) -> Any:
    [row] = do(publicity.objections, "c", "r")
    return row


def test_objections_come_while_it_runs(do: Callable[..., Any]) -> None:
    for moment in (BEFORE, ENDS):
        with pytest.raises(Refused, match="publicity_over"):
            do(object_to, "c", "pub", author="", text="太晚", now=moment)
    assert [do(object_to, "c", "pub", author="", text="太晚", now=moment) for moment in (BEGAN, LAST)] == [1, 2]


@pytest.mark.parametrize(
    ("community", "id", "author", "text"),
    [
        ("c", "pub", "", ""),
        ("c", "pub", "", " \n"),
        ("c", "pub", "", "x" * 2001),
        ("c", "pub", "x" * 101, "太晚"),
        ("c", "other", "", "太晚"),
        ("d", "pub", "", "太晚"),
    ],
)
def test_what_is_no_objection_is_not_kept(
    do: Callable[..., Any], community: str, id: str, author: str, text: str
) -> None:
    with pytest.raises(Refused):
        do(object_to, community, id, author=author, text=text, now=LAST)
    assert do(publicity.objections, "c", "r") == []


def test_an_objection_keeps_who_what_and_when(do: Callable[..., Any]) -> None:
    do(object_to, "c", "pub", author=" 王阿姨 ", text=" 周三太晚 \n", now=LAST)
    row = only(do)
    assert (row.author, row.text, row.at, row.number, row.answer) == ("王阿姨", "周三太晚", LAST, 1, None)


def test_an_answer_is_given_once_and_says_something(do: Callable[..., Any]) -> None:
    do(object_to, "c", "pub", author="", text="太晚", now=LAST)
    id = only(do).id
    with pytest.raises(Refused, match="bad_request"):
        do(answer, "c", id, "  ", deed=DEED)
    for community, other in (("c", "objection-x"), ("d", id)):
        with pytest.raises(Refused, match="not_found"):
            do(answer, community, other, "已改到周四", deed=DEED)
    do(answer, "c", id, "已改到周四", deed=DEED)
    assert (only(do).answer, only(do).answered_by, only(do).answered_at) == ("已改到周四", "token", LAST)
    with pytest.raises(Refused, match="conflict"):
        do(answer, "c", id, "又改了", deed=DEED)


def test_a_release_waits_for_the_end_and_for_the_answers(do: Callable[..., Any]) -> None:
    def code(round: str, now: datetime) -> str | None:
        why = do(why_not_yet, "c", round, now)
        return why.code if why is not None else None

    assert (code("r", LAST), code("r", ENDS), code("s", LAST)) == ("publicity_running", None, None)
    do(object_to, "c", "pub", author="", text="太晚", now=LAST)
    assert (code("r", LAST), code("r", ENDS)) == ("publicity_running", "objections_unanswered")
    do(answer, "c", only(do).id, "已改", deed=DEED)
    assert code("r", ENDS) is None


def test_a_later_publicity_counts_and_old_objections_still_do(do: Callable[..., Any]) -> None:
    do(object_to, "c", "pub", author="", text="太晚", now=BEGAN)
    later = {"starts_at": BEGAN + timedelta(days=1), "ends_at": BEGAN + timedelta(days=2), "caller": "token"}
    do(publicity.add_publicity, "c", "r", id="pub2", proposal="p", **later)
    assert do(why_not_yet, "c", "r", LAST).code == "objections_unanswered"


def test_the_open_form_does_not_fill_the_disk(do: Callable[..., Any], store: Store) -> None:
    with store.writing() as tx:
        rows = [
            {"id": f"o{n}", "publicity": "pub", "number": n, "author": "", "text": "x", "at": BEGAN}
            for n in range(1, MOST_OBJECTIONS + 1)
        ]
        tx.execute(objection.insert(), rows)
    with pytest.raises(Refused, match="busy"):
        do(object_to, "c", "pub", author="", text="太晚", now=LAST)
    assert len(do(publicity.objections, "c", "r")) == MOST_OBJECTIONS


@pytest.mark.parametrize("table", ["publicity", "objection", "objection_answer"])
def test_what_people_said_is_never_changed(do: Callable[..., Any], store: Store, table: str) -> None:
    do(object_to, "c", "pub", author="", text="太晚", now=LAST)
    do(answer, "c", only(do).id, "已改", deed=DEED)
    column = "round" if table == "publicity" else "text"
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.IntegrityError, match="append_only"), store.writing() as tx:
            tx.exec_driver_sql(statement)
