"""CSV and the data dictionary; the template; what a spreadsheet would take for a formula is text."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from api.flow.calendars import calendars_of
from api.workbook.opened import WorkbookError
from api.workbook.read import read_workbook
from api.workbook.sheets import SHEETS
from api.workbook.tables import dictionary, from_csv, tables, to_csv
from api.workbook.template import write_template
from api.workbook.write import write_workbook
from tests.journeys.centre import centre

TEXTS = ["=1+1", "+86", "-3", "@x", "\tx", "'quoted", "''", "plain", "", "a,b\r\nc", "周一；“二”"]


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_text_and_comes_back(text: str) -> None:
    data = to_csv([[text]])
    assert from_csv(data) == [[text]] if text else from_csv(data) in ([[""]], [[]])
    assert data[3:4] not in (b"=", b"+", b"-", b"@", b"\t")


def test_every_sheet_is_a_table_with_all_its_rows() -> None:
    found = tables(write_workbook(centre()))
    assert {name: len(from_csv(data)) - 1 for name, data in found.items()} == {
        "centre.csv": 8 + 6 + 4 + 1 + 1 + 1 + 43, "spaces.csv": 16, "applicants.csv": 40, "uses.csv": 25,
        "requests.csv": 121, "rules.csv": 14,
    }  # fmt: skip


def test_the_dictionary_tells_every_column_in_both_languages() -> None:
    rows = from_csv(dictionary())[1:]
    for sheet in SHEETS:
        told = [row for row in rows if row[0] == sheet.name]
        assert [row[1] for row in told] == [column.heading for column in sheet.columns]
        assert all(row[6] for row in told)


def test_the_calendars_to_begin_with() -> None:
    """2026 is announced: Sun 20 Sep counts as Friday for schools; 2027 is not, and says so."""
    always, school, _, leisure = calendars_of((2026, 2027))
    assert (always.days_off, school.counts_as["2026-09-20"], leisure.counts_as) == ((), "FR", {})
    assert date(2026, 10, 1) in leisure.days_off
    assert school.provisional_years == (2027,)


def test_the_template_is_filled_in_and_read() -> None:
    """As somebody would: the six empty cells of 中心, a room, a group, a use and a wish below the examples."""
    book = load_workbook(io.BytesIO(write_template(calendars_of((2026,)))))
    for row, value in ((2, "new"), (3, "新社区"), (6, "2026-09-07"), (7, "2026-11-29")):
        book["中心"][f"B{row}"] = value
    book["中心"].delete_rows(4)
    book["空间"].append(["S1", "教室", None, "C1", 1, None, None, "classroom 30", None, None, "每天 08:00-21:00"])
    book["组织"].append(["O1", "读书会", None, "P3"])
    book["用途"].append(["U1", "读书", None, "term", 1, "leisure"])
    wish = ["R1", "O1", "U1", 12, 90, 1, None, None, None, None, "leisure"]
    book["申请"].append([*wish, "周二 19:00-20:30 首选", "S1", "classroom", None, 1, "P3"])
    out = io.BytesIO()
    book.save(out)
    found = read_workbook(out.getvalue())
    assert found.counts == {"空间": 1, "组织": 1, "用途": 1, "申请": 1, "规则": 0}
    assert found.problem.requests[0].windows[0].days == ("TU",)


def test_the_empty_template_says_what_is_missing() -> None:
    with pytest.raises(WorkbookError) as told:
        read_workbook(write_template(calendars_of((2026,))))
    assert [each.place for each in told.value.faults] == ["中心!B2", "中心!B3", "中心!B4", "中心!B6", "中心!B7"]


def test_the_template_has_drop_downs_and_explanations() -> None:
    sheet = load_workbook(io.BytesIO(write_template(calendars_of((2026,)))))["申请"]
    lists = [each.formula1 for each in sheet.data_validations.dataValidation]
    assert '"fix,P1,P2,P3,P4,P5"' in lists
    assert '"always,school,office,leisure"' in lists
    assert sheet["L1"].comment is not None
