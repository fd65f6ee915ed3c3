"""Last term's timetable, accepted as this term's wishes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from api.workbook.last_term import COLUMNS
from api.workbook.opened import WorkbookError
from api.workbook.read import read_workbook
from api.workbook.write import write_workbook
from scheduler.problem import Series
from scheduler.solve import Solved, solve
from tests.factories import problem, series, space


def with_rows(*rows: tuple[Any, ...]) -> bytes:
    world = problem(
        [series("R1", "MO 19:00-20:30!")], spaces=[space("S1", layouts={"small": 8, "room": 30}), space("S2")]
    )
    book = load_workbook(io.BytesIO(write_workbook(world)))
    sheet = book.create_sheet("上期课表")
    sheet.append([column.heading for column in COLUMNS])
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_session_of_last_term_is_a_wish_for_the_same_hours_in_the_same_space() -> None:
    found = read_workbook(with_rows(("O1", "U1", 12, "周二、四", "19:00", "20:30", "S1"), ("示例1", "x")))
    [_, wish] = found.problem.requests
    assert isinstance(wish.when, Series)
    assert (wish.id, wish.when.per_week, wish.minutes, wish.spaces) == ("LAST2", 2, 90, ("S1",))
    assert (wish.layouts, wish.priority, wish.when.calendar) == (("room",), "P3", "always")
    assert (wish.windows[0].days, wish.windows[0].kind) == (("TU", "TH"), "preferred")
    outcome = solve(found.problem, time_limit=20)
    assert isinstance(outcome, Solved)
    assert [s.weekday for s in outcome.timetable.sessions if s.request == "LAST2"] == ["TU", "TH"]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("O1", "U1", "许多", "周二", "19:00", "20:30", "S1"), "上期课表!C2"),
        (("O1", "U1", 12, "周八", "19:00", "20:30", "S1"), "上期课表!D2"),
        (("O1", "U1", 12, "周二", "19:00", "18:30", "S1"), "上期课表!F2"),
        (("O1", "U1", 12, "周二", "19:00", None, "S1"), "上期课表!F2"),
        (("O9", "U1", 12, "周二", "19:00", "20:30", "S1"), "上期课表!A2"),
        (("O1", "U9", 12, "周二", "19:00", "20:30", "S1"), "上期课表!B2"),
        (("O1", "U1", 12, "周二", "19:00", "20:30", "S9"), "上期课表!G2"),
    ],
)
def test_faulty_rows_are_named_by_their_cell(row: tuple[Any, ...], place: str) -> None:
    with pytest.raises(WorkbookError) as told:
        read_workbook(with_rows(row))
    assert told.value.faults[0].place == place
