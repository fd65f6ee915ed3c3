"""Thirty and more kinds of faulty workbook: each named by its cell, with what it should be."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from api.workbook.cells import read_clock
from api.workbook.opened import MOST_ROWS, WorkbookError
from api.workbook.read import read_workbook
from api.workbook.write import write_workbook
from scheduler.problem import Problem, Series
from tests.factories import dated, problem, series, space

COLUMNS = {
    "人数": "D", "时长": "E", "每周次数": "F", "日期": "H", "开始日期": "I", "时段": "L", "空间": "M", "单位": "B",
    "噪声": "P", "优先级": "Q",
}  # fmt: skip


def world() -> Problem:
    """R1 every Monday in row 2, D1 once in row 3."""
    return problem(
        [series("R1", "MO 19:00-20:30!"), dated("D1", "2026-09-12", "SA 09:00-11:00!")],
        spaces=[space("S1"), space("S2", features=("piano",))],
    )


def edited(edit: Callable[[Workbook], None]) -> bytes:
    book = load_workbook(io.BytesIO(write_workbook(world())))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(place: str, value: Any) -> bytes:
    """The workbook with one cell of 申请 changed; the place by heading and row."""
    heading, row = place.split()
    return edited(lambda book: book["申请"].__setitem__(f"{COLUMNS.get(heading, heading)}{row}", value))


def faults(data: bytes) -> list[tuple[str, str]]:
    """(place, what it should be) of every fault."""
    with pytest.raises(WorkbookError) as told:
        read_workbook(data)
    for each in told.value.faults:
        assert each.expected.zh
        assert each.expected.en
    return [(each.place, each.expected.zh) for each in told.value.faults]


def test_the_columns_of_this_table_are_those_of_the_sheet() -> None:
    sheet = load_workbook(io.BytesIO(write_workbook(world())))["申请"]
    assert {heading: sheet[f"{column}1"].value for heading, column in COLUMNS.items()} == {h: h for h in COLUMNS}


def without(sheet: str) -> bytes:
    return edited(lambda book: book.remove(book[sheet]))


def renamed_heading(old: str, new: str) -> bytes:
    return edited(lambda book: book["申请"].__setitem__(f"{COLUMNS[old]}1", new))


def merged(book: Workbook) -> None:
    book["申请"].merge_cells("D2:D3")


def twice(book: Workbook) -> None:
    book["申请"].append([each.value for each in book["申请"][2]])


def error(book: Workbook) -> None:
    book["申请"]["D2"] = "#REF!"
    book["申请"]["D2"].data_type = "e"


def doubled_item(book: Workbook) -> None:
    book["中心"].append(["社区名称", "另一个"])


def unknown_item(book: Workbook) -> None:
    book["中心"].append(["时令", "x"])


def second_heading(book: Workbook) -> None:
    book["申请"]["Z1"] = "人数"


def backwards(book: Workbook) -> None:
    book["申请"]["I2"], book["申请"]["J2"] = "2026-09-14", "2026-09-08"


FAULTY: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "text for a number": (cell("人数 2", "许多"), [("申请!D2", "整数，如 30")]),
    "a fraction": (cell("人数 2", 2.5), [("申请!D2", "整数，如 30")]),
    "a number in words": (cell("时长 2", "九十"), [("申请!E2", "整数，如 30")]),
    "yes for a number": (cell("人数 2", True), [("申请!D2", "整数，如 30")]),
    "nothing where something is needed": (cell("人数 2", None), [("申请!D2", "不能空着：人数")]),
    "blanks where something is needed": (cell("人数 2", "  "), [("申请!D2", "不能空着：人数")]),
    "a date in words": (cell("日期 3", "十月一日"), [("申请!H3", "日期，如 2026-09-07")]),
    "a date that is none": (cell("日期 3", "2026-02-30"), [("申请!H3", "日期，如 2026-09-07")]),
    "a date the wrong way round": (cell("日期 3", "12/09/2026"), [("申请!H3", "日期，如 2026-09-07")]),
    "a number for a date": (cell("开始日期 2", 46277), [("申请!I2", "日期，如 2026-09-07")]),
    "hours without a day's end": (
        cell("时段 2", "周一 19:00"),
        [("申请!L2", "时段，如 周二、四 19:00-20:30 首选；周一 19:00-20:30 可以")],
    ),
    "a weekday that is none": (cell("时段 2", "周八 19:00-20:30"), [("申请!L2", "周几，如 周一、三 或 周一至周五")]),
    "an hour that is none": (cell("时段 2", "周一 19:75-20:30"), [("申请!L2", "钟点，如 19:00")]),
    "a kind of window that is none": (
        cell("时段 2", "周一 19:00-20:30 随便"),
        [("申请!L2", "时段，如 周二、四 19:00-20:30 首选；周一 19:00-20:30 可以")],
    ),
    "an error value": (edited(error), [("申请!D2", "单元格是错误值；请改为正确的内容")]),
    "a formula without a value": (cell("人数 2", "=1+1"), [("申请!D2", "公式没有算出值；请粘贴为数值")]),
    "merged cells": (
        edited(merged),
        [("申请!D2", "不要合并单元格；每一行都填上"), ("申请!D3", "不能空着：人数")],
    ),
    "no sheet": (without("申请"), [("申请", "缺少工作表“申请”")]),
    "no column": (
        renamed_heading("人数", ""),
        [("申请", "缺少“人数”列")],
    ),
    "a heading misspelt": (
        renamed_heading("人数", "人 数 量"),
        [("申请!D1", "可用的名称：人数"), ("申请", "缺少“人数”列")],
    ),
    "a heading twice": (edited(second_heading), [("申请!Z1", "同名的列只留一列")]),
    "an item of the centre that is none": (
        edited(unknown_item),
        [("中心!A16", "可用的名称：时区")],
    ),
    "an item of the centre twice": (edited(doubled_item), [("中心!A16", "“社区名称”只填一行")]),
    "JSON that is none": (cell("U 2", "{"), [("申请!U2", "JSON，如 {} 或 []")]),
    "JSON that is no object": (cell("U 2", "[1]"), [("申请!U2", "JSON 对象，如 {}")]),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_cell_is_named_with_what_it_should_be(name: str) -> None:
    data, told = FAULTY[name]
    assert faults(data) == told


MEANING: dict[str, tuple[bytes, str, str]] = {
    "an unknown applicant": (cell("单位 2", "O9"), "申请!B2", "O1"),
    "an unknown space": (cell("空间 2", "S1、S7"), "申请!M2", "S"),
    "an unknown class": (cell("优先级 2", "P9"), "申请!Q2", "P"),
    "a row twice": (edited(twice), "申请!A4", ""),
    "a negative number": (cell("人数 2", -3), "申请!D2", ""),
    "too large a number": (cell("噪声 2", 7), "申请!P2", ""),
    "a window shorter than the session": (cell("时长 2", 120), "申请!L2", ""),
    "a series without its number a week": (cell("每周次数 2", None), "申请!F2", ""),
    "dates the wrong way round": (edited(backwards), "申请!J2", ""),
    "a date for which no window is": (cell("日期 3", "2026-09-13"), "申请!L3", ""),
    "an unknown zone": (edited(lambda book: book["中心"].__setitem__("B4", "Asia/Qingdao")), "中心!B4", ""),
    "a rule of no kind": (
        edited(lambda book: book["规则"].append(["x", "noise_", "by-law", "{}"])),
        "规则!B2",
        "noise",
    ),
}


@pytest.mark.parametrize("name", MEANING)
def test_a_fault_of_meaning_stands_at_its_cell(name: str) -> None:
    data, place, hint = MEANING[name]
    told = faults(data)
    assert told[0][0] == place, told
    assert hint in told[0][1]


def test_several_faults_are_told_at_once() -> None:
    def spoil(book: Workbook) -> None:
        book["申请"]["D2"], book["申请"]["H3"], book["空间"]["A2"] = "x", "y", None

    assert [place for place, _ in faults(edited(spoil))] == ["空间!A2", "申请!D2", "申请!H3"]


def not_a_workbook(data: bytes) -> str:
    [(place, expected)] = faults(data)
    assert place == ""
    return expected


def test_files_that_are_no_workbooks() -> None:
    assert "不是 Excel 工作簿" in not_a_workbook(b"")
    assert "不是 Excel 工作簿" in not_a_workbook("编号,名称\n1,二\n".encode())
    assert "已加密" in not_a_workbook(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "不是 Excel 工作簿" in not_a_workbook(other.getvalue())
    whole = write_workbook(world())
    assert "不是 Excel 工作簿" in not_a_workbook(whole[: len(whole) // 2])
    assert "文件过大" in not_a_workbook(b"PK" + bytes(11_000_000))


def with_entry(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_workbook(world()))) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_a_zip_bomb_is_not_opened() -> None:
    began = time.monotonic()
    bomb = with_entry("xl/worksheets/sheet2.xml", b"<x>" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    assert "压缩炸弹" in not_a_workbook(bomb)
    assert time.monotonic() - began < 30


def test_entities_are_not_expanded() -> None:
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    assert "不允许的声明" in not_a_workbook(with_entry("xl/worksheets/sheet2.xml", text))


def test_a_damaged_sheet() -> None:
    assert "可能已损坏" in not_a_workbook(with_entry("xl/worksheets/sheet2.xml", b"<worksheet><sheetData><row>"))


def test_ten_thousand_rows() -> None:
    def fill(book: Workbook) -> None:
        for number in range(10_000):
            book["组织"].append([f"N{number}", "x", None, "P3"])

    assert faults(edited(fill)) == [(f"组织!A{MOST_ROWS + 2}", f"不超过 {MOST_ROWS} 行，请拆分")]


# What is odd, and understood all the same.


def understood(data: bytes) -> Problem:
    return read_workbook(data).problem


def test_full_width_digits_and_signs() -> None:
    assert understood(cell("人数 2", "１０")) == world()
    assert understood(cell("时段 2", "周一　１９：００－２０：３０　固定")) == world()
    assert understood(cell("空间 2", "Ｓ１")) == world()


def test_numbers_as_text_and_as_fractions_of_nothing() -> None:
    assert understood(cell("人数 2", "10")) == world()
    assert understood(cell("人数 2", 10.0)) == world()


@pytest.mark.parametrize("written", ["2026-09-12", "2026/9/12", "2026年9月12日", "2026.9.12", datetime(2026, 9, 12)])  # noqa: DTZ001 - as Excel has it
def test_dates_as_people_write_them(written: Any) -> None:
    assert understood(cell("日期 3", written)) == world()


def test_weekdays_as_people_write_them() -> None:
    for text in ("周一至周三 19:00-20:30 首选", "星期一、二、三 19:00-20:30首选", "周一、周二、周三 19:00~20:30 首选"):
        [request, _] = understood(cell("时段 2", text)).requests
        assert [(each.days, each.kind) for each in request.windows] == [(("MO", "TU", "WE"), "preferred")]
    [request, _] = understood(cell("时段 2", "周一 22:00-24:30；周五至周日 19:00-20:30")).requests
    assert [(each.days, each.ends) for each in request.windows] == [(("MO",), "24:30"), (("FR", "SA", "SU"), "20:30")]


def test_trailing_blank_rows_hidden_rows_and_examples() -> None:
    def clutter(book: Workbook) -> None:
        sheet = book["申请"]
        sheet["A9"] = "   "
        sheet.row_dimensions[3].hidden = True
        sheet.append(["示例1", "随便", "什么"])

    assert understood(edited(clutter)) == world()


def test_columns_in_another_order() -> None:
    def turn(book: Workbook) -> None:
        sheet = book["用途"]
        for row in sheet.iter_rows():
            row[0].value, row[1].value = row[1].value, row[0].value

    assert understood(edited(turn)) == world()


def test_times_that_excel_made_of_text() -> None:
    assert [read_clock(each) for each in (clock(9, 5), timedelta(hours=24, minutes=30), "9:05", "09:05:00")] == [
        "09:05", "24:30", "09:05", "09:05",
    ]  # fmt: skip


def test_a_formula_with_its_value_is_its_value() -> None:
    """Excel stores the value beside the formula; openpyxl writes none, so it is put in by hand."""
    data = cell("人数 2", "=5+5")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, re.sub(rb"<f>5\+5</f><v ?/?>(</v>)?", b"<f>5+5</f><v>10</v>", old.read(entry)))
    assert understood(out.getvalue()) == world()


def test_the_world_has_a_series() -> None:
    assert isinstance(world().requests[0].when, Series)
